/**
 * The ladder: which layer may import which.
 *
 * A file belongs to the longest entry that its path begins with. `node` says that it is a shell,
 * which may touch the operating system; `packages` are npm packages beyond `scapy-ts`.
 */

/** One layer. */
export interface Layer {
  readonly path: string;
  /** Paths of the layers that it may import beside itself. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  readonly node: boolean;
}

/** An import that the ladder forbids. */
export interface Breach {
  readonly file: string;
  readonly layer: string;
  readonly specifier: string;
  readonly rule: string;
}

/** Source text by path relative to the root. */
export type Sources = ReadonlyMap<string, string>;

function pure(path: string, imports: readonly string[], packages: readonly string[] = []): Layer {
  return { path, imports, packages: ['scapy-ts', ...packages], node: false };
}

function shell(path: string, imports: readonly string[], packages: readonly string[] = []): Layer {
  return { ...pure(path, imports, packages), node: true };
}

const JUDGE = ['catalogue', 'driver', 'verdict', 'traffic', 'observe'].map(
  (name) => `conformance/${name}`,
);

/** A door between the judge and the accused: the switch. */
const IN_PROCESS = 'conformance/drivers/in-process.ts';
/** What that door is made of. */
const EMBEDDED = 'conformance/drivers/embedded';
/** Shows the accused at work, and judges nothing. */
const LAB_COMMAND = 'conformance/cli/commands/lab.ts';

/** Simulates ways of choosing a backend, and judges nothing. */
const STUDY_COMMAND = 'conformance/cli/commands/study.ts';

/** A program that is started, and all of it ended. */
const CHILD = 'conformance/drivers/child';

/** The same for a switch that an agent commands, whatever the switch is made of. */
const AGENT_DOOR = 'conformance/drivers/agent';
/** The same for the switch in P4: the model here, the real one behind gRPC. */
const P4_DOOR = 'conformance/drivers/p4';

/** The same for the core in Verilog, simulated. */
const NETFPGA_DOOR = 'conformance/drivers/netfpga';

/** The other door: a whole Prism in virtual time. */
const SIM = 'conformance/drivers/sim';
/** The same on this kernel. */
const LAB = 'conformance/drivers/lab';
/** The test bed of server switches in virtual time: hosts, clients, captures. */
const VIRTUAL_BED = 'conformance/drivers/virtual-bed';
/** The test bed of server switches on this kernel, around any program. */
const BALANCER_LAB = 'conformance/drivers/balancer-lab';
/** The door to the server switch, on that bed. */
const BALANCER_LAB_REFERENCE = 'conformance/drivers/balancer-lab/reference';
/** The door to the server switch, in virtual time. */
const BALANCER_SIM = 'conformance/drivers/balancer-sim';
/** The door to the whole Prism as a URL switch, in virtual time. */
const URL_SWITCH_SIM = 'conformance/drivers/url-switch-sim';

/** What the layers that speak to the switch know of it. */
const SWITCHED = ['reference/tcp', 'reference/rules', 'reference/control'];

/** The layers of the tree, the lowest first. */
export const LADDER: readonly Layer[] = [
  { path: 'reference/scapy-ts', imports: [], packages: [], node: false },
  pure('reference/tcp', []),
  pure('reference/rules', ['reference/tcp']),
  pure('reference/http', []),
  pure('reference/cache', ['reference/http']),
  pure('reference/control', ['reference/tcp', 'reference/rules']),
  pure('reference/switch', ['reference/tcp', 'reference/rules', 'reference/control']),
  pure('reference/policy', ['reference/http'], ['hash-wasm', 'murmur-hash']),
  pure('reference/balancer', [...SWITCHED, 'reference/switch', 'reference/policy']),
  pure('reference/handoff', [...SWITCHED, 'reference/policy'], ['cborg', 'zod']),
  pure('reference/owner', ['reference/tcp', 'reference/rules', 'reference/http']),
  pure('reference/controller', [
    ...SWITCHED,
    'reference/cache',
    'reference/owner',
    'reference/http',
    'reference/policy',
    'reference/handoff',
  ]),
  pure('reference/backend', [
    ...SWITCHED,
    'reference/owner',
    'reference/http',
    'reference/policy',
    'reference/handoff',
  ]),
  pure('reference/sim/network', []),
  pure('reference/sim/tcp', ['reference/tcp', 'reference/rules']),
  pure('reference/sim', [
    'reference/tcp',
    'reference/rules',
    'reference/sim/network',
    'reference/sim/tcp',
  ]),
  pure('reference/sim/prism', [
    ...SWITCHED,
    'reference/switch',
    'reference/http',
    'reference/policy',
    'reference/handoff',
    'reference/owner',
    'reference/controller',
    'reference/backend',
    'reference/sim',
    'reference/sim/network',
    'reference/sim/tcp',
  ]),
  pure('reference/health', [
    'reference/http',
    'reference/policy',
    'reference/balancer',
    'reference/sim/network',
  ]),
  pure(
    'reference/balancer/document',
    ['reference/policy', 'reference/balancer', 'reference/health'],
    ['yaml', 'zod'],
  ),
  pure('reference/sim/balancer', [
    'reference/tcp',
    'reference/rules',
    'reference/switch',
    'reference/http',
    'reference/policy',
    'reference/balancer',
    'reference/balancer/document',
    'reference/health',
    'reference/sim',
    'reference/sim/network',
    'reference/sim/tcp',
  ]),
  pure('reference/study', ['reference/policy', 'reference/health', 'reference/sim/network']),
  pure(
    'reference/study/page',
    ['reference/study'],
    ['echarts/charts', 'echarts/components', 'echarts/core', 'echarts/renderers'],
  ),
  shell('reference/study/host', ['reference/study']),
  shell('reference/host', ['reference/tcp', 'reference/rules'], ['koffi']),
  shell('reference/host/bpf', [...SWITCHED, 'reference/switch', 'reference/host']),
  shell('reference/host/ring', [
    ...SWITCHED,
    'reference/switch',
    'reference/host',
    'reference/host/bpf',
  ]),
  shell(
    'reference/host/prism',
    [
      ...SWITCHED,
      'reference/policy',
      'reference/balancer/document',
      'reference/health',
      'reference/handoff',
      'reference/owner',
      'reference/controller',
      'reference/backend',
      'reference/host',
      'reference/host/bpf',
      'reference/host/ring',
    ],
    ['yaml', 'zod'],
  ),
  shell(
    'reference/host/balancer',
    [
      'reference/balancer',
      'reference/balancer/document',
      'reference/sim/network',
      'reference/sim/balancer',
      'reference/host',
      'reference/host/bpf',
      'reference/host/ring',
    ],
    ['prom-client'],
  ),
  shell(
    'reference/host/laboratory',
    [
      'reference/rules',
      'reference/control',
      'reference/handoff',
      'reference/host',
      'reference/host/bpf',
      'reference/host/prism',
    ],
    ['prom-client', 'zod'],
  ),

  pure('hardware/entry.ts', []),
  pure('hardware/capture.ts', []),
  pure('hardware/product', ['conformance/driver']),
  shell('hardware/product/serve.ts', ['conformance/driver', 'hardware/product']),
  ...['haproxy', 'nginx', 'nftables'].map((name) =>
    shell(`hardware/${name}`, [
      'conformance/driver',
      'hardware/product',
      'hardware/product/serve.ts',
    ]),
  ),
  shell('hardware/keepalived', [
    'conformance/driver',
    'hardware/product',
    'hardware/product/serve.ts',
    'hardware/haproxy',
    'hardware/nftables',
  ]),
  pure('hardware/agent', [...SWITCHED, 'reference/switch', 'hardware/entry.ts']),
  pure('hardware/p4runtime', ['hardware/entry.ts'], ['zod']),
  shell(
    'hardware/p4runtime/grpc',
    ['hardware/p4runtime', 'hardware/entry.ts'],
    ['@grpc/grpc-js', '@grpc/proto-loader', 'zod'],
  ),
  pure('hardware/bmv2/model', ['hardware/p4runtime', 'hardware/entry.ts'], ['zod']),
  pure('hardware/bmv2/defects', []),
  pure('hardware/bmv2/agent', ['reference/rules', 'hardware/agent', 'hardware/entry.ts']),
  shell('hardware/bmv2/program.ts', ['hardware/bmv2/model']),
  shell('hardware/bmv2/host', [
    'reference/rules',
    'reference/control',
    'reference/switch',
    'reference/host/ring',
    'reference/host/prism',
    'reference/host/laboratory',
    'hardware/entry.ts',
    'hardware/capture.ts',
    'hardware/agent',
    'hardware/p4runtime',
    'hardware/p4runtime/grpc',
    'hardware/bmv2/model',
    'hardware/bmv2/agent',
    'hardware/bmv2/program.ts',
  ]),

  pure('hardware/netfpga/driver', ['reference/rules', 'hardware/entry.ts', 'hardware/agent']),
  shell('hardware/netfpga/sim', ['hardware/netfpga/driver'], ['koffi']),
  pure('hardware/netfpga/defects', []),
  shell('hardware/netfpga/formal', []),
  shell('hardware/netfpga/synth', [], ['@yowasp/yosys', 'yaml', 'zod']),
  pure(
    'hardware/netfpga/board/vectors',
    [...SWITCHED, 'reference/switch', 'hardware/agent', 'hardware/netfpga/driver'],
    ['zod'],
  ),
  shell('hardware/netfpga/board', [
    'reference/host',
    'hardware/capture.ts',
    'hardware/netfpga/driver',
    'hardware/netfpga/board/vectors',
  ]),
  shell('hardware/netfpga/host', [
    'reference/rules',
    'reference/control',
    'reference/host/ring',
    'reference/host/prism',
    'reference/host/laboratory',
    'hardware/capture.ts',
    'hardware/agent',
    'hardware/netfpga/driver',
    'hardware/netfpga/sim',
    'hardware/netfpga/board/vectors',
  ]),
  shell('hardware/netfpga/board/nftest', [
    'reference/host',
    'reference/host/ring',
    'hardware/netfpga/driver',
    'hardware/netfpga/sim',
    'hardware/netfpga/host',
  ]),

  pure('conformance/catalogue', []),
  pure('conformance/driver', JUDGE.slice(0, 1)),
  pure('conformance/document', ['conformance/driver'], ['yaml', 'zod']),
  pure('conformance/verdict', JUDGE.slice(0, 2)),
  pure('conformance/traffic', JUDGE.slice(0, 3), ['fast-check']),
  pure('conformance/observe', JUDGE.slice(0, 4)),
  pure('conformance/check', JUDGE),
  pure('conformance/system', [...JUDGE, 'conformance/check']),
  pure('conformance/balancer', [...JUDGE, 'conformance/system']),
  pure('conformance/defects', JUDGE),
  pure('conformance/run', JUDGE, ['@cucumber/gherkin', '@cucumber/messages']),
  pure(
    'conformance/baseline',
    [...JUDGE, 'conformance/document', 'conformance/run'],
    ['semver', 'yaml', 'zod'],
  ),
  pure(
    'conformance/bundle',
    [...JUDGE, 'conformance/document', 'conformance/run'],
    ['fflate', 'zod'],
  ),
  pure(
    'conformance/report',
    [...JUDGE, 'conformance/check', 'conformance/defects', 'conformance/run'],
    ['zod'],
  ),
  shell(CHILD, []),
  shell(
    'conformance/drivers',
    [
      'conformance/document',
      ...JUDGE.slice(0, 4),
      CHILD,
      IN_PROCESS,
      P4_DOOR,
      NETFPGA_DOOR,
      SIM,
      LAB,
      BALANCER_LAB,
      BALANCER_LAB_REFERENCE,
      BALANCER_SIM,
      URL_SWITCH_SIM,
    ],
    ['zod'],
  ),
  {
    path: SIM,
    imports: [
      ...JUDGE.slice(0, 4),
      'reference/control',
      'reference/policy',
      'reference/handoff',
      'reference/http',
      'reference/tcp',
      'reference/sim',
      'reference/sim/network',
      'reference/sim/tcp',
      'reference/sim/prism',
    ],
    packages: ['scapy-ts'],
    node: false,
  },
  pure(VIRTUAL_BED, [
    ...JUDGE.slice(0, 4),
    'reference/policy',
    'reference/health',
    'reference/sim',
    'reference/sim/network',
    'reference/sim/tcp',
    'reference/sim/prism',
    SIM,
  ]),
  pure(BALANCER_SIM, [
    ...JUDGE.slice(0, 4),
    'reference/policy',
    'reference/balancer',
    'reference/health',
    'reference/sim',
    'reference/sim/balancer',
    'reference/sim/network',
    'reference/sim/tcp',
    SIM,
    VIRTUAL_BED,
  ]),
  pure(URL_SWITCH_SIM, [
    ...JUDGE.slice(0, 4),
    'reference/rules',
    'reference/switch',
    'reference/http',
    'reference/policy',
    'reference/controller',
    'reference/backend',
    'reference/health',
    'reference/sim',
    'reference/sim/balancer',
    'reference/sim/network',
    'reference/sim/tcp',
    'reference/sim/prism',
    SIM,
    VIRTUAL_BED,
  ]),
  shell(
    LAB,
    [
      ...JUDGE.slice(0, 4),
      ...SWITCHED,
      'reference/handoff',
      'reference/sim',
      'reference/sim/network',
      'reference/sim/tcp',
      'reference/host',
      'reference/host/bpf',
      'reference/host/ring',
      'reference/host/prism',
      'reference/host/laboratory',
      SIM,
    ],
    ['zod'],
  ),
  shell(
    BALANCER_LAB,
    [
      ...JUDGE.slice(0, 4),
      'conformance/balancer',
      'reference/sim/network',
      'reference/sim/tcp',
      'reference/host',
      'reference/host/bpf',
      'reference/host/balancer',
      CHILD,
      LAB,
      VIRTUAL_BED,
    ],
    ['zod'],
  ),
  shell(BALANCER_LAB_REFERENCE, [
    ...JUDGE.slice(0, 2),
    'reference/balancer/document',
    'reference/host/balancer',
    BALANCER_LAB,
    BALANCER_SIM,
    VIRTUAL_BED,
  ]),
  {
    path: EMBEDDED,
    imports: ['conformance/driver', 'reference/rules', 'reference/control'],
    packages: ['scapy-ts'],
    node: false,
  },
  pure(AGENT_DOOR, [
    ...JUDGE.slice(0, 2),
    EMBEDDED,
    'reference/control',
    'hardware/entry.ts',
    'hardware/agent',
  ]),
  shell(P4_DOOR, [
    ...JUDGE.slice(0, 2),
    CHILD,
    AGENT_DOOR,
    'hardware/entry.ts',
    'hardware/agent',
    'hardware/p4runtime',
    'hardware/p4runtime/grpc',
    'hardware/bmv2/model',
    'hardware/bmv2/agent',
    'hardware/bmv2/program.ts',
  ]),
  pure(NETFPGA_DOOR, [
    ...JUDGE.slice(0, 2),
    AGENT_DOOR,
    'hardware/netfpga/driver',
    'hardware/netfpga/sim',
  ]),
  {
    path: IN_PROCESS,
    imports: [
      ...JUDGE.slice(0, 4),
      'reference/rules',
      'reference/control',
      'reference/switch',
      EMBEDDED,
    ],
    packages: ['scapy-ts'],
    node: false,
  },
  shell(
    'conformance/cli',
    [
      ...JUDGE,
      'conformance/check',
      'conformance/defects',
      'conformance/run',
      'conformance/baseline',
      'conformance/bundle',
      'conformance/report',
      'conformance/system',
      'conformance/balancer',
      'conformance/drivers',
      IN_PROCESS,
      LAB_COMMAND,
      STUDY_COMMAND,
    ],
    ['commander', '@cucumber/cucumber/api'],
  ),
  shell(LAB_COMMAND, [
    'conformance/verdict',
    'conformance/cli',
    'reference/host',
    'reference/host/bpf',
    'reference/host/laboratory',
    'hardware/bmv2/host',
    'hardware/netfpga/host',
  ]),
  shell(STUDY_COMMAND, [
    'conformance/verdict',
    'conformance/cli',
    'reference/policy',
    'reference/study',
    'reference/study/page',
    'reference/study/host',
  ]),

  pure(
    'features/support',
    [...JUDGE, 'conformance/run', 'conformance/bundle', 'conformance/system'],
    ['@cucumber/cucumber', 'fast-check'],
  ),
  // A bare cucumber-js has no command line to open a device for it.
  pure(
    'features/support/hooks.ts',
    [...JUDGE, 'conformance/run', IN_PROCESS, 'conformance/drivers', 'features/support'],
    ['@cucumber/cucumber'],
  ),
  pure(
    'features/support/system/hooks.ts',
    [
      ...JUDGE,
      'conformance/run',
      'conformance/bundle',
      'conformance/system',
      SIM,
      'features/support',
    ],
    ['@cucumber/cucumber'],
  ),
  pure(
    'features/support/balancer',
    [...JUDGE, 'conformance/run', 'conformance/system', 'conformance/balancer', 'features/support'],
    ['@cucumber/cucumber', 'fast-check'],
  ),
  pure(
    'features/support/balancer/hooks.ts',
    [
      'conformance/run',
      'conformance/bundle',
      'conformance/balancer',
      BALANCER_SIM,
      'features/support',
      'features/support/balancer',
    ],
    ['@cucumber/cucumber'],
  ),
  pure(
    'features/steps',
    [...JUDGE, 'conformance/run', 'conformance/system', 'features/support'],
    ['@cucumber/cucumber', 'fast-check'],
  ),
  pure(
    'features/steps/balancer',
    [
      ...JUDGE,
      'conformance/system',
      'conformance/balancer',
      'features/support',
      'features/support/balancer',
    ],
    ['@cucumber/cucumber'],
  ),
];

/** The layer of a file, or undefined when the ladder does not speak of it. */
export function layerOf(file: string): Layer | undefined {
  return LADDER.filter(({ path }) => file === path || file.startsWith(`${path}/`)).toSorted(
    (a, b) => b.path.length - a.path.length,
  )[0];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/gu;

/** What a source text imports. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** `a/b/../c` without its dots. */
function resolveFrom(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function ruleBroken(file: string, layer: Layer, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = layerOf(resolveFrom(file, specifier));
    if (target === undefined) return 'imports what is in no layer';
    if (target.path === layer.path || layer.imports.includes(target.path)) return undefined;
    return `may not import ${target.path}`;
  }
  if (specifier.startsWith('node:')) {
    return layer.node ? undefined : 'only a shell may import node:*';
  }
  return layer.packages.includes(specifier) ? undefined : `may not import the package ${specifier}`;
}

/** Every import in `sources` that the ladder forbids. */
export function breaches(sources: Sources): readonly Breach[] {
  return [...sources].flatMap(([file, text]): readonly Breach[] => {
    const layer = layerOf(file);
    if (layer === undefined) return [];
    return importsOf(text).flatMap((specifier): readonly Breach[] => {
      const rule = ruleBroken(file, layer, specifier);
      return rule === undefined ? [] : [{ file, layer: layer.path, specifier, rule }];
    });
  });
}

/** The test bed of server switches on this kernel, around nftables: what it tells of stories. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { formatMac, layer, parse, PROTOCOL } from 'scapy-ts';
import { execute } from '../../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../../conformance/cli/suite.ts';
import { packetsOf } from '../../../../conformance/balancer/packet.ts';
import type {
  Balancer,
  BalancerObservation,
  BalancerStory,
  Happening,
  VirtualService,
  Visitor,
  VisitorLine,
} from '../../../../conformance/driver/balancer.ts';
import {
  openBalancerProgram,
  type ProgramTarget,
} from '../../../../conformance/drivers/balancer-lab/balancer-lab.ts';
import { openBalancerLab } from '../../../../conformance/drivers/balancer-lab/reference/target.ts';
import {
  closeBalancerSession,
  openBalancerSession,
} from '../../../../conformance/run/balancer-session.ts';
import type { CaseResult } from '../../../../conformance/run/collect.ts';
import { readScenarios, scenariosFor } from '../../../../conformance/run/plan.ts';
import { answerTo } from '../../../../conformance/traffic/site.ts';
import { isKernelOurs } from '../../../host/bed.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const NODE = [process.execPath, '--import', `${ROOT}tools/register.mjs`];
const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures()));

const TARGET: ProgramTarget = {
  name: 'box',
  vendor: 'nobody',
  version: '1',
  cmd: [...NODE, 'hardware/nftables/balancer.ts', '{setup}'],
  needs: ['nft'],
  claims: ['NAT', 'DSR', 'ACL'],
  choices: {
    hops: 1,
    tunnelHops: 0,
    strays: 'drop',
    refusal: 'reset',
    departed: 'keep',
    fragments: 'follow',
    ipOptions: 'forward',
    establishedSeconds: 10,
    halfOpenMax: 64,
  },
  timeoutMs: 20_000,
};

const SERVICE: VirtualService = {
  name: 'web',
  address: '10.1.0.201',
  port: 80,
  mode: 'nat',
  servers: ['s1'],
  choosing: 'round-robin',
};

function target(altered: Partial<ProgramTarget> = {}): Balancer {
  return openBalancerProgram({ ...TARGET, ...altered }, ROOT);
}

let opened: Balancer | undefined;
test.after.always(() => opened?.close());

/** The one that most stories here are played on. */
function shared(): Balancer {
  opened ??= target();
  return opened;
}

function request(path: string): Uint8Array {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: s\r\n\r\n`);
}

/** Who comes after so long, asks for a path, and goes when there is an answer. */
function visitor(client: number, path: string, afterMs = 0): Visitor {
  const octets = answerTo('s1', 'GET', path).length;
  const lines: VisitorLine[] = [
    { cue: { kind: 'after', ms: afterMs }, act: { kind: 'connect', offer: {} } },
    { cue: { kind: 'opened' }, act: { kind: 'write', octets: request(path), cuts: [] } },
    { cue: { kind: 'received', octets }, act: { kind: 'close' } },
  ];
  return { client, port: 40_000, service: SERVICE, lines };
}

function told(
  visitors: readonly Visitor[],
  happenings: readonly Happening[] = [],
  service: Partial<VirtualService> = {},
): BalancerStory {
  const setup = { services: [{ ...SERVICE, ...service }], access: [] };
  return { seed: 1, setup, visitors, happenings, patienceMs: 10_000 };
}

/** A machine that is too busy is told so, and nothing is decided. */
function isLate(t: ExecutionContext, { lateMs }: BalancerObservation): boolean {
  if (lateMs !== undefined) t.log(`too late by ${lateMs} ms`);
  return lateMs !== undefined;
}

function namespaces(): readonly string[] {
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return stdout.split('\n').filter((name) => name.startsWith(`prismspec-${process.pid}-`));
}

/** How connections ended, and by which server they were answered. */
function endsOf({ visitors }: BalancerObservation): readonly string[] {
  return visitors.flat().map(({ end, received }) => {
    const answerer = /X-Backend: (s\d)/u.exec(Buffer.from(received).toString('latin1'))?.[1];
    return `${end} ${answerer ?? 'unanswered'}`;
  });
}

test.serial('a story is told as it was: answers, logs, frames at each host', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = shared();
  t.is((await balancer.hello()).choices.establishedSeconds, 10);
  const visitors = [visitor(3, '/a/3000'), visitor(5, '/b/10', 100)];
  const seen = await balancer.play(told(visitors));
  if (isLate(t, seen)) return;
  t.deepEqual(seen.setups, [undefined]);
  t.deepEqual(
    seen.visitors.map((each) => each.map(({ received }) => Buffer.from(received).toString())),
    ['/a/3000', '/b/10'].map((path) => [Buffer.from(answerTo('s1', 'GET', path)).toString()]),
  );
  t.deepEqual(
    seen.served.map(({ server, head }) => `${server} ${head}`),
    ['/a/3000', '/b/10'].map((path) => `s1 ${Buffer.from(request(path)).toString()}`),
  );
  const segments = packetsOf(seen).map(({ host, direction, source, destination }) => {
    return `${host} ${direction} ${source} > ${destination}`;
  });
  t.deepEqual([...new Set(segments)].filter((each) => each.includes('10.1.0.3')).toSorted(), [
    'client 3 received 10.1.0.201 > 10.1.0.3',
    'client 3 sent 10.1.0.3 > 10.1.0.201',
    's1 received 10.1.0.3 > 10.2.0.1',
    's1 sent 10.2.0.1 > 10.1.0.3',
  ]);
  const [first, second] = seen.served.map(({ atMs }) => atMs);
  const lengths = seen.visitors.map(([outcome]) => outcome?.lastOctetMs ?? 0);
  t.true(Number(first) > 0 && Number(first) < Number(lengths[0]), `${first}, ${lengths[0]}`);
  t.true(Number(second) > 100 && Number(second) < Number(lengths[1]), `${second}, ${lengths[1]}`);
});

test.serial('servers are sick, hung, dead, and work again', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = shared();
  const states = ['sick', 'hung', 'up', 'dead', 'up'] as const;
  const happenings = states.map((state, nth): Happening => {
    return { kind: 'server', server: 's1', state, atMs: 100 + 500 * nth };
  });
  const at = (client: number, afterMs: number): Visitor => visitor(client, '/a/10', afterMs);
  const slow = visitor(8, '/a/10?think=3000', 1200);
  const visitors = [
    visitor(1, '/check/0', 300),
    at(2, 300),
    at(3, 800),
    slow,
    at(4, 1800),
    at(5, 2400),
  ];
  const seen = await balancer.play(told(visitors, happenings));
  if (isLate(t, seen)) return;
  const [check = '', ...ends] = endsOf(seen);
  const status = Buffer.from(seen.visitors[0]?.[0]?.received ?? [])
    .toString()
    .slice(0, 12);
  t.deepEqual([status, check], ['HTTP/1.1 500', 'finished s1']);
  t.deepEqual(ends, [
    'finished s1', // sick for those who check it alone
    'finished s1', // hung, until it works again
    'reset unanswered', // asked before its death
    'reset unanswered', // came after it
    'finished s1',
  ]);
  const [, whole] = [seen.visitors[1], seen.visitors[2]].map((each) => each?.[0]?.lastOctetMs ?? 0);
  t.true(Number(whole) > 1100, `answered at ${whole} ms, when it was up again`);
  // The next story begins with servers that work.
  t.deepEqual(endsOf(await balancer.play(told([at(1, 0)]))), ['finished s1']);
});

test.serial(
  'a setup in the midst of a story is taken, or refused and nothing is changed',
  async (t) => {
    if (!isKernelOurs(t)) return;
    const balancer = shared();
    const services: readonly VirtualService[] = [{ ...SERVICE, servers: ['s2'] }];
    const empty: readonly VirtualService[] = [{ ...SERVICE, servers: [] }];
    const seen = await balancer.play(
      told(
        [visitor(1, '/a/10'), visitor(2, '/a/10', 1000), visitor(3, '/a/10', 2000)],
        [
          { kind: 'configure', atMs: 300, setup: { services, access: [] } },
          { kind: 'configure', atMs: 1300, setup: { services: empty, access: [] } },
        ],
      ),
    );
    if (isLate(t, seen)) return;
    t.deepEqual(endsOf(seen), ['finished s1', 'finished s2', 'finished s2']);
    t.deepEqual(seen.setups, [undefined, undefined, 'a pool has no server']);
  },
);

test.serial('nobody comes to a switch that has refused what to be', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = shared();
  const seen = await balancer.play(
    told([visitor(1, '/a/10')], [], { mode: 'dsr', serverPort: 81 }),
  );
  t.deepEqual(seen.visitors, [[]]);
  t.regex(seen.setups[0] ?? '', /keeps the port/u);
  const hour = told([visitor(1, '/a/10', 3_600_000)]);
  await t.throwsAsync(balancer.play(hour), { message: /3600 s of waiting in real time/u });
  const pool = told([], [], { choosing: 'maglev' });
  await t.throwsAsync(balancer.play(pool), { name: 'NotSupported', message: /maglev/u });
});

test.serial('by direct return a server answers past the switch', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = shared();
  const seen = await balancer.play(
    told(
      [visitor(1, '/a/3000')],
      [{ kind: 'ask', from: 'client 9', address: '10.1.0.201', atMs: 0 }],
      {
        mode: 'dsr',
      },
    ),
  );
  if (isLate(t, seen)) return;
  t.deepEqual(endsOf(seen), ['finished s1']);
  const macs = packetsOf(seen).map(
    ({ host, direction, sourceMac }) => `${host} ${direction} ${sourceMac}`,
  );
  t.deepEqual([...new Set(macs)].toSorted(), [
    'client 1 received 02:00:00:00:02:01',
    'client 1 sent 02:00:00:00:01:01',
    's1 received 02:00:00:00:00:01',
    's1 sent 02:00:00:00:02:01',
  ]);
  const answers = seen.frames.flatMap(({ host, octets }) => {
    const found = layer(parse(octets).layers, 'arp');
    return host === 'client 9' && found?.operation === 2 ? [formatMac(found.senderMac)] : [];
  });
  t.deepEqual(answers, ['02:00:00:00:00:01']);
});

test.serial('the reference is judged there as any other program', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = openBalancerLab();
  t.teardown(() => balancer.close());
  t.is((await balancer.hello()).name, 'balancer-lab');
  const check = { probe: 'http', intervalMs: 100, timeoutMs: 100, fall: 2, rise: 2 } as const;
  const sick: Happening = { kind: 'server', server: 's1', state: 'sick', atMs: 300 };
  const visitors = [visitor(1, '/a/3000'), visitor(2, '/a/3000', 1500)];
  const seen = await balancer.play(told(visitors, [sick], { servers: ['s1', 's2'], check }));
  if (isLate(t, seen)) return;
  t.deepEqual(endsOf(seen), ['finished s1', 'finished s2']);
  const asked = seen.served.map(({ head }) => head.split(' ')[1]);
  t.true(asked.filter((each) => each === '/check/0').length > 4, asked.join());
  const tunnelled = await balancer.play(told([visitor(1, '/a/3000')], [], { mode: 'ipip' }));
  if (isLate(t, tunnelled)) return;
  t.deepEqual(endsOf(tunnelled), ['finished s1']);
  const arrived = packetsOf(tunnelled).filter(
    ({ host, direction }) => host === 's1' && direction === 'received',
  );
  t.deepEqual([...new Set(arrived.map(({ protocol }) => protocol))], [PROTOCOL.ipv4]);
  const none = await balancer.play(told([], [], { mode: 'dsr', serverPort: 81 }));
  t.regex(none.setups[0] ?? '', /setup/u);
});

test.serial('nothing is left of a bed that is closed', async (t) => {
  if (!isKernelOurs(t)) return;
  const balancer = shared();
  await balancer.play(told([visitor(1, '/a/10')]));
  // The switch's is gone with its story: clients, servers, and what is between them.
  t.is(namespaces().length, 6);
  await balancer.close();
  t.deepEqual(namespaces(), []);
});

for (const [defect, id, scenario, kind] of [
  ['none', 'PRISM-SLB-02', 'the server gets what the client sent: GET /a/1', 'pass'],
  ['ttl', 'PRISM-SLB-02', 'the server gets what the client sent: GET /a/1', 'fail'],
  ['marks', 'PRISM-QOS-01', 'DSCP 0 and ECN 1 pass NAT', 'fail'],
  ['segments', 'PRISM-SLB-13', 'clients offer an MSS of 536', 'fail'],
] as const) {
  test.serial(
    `a switch on the kernel with the defect ${defect} is judged ${kind} by ${id}`,
    async (t) => {
      if (!isKernelOurs(t)) return;
      const scenarios = SCENARIOS.filter(({ name }) => name.startsWith(`${id} ${scenario}`));
      t.is(scenarios.length, 1);
      const cmd = [
        ...NODE,
        'test/conformance/drivers/balancer-lab/defective.ts',
        defect,
        '{setup}',
      ];
      await openBalancerSession(target({ cmd }), { seed: 1, effort: 1, evidence: false });
      const cases: CaseResult[] = [];
      try {
        await execute({ scenarios, onResult: (result) => cases.push(result) });
      } finally {
        await closeBalancerSession();
      }
      const [verdict] = cases.map((each) => each.verdict);
      // A machine that is too busy is told so, and nothing is decided.
      if (verdict?.kind === 'inconclusive' && verdict.reason === 'late') t.log('too late');
      else t.is(verdict?.kind, kind);
    },
  );
}

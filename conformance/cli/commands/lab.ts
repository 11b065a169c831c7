/** `prismspec lab up|demo|down`: the real Prism on this kernel, in namespaces of its own. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BMV2, P4_MODEL } from '../../../hardware/bmv2/host/laboratory.ts';
import { whyNoSimpleSwitch } from '../../../hardware/bmv2/host/simple-switch.ts';
import {
  NETFPGA_SIM,
  prepareSimulation,
  whyNoSimulation,
} from '../../../hardware/netfpga/host/laboratory.ts';
import { whyNoDataPath } from '../../../reference/host/bpf/datapath.ts';
import { showDemo } from '../../../reference/host/laboratory/demo.ts';
import {
  findKept,
  STATE_FILE,
  type KeeperOptions,
  type Kept,
} from '../../../reference/host/laboratory/keeper.ts';
import { raiseLaboratory } from '../../../reference/host/laboratory/laboratory.ts';
import type { LaboratoryOptions } from '../../../reference/host/laboratory/site.ts';
import { SHOWN } from '../../../reference/host/laboratory/splice-demo.ts';
import { whyUnavailable } from '../../../reference/host/syscall.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { SUITE_ROOT } from '../suite.ts';

/** Options of `lab up` and `lab demo`. */
export interface LabOptions {
  /** Rate of every link, as tc writes it. */
  readonly rate?: string;
  readonly switch?: LabSwitch;
  readonly out?: string;
}

/** The switches that a laboratory may have, by the words of the command line. */
type LabSwitch = 'bpf' | 'ring' | 'p4-model' | 'bmv2' | 'netfpga-sim';

const SWITCHES: Readonly<Record<LabSwitch, LaboratoryOptions['switch']>> = {
  bpf: 'bpf',
  ring: 'ring',
  'p4-model': P4_MODEL,
  bmv2: BMV2,
  'netfpga-sim': NETFPGA_SIM,
};

/** Octets of the great download of a demonstration, where the switch is no faster. */
const SLOW_DOWNLOAD_OCTETS = 10_000_000;

const KEEPER = join(SUITE_ROOT, 'reference/host/laboratory/keeper-main.ts');
const UP_MAX_MS = 60_000;
const DOWN_MAX_MS = 10_000;
const POLL_MS = 50;

/** Complains where this kernel, or this user, cannot have a laboratory. */
function expectKernel(kind: LabSwitch = 'bpf'): void {
  if (process.getuid?.() !== 0) {
    throw new Complaint(EXIT.unreachable, 'lab: namespaces and BPF need root: run it with sudo');
  }
  const missing = kind === 'bpf' ? whyNoDataPath() : (whyUnavailable() ?? whyNo(kind));
  if (missing === undefined) return;
  const instead = kind === 'bpf' ? '; packet rings need no BPF: --switch ring' : '';
  throw new Complaint(EXIT.unreachable, `lab: ${missing}${instead}`);
}

function whyNo(kind: LabSwitch): string | undefined {
  if (kind === 'netfpga-sim') return whyNoSimulation();
  return kind === 'bmv2' ? whyNoSimpleSwitch() : undefined;
}

async function prepare({ switch: kind }: LabOptions): Promise<void> {
  expectKernel(kind);
  if (kind === 'netfpga-sim') await prepareSimulation();
}

function switchOf({ switch: kind = 'bpf' }: LabOptions): LaboratoryOptions['switch'] {
  return SWITCHES[kind];
}

function timelineOf({ out }: LabOptions): string {
  const file = resolve(out ?? 'reports/out/lab', 'timeline.jsonl');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  return file;
}

/** Brings a laboratory up that stays, and says how to use it. */
export async function labUpCommand(options: LabOptions): Promise<ExitCode> {
  await prepare(options);
  const there = findKept();
  if (there !== undefined) {
    console.log('  a laboratory is up already; `prismspec lab down` ends it\n');
    sayHow(there);
    return EXIT.conformant;
  }
  const timeline = timelineOf(options);
  const log = join(dirname(timeline), 'keeper.log');
  const out = openSync(log, 'w');
  const kept: KeeperOptions = { timeline, rate: options.rate, switch: switchOf(options) };
  const register = join(SUITE_ROOT, 'tools/register.mjs');
  const words = ['--import', register, KEEPER, JSON.stringify(kept)];
  const keeper = spawn(process.execPath, words, { detached: true, stdio: ['ignore', out, out] });
  closeSync(out);
  keeper.unref();
  const isOver = (): boolean => keeper.exitCode !== null || keeper.signalCode !== null;
  await waitFor(() => findKept()?.pid === keeper.pid || isOver(), UP_MAX_MS);
  const found = findKept();
  if (found === undefined || found.pid !== keeper.pid) {
    const said = readFileSync(log, 'utf8').trim().split('\n').slice(-10).join('\n  ');
    throw new Complaint(EXIT.unreachable, `lab: it did not come up; ${log} says\n  ${said}`);
  }
  sayHow(found);
  return EXIT.conformant;
}

function sayHow({ namespaces, metrics, timeline, file, plainServer, switch: kind }: Kept): void {
  const client = `ip netns exec ${namespaces['c1']}`;
  console.log(`  client 10.0.0.101 ── switch (${kind}) ── controller 10.0.0.1, b1 10.0.0.21, b2 10.0.0.22,
    and b3 10.0.0.23, without an agent: ${plainServer}

  fetch    ${client} curl http://10.0.0.1/a/100000 -o /dev/null -v
  browse   /a/N is N octets of b1, /b/N of b2; ${file} is a file of b3
  watch    ip netns exec ${namespaces['switch']} tcpdump -i to-c1 -n
  metrics  curl ${metrics}
  timeline ${relative('.', timeline)}
  end      prismspec lab down`);
}

/** Shows what a Prism does, on a laboratory of its own. */
export async function labDemoCommand(options: LabOptions): Promise<ExitCode> {
  await prepare(options);
  const timeline = timelineOf(options);
  const laboratory = await raiseLaboratory({
    name: 'demo',
    ...SHOWN,
    rate: options.rate,
    switch: switchOf(options),
    timeline,
  });
  try {
    const isSlow = options.switch === 'netfpga-sim';
    await showDemo(laboratory, process.stdout, isSlow ? SLOW_DOWNLOAD_OCTETS : undefined);
  } catch (error) {
    console.log(`  not as it should be: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failure;
  } finally {
    laboratory.down();
  }
  console.log(`\n  timelines of all connections: ${relative('.', timeline)}`);
  return EXIT.conformant;
}

/** Ends the laboratory that is up. */
export async function labDownCommand(): Promise<ExitCode> {
  const kept = findKept();
  if (kept === undefined) {
    rmSync(STATE_FILE, { force: true });
    console.log('  no laboratory is up');
    return EXIT.conformant;
  }
  process.kill(kept.pid, 'SIGTERM');
  if (!(await waitFor(() => findKept() === undefined, DOWN_MAX_MS))) {
    throw new Complaint(EXIT.ownFault, `lab: process ${kept.pid} does not end`);
  }
  console.log('  the laboratory is down');
  return EXIT.conformant;
}

async function waitFor(isSo: () => boolean, maxMs: number): Promise<boolean> {
  const deadline = performance.now() + maxMs;
  while (!isSo()) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

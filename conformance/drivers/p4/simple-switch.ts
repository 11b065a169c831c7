/**
 * BMv2's simple_switch_grpc as a process.
 *
 * It is alone in a network namespace, for it always listens on a TCP port for Thrift, at all
 * addresses; what it is wanted for goes through sockets in a folder of its own.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DriverFault } from '../../driver/device.ts';
import { startProgram } from '../child/program.ts';

/** A switch that has been started, as gRPC names its addresses. */
export interface SimpleSwitch {
  /** What it says its version is. */
  readonly version: string;
  /** Where it speaks P4Runtime. */
  readonly address: string;
  /** Where frames go in and out. */
  readonly dataPlane: string;
  /** The device behind both. */
  readonly deviceId: bigint;
  /** Why it does not run any more; undefined if after a short while it still runs. */
  whyGone(): Promise<DriverFault | undefined>;
  /** Ends it; nothing of it is left. May be called again. */
  end(): Promise<void>;
}

/** How it is started. */
export interface SimpleSwitchOptions {
  /** A path, or a name that is looked for on PATH. */
  readonly program: string;
  /** How long it may take until it listens. */
  readonly timeoutMs: number;
}

const DEVICE_ID = 0n;

const PAUSE_MS = 5;
/** How long what is known to have broken off may take to tell why. */
const LAST_WORDS_MS = 500;
/** How long what was killed may take to be gone. */
const END_MS = 1000;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function demandProgram(program: string): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = program.includes('/') ? [program] : folders.map((each) => join(each, program));
  if (paths.some((path) => isProgram(path))) return;
  throw new DriverFault(
    'not-started',
    `there is no program ${program}: install p4lang-bmv2 from the packages of p4lang, or name the program in a target file`,
  );
}

async function readVersion({ program, timeoutMs }: SimpleSwitchOptions): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: timeoutMs });
    return stdout.trim().split('\n')[0] ?? '';
  } catch (error) {
    const told = error instanceof Error ? error.message.trim() : String(error);
    throw new DriverFault('not-started', `${program} does not tell its version: ${told}`);
  }
}

/** What a program is called with to be alone in a network namespace, and to end when we are killed. */
function isolated(): readonly string[] {
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...asUser, '--net', '--', 'setpriv', '--pdeathsig', 'KILL', '--'];
}

interface Running {
  /** How it has ended, if it has. */
  how(): string | undefined;
  /** What `told` says of it, with what it wrote last. */
  fault(reason: string, told: string): DriverFault;
  /** Resolves when it is gone, or after `limitMs`. */
  gone(limitMs: number): Promise<void>;
  end(): Promise<void>;
}

function run(program: string, words: readonly string[], folder: string): Running {
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  let how: string | undefined;
  const child = startProgram([...isolated(), program, ...words], folder, {
    output: () => undefined,
    notStarted: (why) => (how ??= `could not be started: ${why}`),
    ended: (what) => (how ??= what),
  });
  // After the program's own listener, which kills it: what is alive may write.
  process.once('exit', clear);
  const gone = async (limitMs: number): Promise<void> => {
    await Promise.race([child.gone, sleep(limitMs, undefined, { ref: false })]);
  };
  return {
    how: () => how,
    fault: (reason, told) => new DriverFault(reason, `${program} ${told}${child.lastWords()}`),
    gone,
    async end(): Promise<void> {
      child.kill();
      await gone(END_MS);
      clear();
      process.off('exit', clear);
    },
  };
}

/** Starts it without a P4 program; rejects with `DriverFault`, and then nothing is left of it. */
export async function startSimpleSwitch(options: SimpleSwitchOptions): Promise<SimpleSwitch> {
  const { program, timeoutMs } = options;
  demandProgram(program);
  const version = await readVersion(options);
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-bmv2-'));
  const sockets = ['p4runtime', 'frames'].map((name) => join(folder, name));
  const [address = '', dataPlane = ''] = sockets.map((path) => `unix:${path}`);
  const own = ['--grpc-server-addr', address, '--dp-grpc-server-addr', dataPlane];
  const child = run(program, ['--no-p4', '--device-id', String(DEVICE_ID), '--', ...own], folder);

  const endMs = performance.now() + timeoutMs;
  let how = child.how();
  while (!sockets.every((path) => existsSync(path))) {
    if (performance.now() > endMs) how ??= `does not listen within ${timeoutMs} ms`;
    if (how !== undefined) {
      // oxlint-disable-next-line no-await-in-loop
      await child.end();
      throw child.fault('not-started', how);
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(PAUSE_MS);
    how = child.how();
  }
  return {
    version,
    address,
    dataPlane,
    deviceId: DEVICE_ID,
    async whyGone(): Promise<DriverFault | undefined> {
      await child.gone(LAST_WORDS_MS);
      const why = child.how();
      return why === undefined ? undefined : child.fault('died', why);
    },
    end: () => child.end(),
  };
}

/** The parts of a Prism as processes, each in its namespace with a plan of its own. */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../../../reference/host/lab.ts';
import { DriverFault } from '../../driver/device.ts';
import { PARTS, type Part } from '../../driver/system.ts';
import { formatPlan, type PlanOptions } from './plan.ts';
import { waitedMs } from './waited.ts';

/** The processes of a Prism. */
export const PROCESSES: readonly ProcessName[] = ['switch', ...PARTS];
/** One of them. */
export type ProcessName = 'switch' | Part;

/** What a part says, a line each. */
export type OnLine = (part: ProcessName, line: string) => void;

/** The processes. */
export interface Parts {
  /** Starts a part unless it runs with the same plan; resolves when it is ready. */
  readonly ensure: (part: ProcessName, options: PlanOptions) => Promise<void>;
  /** SIGKILL; nothing where it does not run. */
  readonly kill: (part: ProcessName) => void;
  readonly isRunning: (part: ProcessName) => boolean;
  /** For how long each process that runs has waited for a processor, in milliseconds, by its id. */
  readonly waits: () => ReadonlyMap<number, number>;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const REGISTER = `${ROOT}tools/register.mjs`;
const SERVER = fileURLToPath(new URL('server-main.ts', import.meta.url));
const WARM = fileURLToPath(new URL('warm-main.ts', import.meta.url));
const PIPES: StdioOptions = ['pipe', 'pipe', 'pipe'];
const READY_MAX_MS = 30_000;
const WORDS_KEPT = 20;

interface Running {
  readonly child: ChildProcess;
  readonly plan: string;
  readonly isReady: Promise<void>;
}

function programOf(part: ProcessName): string {
  const isServer = part === 'b1' || part === 'b2';
  return isServer ? SERVER : `${ROOT}reference/host/prism/${part}-main.ts`;
}

function isAlive({ exitCode, signalCode, killed }: ChildProcess): boolean {
  return exitCode === null && signalCode === null && !killed;
}

/** None runs yet. */
export function createParts(lab: Lab, folder: string, onLine: OnLine): Parts {
  const running = new Map<ProcessName, Running>();
  /** Those that only wait for their turn. */
  const spares = new Map<ProcessName, ChildProcess>();
  const planOf = (part: ProcessName): string => `${folder}/${part}.json`;

  function warm(part: ProcessName): ChildProcess {
    const words = [WARM, programOf(part), planOf(part), part];
    return lab.start(part, [process.execPath, '--import', REGISTER, ...words], PIPES);
  }

  function start(part: ProcessName, plan: string): Running {
    writeFileSync(planOf(part), plan);
    const spare = spares.get(part);
    spares.delete(part);
    const child = spare !== undefined && isAlive(spare) ? spare : warm(part);
    const isReady = untilReady(part, child, (line) => onLine(part, line));
    // One that is killed before it has heard is found missing.
    child.stdin?.on('error', () => {});
    child.stdin?.write('!');
    // Who was started once more will be so again.
    if (running.has(part)) {
      isReady.then(
        () => spares.set(part, warm(part)),
        () => {},
      );
    }
    return { child, plan, isReady };
  }

  return {
    async ensure(part, options) {
      const plan = formatPlan(part, options);
      const known = running.get(part);
      if (known !== undefined) {
        const { child } = known;
        if (isAlive(child) && known.plan === plan) return known.isReady;
        child.kill('SIGKILL');
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
      const next = start(part, plan);
      running.set(part, next);
      return next.isReady;
    },
    kill(part) {
      running.get(part)?.child.kill('SIGKILL');
    },
    isRunning(part) {
      const known = running.get(part);
      return known !== undefined && isAlive(known.child);
    },
    waits() {
      const pids = [...running.values()].flatMap(({ child }) => child.pid ?? []);
      return new Map(pids.map((pid) => [pid, waitedMs(pid)]));
    },
  };
}

/** Rejects with `DriverFault`, which has its last words, where it ends before it is ready. */
function untilReady(
  part: ProcessName,
  child: ChildProcess,
  onLine: (line: string) => void,
): Promise<void> {
  const last: string[] = [];
  const isReady = new Promise<void>((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new DriverFault('start', `${part} ${why}: ${last.join('\n')}`));
    const late = setTimeout(() => fail(`is not ready after ${READY_MAX_MS} ms`), READY_MAX_MS);
    child.once('exit', (status) => {
      clearTimeout(late);
      fail(`ended with ${status}`);
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        last.splice(0, Math.max(0, last.length - WORDS_KEPT));
        last.push(line);
        if (line !== 'ready') return onLine(line);
        clearTimeout(late);
        resolve();
      });
    }
  });
  // Whoever kills it before it is ready does not wait for it.
  isReady.catch(() => {});
  return isReady;
}

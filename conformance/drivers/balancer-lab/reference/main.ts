/**
 * `main.ts FILE`: the reference server switch as a program of the test bed; see `../program.ts`.
 *
 *   setup ─▶ document ─▶ the switch at its device
 *
 * It answers for its addresses itself, so the kernel has none there, and forwards nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { writeDocument } from '../../../../reference/balancer/document/write.ts';
import { startSwitch, type HostedSwitch } from '../../../../reference/host/balancer/switch.ts';
import type { Setup } from '../../../driver/balancer.ts';
import { NotSupported } from '../../../driver/device.ts';
import { checksOf, optionsOf, type Place } from '../../balancer-sim/reference.ts';
import { CHOICES, ESTABLISHED_MS } from './target.ts';

interface SetupFile {
  readonly device: string;
  readonly setup: Setup;
  readonly pair?: { readonly place: Place };
}

const [path = ''] = process.argv.slice(2);
const TIMERS = {
  opening: 240_000,
  established: ESTABLISHED_MS,
  closing: 240_000,
  talking: 300_000,
};
let running: HostedSwitch | undefined;

function read(): SetupFile {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function documentOf({ setup, pair }: SetupFile): string {
  const told = optionsOf(setup, CHOICES.halfOpenMax, pair?.place);
  const options = { ...told, timers: TIMERS };
  return writeDocument({ options, checks: checksOf(setup) });
}

/** What is wrong with the document, if anything. */
function apply(file: SetupFile): string | undefined {
  const text = documentOf(file);
  if (running !== undefined) return running.replace(text, 'setup');
  const started = startSwitch(text, 'setup', [file.device]);
  if (!started.ok) return started.error;
  running = started.value;
  return undefined;
}

function answer(): object {
  try {
    const refused = apply(read());
    return refused === undefined ? { ready: true } : { refused };
  } catch (error) {
    if (error instanceof NotSupported) return { unsupported: error.capability };
    throw error;
  }
}

function say(): void {
  process.stdout.write(`${JSON.stringify(answer())}\n`);
}

async function end(): Promise<void> {
  await running?.close();
  process.exit(0);
}

writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
execFileSync('ip', ['address', 'flush', 'dev', read().device]);
process.on('SIGHUP', say);
process.on('SIGTERM', () => void end());
process.stdin.on('end', () => void end()).resume();
say();

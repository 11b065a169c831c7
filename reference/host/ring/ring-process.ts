/** Starting a ring switch as a process of its own. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { encodeCommand } from '../../control/codec.ts';
import type { Command } from '../../control/command.ts';
import type { Lab } from '../lab.ts';
import type { RingOptions } from './ring-switch.ts';

/** What can be told to a process. */
export type RingProcessOptions = Omit<RingOptions, 'capabilities' | 'clock' | 'onExpired' | 'bell'>;

const MAIN = fileURLToPath(new URL('ring-main.ts', import.meta.url));
const REGISTER = new URL('../../../tools/register.mjs', import.meta.url).href;
const START_MAX_MS = 20_000;

/**
 * Starts a switch at devices of `host`, which performs `commands` before the first frame, and
 * answers when it switches. Throws Error if it does not, or refuses a command.
 */
export async function startRingSwitch(
  lab: Lab,
  host: string,
  options: RingProcessOptions,
  commands: readonly Command[] = [],
): Promise<ChildProcess> {
  const words = [process.execPath, `--import=${REGISTER}`, MAIN, JSON.stringify(options)];
  const child = lab.start(host, words, ['pipe', 'pipe', 'pipe']);
  const messages = commands.map((command) => encodeCommand({ requestId: 0, command }));
  child.stdin?.end(messages.map((octets) => `${Buffer.from(octets).toString('hex')}\n`).join(''));
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const signal = AbortSignal.timeout(START_MAX_MS);
  const ready =
    child.stdout === null
      ? Promise.reject(new Error('no pipe'))
      : once(child.stdout, 'data', { signal });
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`the ring switch ended: ${complaint}`);
  });
  try {
    await Promise.race([ready, ended]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  ended.catch(() => {});
  return child;
}

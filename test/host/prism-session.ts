/** What the tests of a whole Prism do alike. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { isKernelOurs } from './bed.ts';
import { isBpfOurs } from './bpf-bed.ts';
import type { Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import { raisePrism, type PrismBedOptions } from './prism-bed.ts';
import {
  connectClient,
  expected,
  type Answer,
  type Client,
} from '../../reference/host/laboratory/client.ts';

/** A Prism of its own for a test, taken down after it; undefined where there can be none. */
export async function prism(
  t: ExecutionContext,
  options: PrismBedOptions = {},
): Promise<Laboratory | undefined> {
  if (!isBpfOurs(t) || !isKernelOurs(t)) return undefined;
  t.timeout(90_000);
  const bed = await raisePrism('prism', options);
  t.teardown(() => bed.down());
  return bed;
}

/** A client that is gone after the test. */
export function connect(t: ExecutionContext, bed: Laboratory): Client {
  const client = connectClient(bed);
  t.teardown(() => client.socket.destroy());
  return client;
}

/** Waits until the switch has no rule any more. */
export async function rulesGone(bed: Laboratory, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const rules = await bed.rules();
    if (rules.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still ${rules.length} rules`);
    await sleep(20);
  }
}

/** What must be answered to a request for `path`, by whom the policy says. */
export function answerTo(path: string): Answer {
  return expected(path.startsWith('/a') ? 'b1' : 'b2', path);
}

/** Asks for all paths at once, and compares each answer. */
export async function fetchAll(
  t: ExecutionContext,
  client: Client,
  paths: readonly string[],
): Promise<void> {
  client.ask(...paths);
  for (const path of paths) t.deepEqual(await client.answer(), answerTo(path));
}

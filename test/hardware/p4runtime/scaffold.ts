/** What the tests of the client begin with. */
import type { ExecutionContext } from 'ava';
import type { TableEntry, Update } from '../../../hardware/entry.ts';
import { P4RuntimeError, type P4RuntimeReason } from '../../../hardware/p4runtime/fault.ts';
import {
  connect,
  type ConnectOptions,
  type P4RuntimeClient,
} from '../../../hardware/p4runtime/grpc/client.ts';
import type { Pipeline } from '../../../hardware/p4runtime/grpc/pipeline.ts';
import { startSwitch, type FakeSwitch, type Manners } from './fake-switch.ts';
import { P4INFO } from './program.ts';

/** Where an answer comes, it comes much sooner. */
export const DEADLINE_MS = 10_000;
/** For so long a test waits where none comes: long enough to connect on a busy machine. */
export const SHORT_MS = 1500;

/** A P4 program, of which nothing but P4Info is read. */
export const PIPELINE: Pipeline = {
  p4info: P4INFO,
  deviceConfig: Uint8Array.of(123, 125),
  cookie: 42n,
};

/** How to connect to the device 3 behind `address`. */
export function optionsFor(address: string, deadlineMs: number = DEADLINE_MS): ConnectOptions {
  return { address, deviceId: 3n, electionId: (5n << 64n) | 7n, deadlineMs };
}

/** A switch that lives as long as the test. */
export async function startFor(t: ExecutionContext, manners?: Manners): Promise<FakeSwitch> {
  const device = await startSwitch(manners);
  t.teardown(() => device.die());
  return device;
}

/** A client that lives as long as the test. */
export async function connectTo(
  t: ExecutionContext,
  device: FakeSwitch,
  deadlineMs?: number,
): Promise<P4RuntimeClient> {
  const client = await connect(optionsFor(device.address, deadlineMs));
  t.teardown(() => client.close());
  return client;
}

/** Asserts that `promise` rejects with the error of the client, in one line. */
export async function reject(
  t: ExecutionContext,
  promise: Promise<unknown>,
  reason: P4RuntimeReason,
  message: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(promise, { instanceOf: P4RuntimeError, message });
  t.is(error.reason, reason);
  t.notRegex(error.message, /\n/u);
}

/** An entry whose key is `port`. */
export const flow = (port: number): TableEntry => ({
  table: 'Ingress.flows',
  match: {
    src: { kind: 'exact', value: 1n },
    port: { kind: 'exact', value: BigInt(port) },
  },
  action: 'Ingress.forward',
  params: { to: 1n, mac: 2n },
});
/** The update that makes an entry. */
export const insert = (entry: TableEntry): Update => ({ kind: 'insert', entry });

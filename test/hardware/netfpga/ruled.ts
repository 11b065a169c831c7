/** A core with one rule, and segments of its connection. */
import { inCommand } from '../../../conformance/drivers/embedded/rules.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { clientPath, ownerPath, pattern, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import type { Update } from '../../../hardware/entry.ts';
import { createAgent, perform } from '../../../hardware/agent/agent.ts';
import { MAPPING } from '../../../hardware/netfpga/driver/entries.ts';
import { limitsOf } from '../../../hardware/netfpga/driver/limits.ts';
import { openTables, type Tables } from '../../../hardware/netfpga/driver/tables.ts';
import type { Core } from '../../../hardware/netfpga/sim/core.ts';
import type { FrameOut } from '../../../hardware/netfpga/sim/wire.ts';
import { SMALL } from './bench.ts';

const KEY = keyOf(HOSTS.client);
const OWNER = ownerOf(HOSTS['backend 1']);
const CLIENT_PATH = clientPath(KEY, HOSTS.client);
const OWNER_PATH = ownerPath(OWNER, KEY, HOSTS.client);
const SHIFT = 0x1234_5678;
const HEADERS_OCTETS = 54;
const LOCK_LEASE_MS = 10_000;

/** What the tables are to hold for a rule that shifts the numbers of both sides by `shift`. */
export function updatesOf(shift: number): readonly Update[] {
  const agent = createAgent(limitsOf(2 ** SMALL.RULES_LOG2, LOCK_LEASE_MS), MAPPING);
  const deltas = { ...NO_DELTAS, clientSeq: shift, ownerSeq: shift * 3 };
  const rule = { ...KEY, owner: OWNER, deltas, locked: false };
  return perform(agent, inCommand({ op: 'add', rule, epoch: 1 })).batches.flat();
}

/** Resets `core` and gives it a rule that shifts numbers both ways; answers its tables. */
export async function openRuled(core: Core, shift: number = SHIFT): Promise<Tables> {
  await core.reset();
  const tables = await openTables(core, { nowMs: () => 0 });
  await tables.write(updatesOf(shift));
  return tables;
}

/** What the client of the rule sends, cut to `length` octets; `serial` is seen in its numbers. */
export function segmentOf(length: number, serial = 0): Uint8Array {
  const payload = pattern(Math.max(0, length - HEADERS_OCTETS), serial);
  return segment(CLIENT_PATH, { seq: serial, payload }).slice(0, length);
}

/** What the owner sends. */
export function ownerSegmentOf(serial: number): Uint8Array {
  return segment(OWNER_PATH, { seq: serial });
}

/** What a frame that is well leaves as, whatever its neighbours are. */
export function essence(output: FrameOut | undefined): string {
  if (output === undefined) return 'nothing';
  const { octets, source, destination, declared } = output;
  return `${source} ${destination} ${declared} ${Buffer.from(octets).toString('hex')}`;
}

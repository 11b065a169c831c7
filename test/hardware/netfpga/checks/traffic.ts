/** Traffic in both directions, and what software does meanwhile. */
import { NAMES } from '../../../../hardware/netfpga/driver/entries.ts';
import type { RegisterWrite } from '../../../../hardware/netfpga/driver/bus.ts';
import { openTables } from '../../../../hardware/netfpga/driver/tables.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { Access, FrameIn } from '../../../../hardware/netfpga/sim/wire.ts';
import { essence, ownerSegmentOf, segmentOf, updatesOf } from '../ruled.ts';

const CLIENT = 0x01;
const BACKEND = 0x10;
const CLOCKS_PER_ACCESS = 7;

/** Segments of both directions in turn, more than are inside the core at a time. */
export const SEGMENTS: readonly FrameIn[] = Array.from({ length: 120 }, (_, serial) =>
  serial % 2 === 0
    ? { source: CLIENT, octets: segmentOf(60 + (serial % 70), serial) }
    : { source: BACKEND, octets: ownerSegmentOf(serial) },
);

/** What leaves of them, when stations are known. */
export async function aloneOf(core: Core): Promise<readonly string[]> {
  await core.exchange(SEGMENTS);
  return (await core.exchange(SEGMENTS)).outputs.map(essence);
}

/** Reads of one register, `times` times. */
export function reads(address: number, times: number): readonly Access[] {
  return Array.from({ length: times }, (_, at) => {
    return { kind: 'read', address, after: CLOCKS_PER_ACCESS * at } as const;
  });
}

/** Writes that begin after `after` clocks. */
export function writesOf(writes: readonly RegisterWrite[], after: number): readonly Access[] {
  return writes.map((each) => ({ kind: 'write', ...each, after }) as const);
}

/** The writes by which a driver would give the rule another shift; without one, by which it would go. */
export async function recorded(
  core: Core,
  shift: number | undefined,
): Promise<readonly RegisterWrite[]> {
  const writes: RegisterWrite[] = [];
  const recorder = {
    read: (address: number) => core.read(address),
    write: async (each: readonly RegisterWrite[]) => void writes.push(...each),
  };
  const tables = await openTables(recorder, { nowMs: () => 0 });
  for (const update of updatesOf(shift ?? 0)) {
    if (update.kind === 'count' || update.entry.table !== NAMES.rules) continue;
    const { entry } = update;
    await tables.write([shift === undefined ? { kind: 'delete', entry } : update]);
  }
  return writes;
}

/** A table of flows that is full. */
import type { ExecutionContext } from 'ava';
import type { TableEntry } from '../../../../hardware/entry.ts';
import { NAMES } from '../../../../hardware/netfpga/driver/entries.ts';
import { REGISTERS } from '../../../../hardware/netfpga/driver/registers.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import type { FrameIn } from '../../../../hardware/netfpga/sim/wire.ts';
import { SMALL } from '../bench.ts';
import { openRuled, segmentOf } from '../ruled.ts';

const CLIENT = 0x01;
const SOURCE_PORT_AT = 34;
const ROWS = 2 ** SMALL.FLOWS_LOG2;
const STRANGERS = 2000;

/** The flow of a client's port. */
function flowOf(port: number): TableEntry {
  const client = segmentOf(60);
  const view = new DataView(client.buffer, client.byteOffset);
  const exact = (value: number): { readonly kind: 'exact'; readonly value: bigint } => {
    return { kind: 'exact', value: BigInt(value) };
  };
  return {
    table: NAMES.flows,
    match: {
      hosts: exact(0),
      src: exact(view.getUint32(26)),
      dst: exact(view.getUint32(30)),
      src_port: exact(port),
      dst_port: exact(view.getUint16(36)),
    },
    action: NAMES.clientOf,
    params: { rule: 0n },
  };
}

function segmentFrom(port: number): FrameIn {
  const octets = segmentOf(60, 1);
  new DataView(octets.buffer, octets.byteOffset).setUint16(SOURCE_PORT_AT, port);
  return { source: CLIENT, octets };
}

/** It takes no more; all that it has is found, and nothing that it has not. */
export async function checkFullTable(t: ExecutionContext, core: Core): Promise<void> {
  const tables = await openRuled(core);
  const ports: number[] = [];
  const full = await t.throwsAsync(async () => {
    for (let port = 1; port <= ROWS; port += 1) {
      await tables.write([{ kind: 'insert', entry: flowOf(port) }]);
      ports.push(port);
    }
  });
  t.like(full, { name: 'TableError', reason: 'full' });
  t.true(ports.length > 0.85 * ROWS, `${ports.length} flows`);
  await core.read(REGISTERS.LUTHIT);
  const { outputs } = await core.exchange(ports.map(segmentFrom));
  t.is(await core.read(REGISTERS.LUTHIT), ports.length);
  const owners = outputs.map(({ octets }) => Buffer.from(octets.subarray(30, 34)).toString('hex'));
  t.deepEqual(new Set(owners), new Set(['0a000015']));
  const strangers = Array.from({ length: STRANGERS }, (_, at) => segmentFrom(ROWS + 1 + at));
  await core.exchange(strangers);
  t.is(await core.read(REGISTERS.LUTHIT), 0, 'flows that the table has not');
}

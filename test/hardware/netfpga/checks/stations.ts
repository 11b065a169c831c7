/** The bridge's stations, and the settings of ports and lengths. */
import type { ExecutionContext } from 'ava';
import { REGISTERS } from '../../../../hardware/netfpga/driver/registers.ts';
import type { Core } from '../../../../hardware/netfpga/sim/core.ts';
import { SMALL } from '../bench.ts';

/** Ports of TUSER, one-hot: wires, the controller, and where punted frames go. */
const PORT = { client0: 0x01, client1: 0x04, backend0: 0x10, backend1: 0x40, punt: 0x08 } as const;
const BRIDGED = 0x57;
const AGE_SECONDS = 300;
const COUNTERS_RESET = 1;
const POLYNOMIAL = 0x04c1_1db7;

const [A, B] = [0x0200_0000_0001, 0x0200_0000_0002] as const;
const GROUP = 0x0300_0000_0001;

/** Sends a frame and tells the ports where it leaves; 0 when it does not. */
async function send(
  core: Core,
  {
    to,
    from,
    at,
    length = 60,
  }: Record<'to' | 'from' | 'at', number> & { readonly length?: number },
): Promise<number> {
  const octets = new Uint8Array(length).fill(0x5a);
  const view = new DataView(octets.buffer);
  for (const [place, mac] of [to, from].entries()) {
    view.setUint16(6 * place, Math.floor(mac / 2 ** 32));
    view.setUint32(6 * place + 2, mac % 2 ** 32);
  }
  const { outputs } = await core.exchange([{ source: at, octets }]);
  return outputs[0]?.destination ?? 0;
}

function flooded(at: number): number {
  return BRIDGED & ~at;
}

/** The row of a station in a small design: CRC-32, most significant bit first, from 0. */
function rowOf(mac: number): number {
  let crc = 0;
  for (const bit of mac.toString(2).padStart(48, '0')) {
    const isDivided = crc >>> 31 !== Number(bit);
    crc = ((crc << 1) ^ (isDivided ? POLYNOMIAL : 0)) >>> 0;
  }
  return crc % 2 ** SMALL.STATIONS_LOG2;
}

async function checkLearning(t: ExecutionContext, core: Core): Promise<void> {
  const { client0, client1, backend0, punt } = PORT;
  await core.reset();
  t.is(await send(core, { to: B, from: A, at: client0 }), flooded(client0), 'nobody is known');
  t.is(await send(core, { to: A, from: B, at: client1 }), client0, 'A has been heard');
  t.is(await send(core, { to: B, from: A, at: backend0 }), client1, 'B has been heard');
  t.is(await send(core, { to: A, from: B, at: client1 }), backend0, 'A has moved');
  t.is(await send(core, { to: A, from: B, at: backend0 }), 0, 'it is where the frame came from');
  await send(core, { to: B, from: GROUP, at: client0 });
  t.is(
    await send(core, { to: GROUP, from: B, at: client1 }),
    flooded(client1),
    'a group is nowhere',
  );
  await core.reset();
  t.is(await send(core, { to: B, from: A, at: punt }), flooded(punt));
  t.is(await send(core, { to: A, from: B, at: client1 }), flooded(client1), 'not a bridged port');
}

async function checkForgetting(t: ExecutionContext, core: Core): Promise<void> {
  const { client0, client1 } = PORT;
  await core.reset();
  await send(core, { to: B, from: A, at: client0 });
  await core.tick(AGE_SECONDS);
  t.is(await send(core, { to: A, from: B, at: client1 }), client0, 'known for 300 seconds');
  await core.tick(1);
  t.is(await send(core, { to: A, from: B, at: client1 }), flooded(client1), 'and no longer');
  await send(core, { to: B, from: A, at: client0 });
  await core.write([{ address: REGISTERS.RESET, value: COUNTERS_RESET }]);
  t.is(await send(core, { to: A, from: B, at: client1 }), flooded(client1), 'emptied');
}

/** Of two stations with one row the later counts. */
async function checkRows(t: ExecutionContext, core: Core): Promise<void> {
  const { client0, client1, backend0 } = PORT;
  let rival = A + 1;
  while (rowOf(rival) !== rowOf(A)) rival += 1;
  await core.reset();
  await send(core, { to: B, from: A, at: client0 });
  t.is(await send(core, { to: rival, from: B, at: client1 }), flooded(client1), 'not its rival');
  await send(core, { to: B, from: rival, at: backend0 });
  t.is(
    await send(core, { to: A, from: B, at: client1 }),
    flooded(client1),
    'forgotten for a rival',
  );
  t.is(await send(core, { to: rival, from: B, at: client1 }), backend0);
}

async function checkSettings(t: ExecutionContext, core: Core): Promise<void> {
  const { client0, backend1 } = PORT;
  await core.reset();
  await core.write([
    { address: REGISTERS.BRIDGED, value: BRIDGED & ~backend1 },
    { address: REGISTERS.FRAME_MAX, value: 100 },
  ]);
  const frame = { to: B, from: A };
  t.is(await send(core, { ...frame, at: client0 }), flooded(client0) & ~backend1);
  t.is(await send(core, { ...frame, at: backend1 }), 0, 'a port that is not bridged');
  t.not(await send(core, { ...frame, at: client0, length: 100 }), 0);
  t.is(await send(core, { ...frame, at: client0, length: 101 }), 0, 'too long');
}

/** Stations are learned, forgotten and told apart, and settings have their effect. */
export async function checkStations(t: ExecutionContext, core: Core): Promise<void> {
  await checkLearning(t, core);
  await checkForgetting(t, core);
  await checkRows(t, core);
  await checkSettings(t, core);
}

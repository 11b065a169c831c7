/**
 * The thread of `sim-main.ts`: the simulated core at the devices of a namespace.
 *
 *   devices ─▶ rings ─▶ all that has come in ─▶ core ─▶ what leaves, at each port of TUSER ─▶ devices
 */
import { workerData } from 'node:worker_threads';
import { openRingPorts } from '../../../reference/host/ring/ring-ports.ts';
import { serveRing } from '../../../reference/host/ring/ring-service.ts';
import type { RingWork } from '../../../reference/host/ring/ring-thread.ts';
import { INITIAL } from '../driver/registers.ts';
import { openCore } from '../sim/library.ts';
import type { FrameIn } from '../sim/wire.ts';
import { openCoreSwitch, type Choices } from './core-switch.ts';
import { DESIGN } from './design.ts';
import { portsOf } from './ports.ts';

/** What the thread is told. */
interface SimulationOptions extends Choices {
  /** Names of the devices that are bridged. */
  readonly devices: readonly string[];
}

const TAG_OCTETS = 4;
/** Frames that may wait at a device. */
const SLOTS = 512;
const SIZE = { slots: SLOTS, frameOctetsMax: INITIAL.FRAME_MAX + TAG_OCTETS };

const { options, bell }: RingWork<SimulationOptions> = workerData;
const devices = portsOf(options.devices);
const core = await openCore(DESIGN);
const { pass, execute, keepTime } = await openCoreSwitch(core, devices.keys(), options, () =>
  process.hrtime.bigint(),
);
const ports = openRingPorts(devices, SIZE, bell);

/** Has all frames that are there pass, and answers how many. */
async function passAll(): Promise<number> {
  const frames: FrameIn[] = [];
  // The kernel writes the next frame where one was.
  const count = ports.drain((port, frame) => {
    frames.push({ source: 1 << port, octets: frame.slice() });
  });
  if (count === 0) return 0;
  for (const { destination, octets } of await pass(frames)) {
    for (const port of devices.keys()) {
      if (((destination >> port) & 1) === 1) ports.transmit(port, octets);
    }
  }
  return count;
}

async function turn(timeoutMs: number): Promise<number> {
  await keepTime();
  const count = await passAll();
  if (count === 0) ports.wait(timeoutMs);
  return count;
}

await serveRing({ turn, execute }, bell);

/** The thread of `model-main.ts`: `prism.p4` on packet rings. */
import { workerData } from 'node:worker_threads';
import { FRAME_OCTETS_MAX, openRingLoop } from '../../../reference/host/ring/ring-loop.ts';
import { serveRing } from '../../../reference/host/ring/ring-service.ts';
import type { RingWork } from '../../../reference/host/ring/ring-thread.ts';
import type { Choices } from '../agent/limits.ts';
import { createMachine } from './machine.ts';
import { portsOf } from './ports.ts';
import { PRISM_JSON, readProgram } from '../program.ts';

/** What the thread is told. */
interface ModelOptions extends Choices {
  /** Names of the devices that are bridged. */
  readonly devices: readonly string[];
}

const { options, bell }: RingWork<ModelOptions> = workerData;
const devices = portsOf(options.devices);
const step = createMachine(readProgram(PRISM_JSON), devices.keys(), options);
const machine = { step, mayHold: false, frameOctetsMax: FRAME_OCTETS_MAX };
await serveRing(openRingLoop(machine, devices, { bell }), bell);

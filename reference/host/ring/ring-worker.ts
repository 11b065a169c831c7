/** The thread of `startRingThread`. */
import { workerData } from 'node:worker_threads';
import { serveRing } from './ring-service.ts';
import { openRingSwitch } from './ring-switch.ts';
import type { RingThreadOptions, RingWork } from './ring-thread.ts';

const { options, bell }: RingWork<RingThreadOptions> = workerData;
await serveRing(openRingSwitch({ ...options, bell }), bell);

/** The switch as a process at the devices of its namespace, commanded over a channel. */
import { openDataPath } from '../bpf/datapath.ts';
import { deviceIndex } from '../bpf/device.ts';
import { startRingThread } from '../ring/ring-thread.ts';
import type { Running } from './main.ts';
import { createMessenger } from './messenger.ts';
import type { Plan } from './plan.ts';
import { answerRules, askHere, SWITCH, type AskRules } from './rule-switch.ts';

/** Whatever has the rules. */
export interface Ruled extends Running {
  readonly ask: AskRules;
}

/** How often leases and idle rules of the program are looked at. */
const TICK_MS = 100;

/** Starts the switch of a plan. Rejects with SyscallError, VerifierError. */
export async function startSwitch(plan: Plan): Promise<Running> {
  return serveSwitch(plan, plan.kind === 'ring' ? await startRing(plan) : startProgram(plan));
}

/** Has `ruled` obey the controller of a plan. */
export function serveSwitch({ channels, seal }: Plan, ruled: Ruled): Running {
  const messenger = createMessenger({
    name: SWITCH,
    listen: channels.get(SWITCH),
    peers: new Map(),
    seal,
    onMessage: answerRules(ruled.ask, seal),
  });
  return {
    close() {
      messenger.close();
      ruled.close();
    },
  };
}

/** The packet ring is a bridge too, and holds what clients say while their rule is locked. */
function startRing({ devices, capacity, lockLeaseMs }: Plan): Promise<Ruled> {
  return startRingThread({ devices: [...devices.keys()], capacity, lockLeaseMs, lock: 'hold' });
}

/** BPF in front of a bridge. */
function startProgram({ devices, capacity, lockLeaseMs }: Plan): Ruled {
  const path = openDataPath({ capacity, lockLeaseMs });
  for (const [name, stations] of devices) {
    const index = deviceIndex(name);
    path.attach(index);
    for (const mac of stations) path.addStation(mac, index);
  }
  const tick = (): void => void path.tick(process.hrtime.bigint());
  // A lease that began before the clock would be over with its first tick.
  tick();
  const clock = setInterval(tick, TICK_MS);
  return {
    ask: askHere(path),
    close() {
      clearInterval(clock);
      path.close();
    },
  };
}

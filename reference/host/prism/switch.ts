/** The switch as a process: BPF at the devices of its namespace, commanded over a channel. */
import { openDataPath } from '../bpf/datapath.ts';
import { deviceIndex } from '../bpf/device.ts';
import { createMessenger } from './messenger.ts';
import type { Plan } from './plan.ts';
import { answerRules, SWITCH } from './rule-switch.ts';

/** A switch that runs. */
export interface RunningSwitch {
  close(): void;
}

/** How often leases and idle rules are looked at. */
const TICK_MS = 100;

/** Starts the switch of a plan. Throws SyscallError, VerifierError. */
export function startSwitch({ devices, capacity, channels, seal }: Plan): RunningSwitch {
  const path = openDataPath({ capacity });
  for (const [name, stations] of devices) {
    const index = deviceIndex(name);
    path.attach(index);
    for (const mac of stations) path.addStation(mac, index);
  }
  const tick = (): void => void path.tick(process.hrtime.bigint());
  // A lease that began before the clock would be over with its first tick.
  tick();
  const messenger = createMessenger({
    name: SWITCH,
    listen: channels.get(SWITCH),
    peers: new Map(),
    seal,
    onMessage: answerRules(path, seal),
  });
  const clock = setInterval(tick, TICK_MS);
  return {
    close() {
      clearInterval(clock);
      messenger.close();
      path.close();
    },
  };
}

/** The pure switch at devices of this kernel. */
import type { Capability, SwitchConfig } from '../../switch/config.ts';
import { CAPABILITIES } from '../../switch/config.ts';
import type { DropReason } from '../../switch/counters.ts';
import { createSwitch, step } from '../../switch/switch.ts';
import type { LoopOptions, RingLoop } from './ring-loop.ts';
import { FRAME_OCTETS_MAX, openRingLoop } from './ring-loop.ts';

/** A switch like a bridge: it leaves TTL as it is. */
export const RING_CAPABILITIES: ReadonlySet<Capability> = new Set(
  CAPABILITIES.filter((each) => each !== 'L3'),
);

/** The devices, and what may be chosen. */
export interface RingOptions
  extends LoopOptions, Partial<Omit<SwitchConfig, 'ports' | 'puntPort' | 'controlPort'>> {
  /** Names of the bridged devices: their places are the ports' numbers. */
  readonly devices: readonly string[];
  /** Where punted frames go; its number is the next. */
  readonly puntDevice?: string;
  /** The only device that takes commands in band. */
  readonly controlDevice?: string;
}

/** Frames that went nowhere. */
export interface RingCounters {
  /** By the switch's decision. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Against its will; see `RingLoop`. */
  readonly lost: Readonly<Record<string, number>>;
}

/** The pure switch at its devices. */
export interface RingSwitch extends RingLoop {
  counters(): RingCounters;
  /** Forgets rules, stations, what it holds and what it has dropped; its devices stay open. */
  reset(): void;
}

/** The lock of a client that sends fast holds as much as a window. */
const HOLD_FRAMES = 1024;

/** Opens the devices of this thread's namespace. Throws SyscallError, TypeError. */
export function openRingSwitch(options: RingOptions): RingSwitch {
  const { devices, puntDevice, controlDevice } = options;
  const others = [puntDevice, controlDevice].filter((name) => name !== undefined);
  const names = [...devices, ...others];
  let state = createSwitch({
    capabilities: RING_CAPABILITIES,
    frameOctetsMax: FRAME_OCTETS_MAX,
    holdFrames: HOLD_FRAMES,
    ...options,
    ports: devices.map((_, port) => port),
    puntPort: puntDevice === undefined ? undefined : devices.length,
    controlPort: controlDevice === undefined ? undefined : names.length - 1,
  });
  const { config } = state;
  const loop = openRingLoop(
    {
      step: (event) => step(state, event),
      mayHold: config.lock === 'hold',
      controlPort: config.controlPort,
      frameOctetsMax: config.frameOctetsMax,
    },
    new Map(names.entries()),
    options,
  );
  return {
    ...loop,
    counters: () => ({ dropped: { ...state.counters.dropped }, lost: loop.losses() }),
    reset() {
      state = createSwitch(config);
      loop.tick();
    },
  };
}

/**
 * A switch whose ports are devices of this kernel, and whose every step is the pure model's.
 *
 *   device ─▶ ring ─▶ port.drain ─▶ switch/step ─▶ port.transmit ─▶ device
 *                                      ▲
 *                 execute(command) ────┴──── frames at the control device
 *
 * Frames stay as the kernel cuts them: up to 64 KiB, with checksums that are left to do. What is
 * left to do travels beside each frame through the switch. With frames as on a wire a flow gets a
 * fifth of that (1.1 against 5.9 Gbit/s, `bench/ring.ts`). Such a frame counts as one.
 *
 * One thread does all of it, and nothing waits but `turn`. The devices need no address, and their
 * namespace no IPv6 (`net.ipv6.conf.default.disable_ipv6`), or its kernel speaks too.
 */
import type { Command, Reply } from '../../control/command.ts';
import type { Capability, SwitchConfig } from '../../switch/config.ts';
import { CAPABILITIES } from '../../switch/config.ts';
import type { DropReason } from '../../switch/counters.ts';
import { copyFrame } from '../../switch/frame-copy.ts';
import type { Effect, SwitchState } from '../../switch/switch.ts';
import { createSwitch, step } from '../../switch/switch.ts';
import { deviceIndex } from '../bpf/device.ts';
import { POLLIN } from '../socket.ts';
import { syscall, SyscallError } from '../syscall.ts';
import { completeChecksum, hasWorkLeft, restorePseudoHeader } from './offload.ts';
import type { RingSize } from './packet-socket.ts';
import type { Port } from './port.ts';
import { openPort } from './port.ts';

/** A switch like a bridge: it leaves TTL as it is. */
export const RING_CAPABILITIES: ReadonlySet<Capability> = new Set(
  CAPABILITIES.filter((each) => each !== 'L3'),
);

/** That a rule has ended by itself. */
export type Expired = Extract<Effect, { readonly kind: 'expired' }>;

/** The devices, and what may be chosen. */
export interface RingOptions extends Partial<
  Omit<SwitchConfig, 'ports' | 'puntPort' | 'controlPort'>
> {
  /** Names of the bridged devices: their places are the ports' numbers. */
  readonly devices: readonly string[];
  /** Where punted frames go; its number is the next. */
  readonly puntDevice?: string;
  /** The only device that takes commands in band. */
  readonly controlDevice?: string;
  /** A descriptor: `turn` waits no longer when there is something to read from it. */
  readonly bell?: number;
  /** Frames that may wait at a device, 512 where it is left out. */
  readonly slots?: number;
  /** Nanoseconds that never go back; the kernel's clock where it is left out. */
  readonly clock?: () => bigint;
  /** Hears of each rule that ended by itself. */
  readonly onExpired?: (effect: Expired) => void;
}

/** Frames that went nowhere. */
export interface RingCounters {
  /** By the switch's decision. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /**
   * Against its will: `no-slot` where a ring was full, `truncated` where a frame was longer than a
   * slot, else the name of the error with which the kernel refused to send it.
   */
  readonly lost: Readonly<Record<string, number>>;
}

/** A switch that runs whenever it is given a turn; it ends with `close`, or with this process. */
export interface RingSwitch {
  /** Performs one command; what the reply says holds for each frame that is taken later. */
  execute(command: Command): Reply;
  /**
   * Switches the frames that are there and answers how many; where there are none it waits for
   * one, or for the bell, at most `timeoutMs`, blocking the thread.
   */
  turn(timeoutMs: number): number;
  counters(): RingCounters;
  /** Forgets rules, stations, what it holds and what it has dropped; its devices stay open. */
  reset(): void;
  close(): void;
}

/** Longest frame of a kernel: 65,535 octets of IP, and Ethernet. */
const FRAME_OCTETS_MAX = 65_549;
const TAG_OCTETS = 4;
const SLOTS = 512;
/** The lock of a client that sends fast holds as much as a window. */
const HOLD_FRAMES = 1024;
/** Frames of one device before it is the next one's turn. */
const DRAIN_MAX = 64;
/** Leases and ages are looked at this often, if there is time to. */
const TICK_NS = 10_000_000n;
const POLLERR = 8;

interface Machine {
  state: SwitchState;
  readonly ports: readonly Port[];
  readonly clock: () => bigint;
  readonly onExpired: (effect: Expired) => void;
}

/** Opens the devices of this thread's namespace. Throws SyscallError, TypeError. */
export function openRingSwitch(options: RingOptions): RingSwitch {
  const machine = createMachine(options);
  const { ports, clock } = machine;
  // poll(2) passes over a descriptor below 0.
  const watched = [...ports.map(({ fd }) => fd), options.bell ?? -1];
  const waiting = Int32Array.from(watched.flatMap((fd) => [fd, POLLIN]));
  tick(machine);
  return {
    execute(command) {
      tick(machine);
      const effects = step(machine.state, { kind: 'command', command });
      perform(machine, effects);
      const [reply] = effects.flatMap((each) => (each.kind === 'reply' ? [each.reply] : []));
      if (reply === undefined) throw new Error('the switch did not reply');
      return reply;
    },
    turn(timeoutMs) {
      if (clock() - machine.state.nowNs >= TICK_NS) tick(machine);
      const count = drain(machine);
      if (count > 0 || timeoutMs === 0) return count;
      wait(ports, waiting, timeoutMs);
      return drain(machine);
    },
    counters() {
      const { dropped } = machine.state.counters;
      return { dropped: { ...dropped }, lost: lossesOf(ports) };
    },
    reset() {
      machine.state = createSwitch(machine.state.config);
      tick(machine);
    },
    close: () => ports.forEach((port) => port.close()),
  };
}

function createMachine(options: RingOptions): Machine {
  const { devices, puntDevice, controlDevice, slots = SLOTS } = options;
  const others = [puntDevice, controlDevice].filter((name) => name !== undefined);
  const names = [...devices, ...others];
  const state = createSwitch({
    capabilities: RING_CAPABILITIES,
    frameOctetsMax: FRAME_OCTETS_MAX,
    holdFrames: HOLD_FRAMES,
    ...options,
    ports: devices.map((_, port) => port),
    puntPort: puntDevice === undefined ? undefined : devices.length,
    controlPort: controlDevice === undefined ? undefined : names.length - 1,
  });
  const size = { slots, frameOctetsMax: state.config.frameOctetsMax + TAG_OCTETS };
  const { clock = () => process.hrtime.bigint(), onExpired = () => {} } = options;
  return { state, ports: openPorts(names, size), clock, onExpired };
}

function openPorts(names: readonly string[], size: RingSize): readonly Port[] {
  const ports: Port[] = [];
  try {
    for (const name of names) ports.push(openPort(deviceIndex(name), size));
    return ports;
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  }
}

/** What is timed begins and ends now, not at the last tick. */
function tick(machine: Machine): void {
  perform(machine, step(machine.state, { kind: 'tick', nowNs: machine.clock() }));
}

function drain(machine: Machine): number {
  let count = 0;
  for (const [number, port] of machine.ports.entries()) {
    count += port.drain(DRAIN_MAX, (frame, offload) => take(machine, number, frame, offload));
  }
  return count;
}

function take(machine: Machine, port: number, frame: Uint8Array, offload: Uint8Array): void {
  const { state } = machine;
  const { controlPort, lock } = state.config;
  if (port === controlPort) {
    tick(machine);
    completeChecksum(frame, offload);
  }
  // What is held outlives its slot in the ring.
  const mayBeHeld = lock === 'hold';
  const octets = mayBeHeld ? copyFrame(frame) : frame;
  const event = { kind: 'frame', port, octets } as const;
  if (hasWorkLeft(offload)) {
    const sideband = mayBeHeld ? Uint8Array.from(offload) : offload;
    perform(machine, step(state, { ...event, sideband }), octets);
  } else perform(machine, step(state, event));
}

/** `taken` is the frame that came in: what else leaves has been rewritten. */
function perform(machine: Machine, effects: readonly Effect[], taken?: Uint8Array): void {
  for (const effect of effects) {
    if (effect.kind === 'expired') machine.onExpired(effect);
    if (effect.kind !== 'emit') continue;
    const { port, octets, sideband } = effect;
    if (sideband !== undefined && octets !== taken) restorePseudoHeader(octets, sideband);
    machine.ports[port]?.transmit(octets, sideband);
  }
}

/** Waits until a device has something; one that reports an error must not be asked for ever. */
function wait(ports: readonly Port[], waiting: Int32Array, timeoutMs: number): void {
  try {
    syscall('poll', [waiting, ports.length + 1, timeoutMs]);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EINTR') return;
    throw error;
  }
  for (const [index, port] of ports.entries()) {
    if (((waiting[2 * index + 1] ?? 0) & (POLLERR << 16)) !== 0) port.takeError();
  }
}

function lossesOf(ports: readonly Port[]): Readonly<Record<string, number>> {
  const lost: Record<string, number> = {};
  for (const port of ports) {
    for (const [reason, count] of Object.entries(port.losses())) {
      lost[reason] = (lost[reason] ?? 0) + count;
    }
  }
  return lost;
}

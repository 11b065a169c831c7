/**
 * Devices of this kernel as the ports of a machine that says what becomes of each frame.
 *
 *   device ─▶ ring ─▶ port.drain ─▶ machine.step ─▶ port.transmit ─▶ device
 *                                       ▲
 *                  execute(command) ────┴──── frames at the control device
 *
 * Frames stay as the kernel cuts them: up to 64 KiB, with checksums that are left to do. What is
 * left to do travels beside each frame through the machine. With frames as on a wire a flow gets a
 * fifth of that (1.1 against 5.9 Gbit/s, `bench/ring.ts`). Such a frame counts as one.
 *
 * One thread does all of it, and nothing waits but `turn`. The devices need no address, and their
 * namespace no IPv6 (`net.ipv6.conf.default.disable_ipv6`), or its kernel speaks too.
 */
import type { Command, Reply } from '../../control/command.ts';
import { copyFrame } from '../../switch/frame-copy.ts';
import type { Effect, SwitchEvent } from '../../switch/switch.ts';
import { completeChecksum, hasWorkLeft, restorePseudoHeader } from './offload.ts';
import { openRingPorts, type RingPorts } from './ring-ports.ts';

/** Whatever switches: an event in, effects out, as `step` of the pure switch has them. */
export interface Machine {
  readonly step: (event: SwitchEvent) => readonly Effect[];
  /** Whether a frame that came in may leave at a later event. */
  readonly mayHold: boolean;
  /** The port whose frames are commands. */
  readonly controlPort?: number | undefined;
  /** Longest frame, without a VLAN tag. */
  readonly frameOctetsMax: number;
}

/** That a rule has ended by itself. */
export type Expired = Extract<Effect, { readonly kind: 'expired' }>;

/** What may be chosen. */
export interface LoopOptions {
  /** A descriptor: `turn` waits no longer when there is something to read from it. */
  readonly bell?: number;
  /** Frames that may wait at a device, 512 where it is left out. */
  readonly slots?: number;
  /** Nanoseconds that never go back; the kernel's clock where it is left out. */
  readonly clock?: () => bigint;
  /** Hears of each rule that ended by itself. */
  readonly onExpired?: (effect: Expired) => void;
}

/** A machine that runs whenever it is given a turn; it ends with `close`, or with this process. */
export interface RingLoop {
  /** Performs one command; what the reply says holds for each frame that is taken later. */
  execute(command: Command): Reply;
  /**
   * Switches the frames that are there and answers how many; where there are none it waits for
   * one, or for the bell, at most `timeoutMs`, blocking the thread.
   */
  turn(timeoutMs: number): number;
  /** Tells the machine the time: what is timed begins and ends now, not at the last tick. */
  tick(): void;
  /** Frames lost so far, by the reason, as `RingPorts.losses`. */
  losses(): Readonly<Record<string, number>>;
  close(): void;
}

/** Longest frame of a kernel: 65,535 octets of IP, and Ethernet. */
export const FRAME_OCTETS_MAX = 65_549;
const TAG_OCTETS = 4;
const SLOTS = 512;
/** Leases and ages are looked at this often, if there is time to. */
const TICK_NS = 10_000_000n;

const monotonic = (): bigint => process.hrtime.bigint();

/** A machine at its devices. */
interface Running extends Machine {
  readonly ports: RingPorts;
  readonly clock: () => bigint;
  readonly onExpired: (effect: Expired) => void;
  /** When it was last told the time. */
  nowNs: bigint;
}

/**
 * Opens the devices of this thread's namespace, by the numbers of their ports. Throws SyscallError.
 */
export function openRingLoop(
  machine: Machine,
  devices: ReadonlyMap<number, string>,
  { bell = -1, slots = SLOTS, clock = monotonic, onExpired = () => {} }: LoopOptions,
): RingLoop {
  const size = { slots, frameOctetsMax: machine.frameOctetsMax + TAG_OCTETS };
  const ports = openRingPorts(devices, size, bell);
  const running = { ...machine, ports, clock, onExpired, nowNs: 0n };
  tick(running);
  return {
    execute(command) {
      tick(running);
      const effects = machine.step({ kind: 'command', command });
      perform(running, effects);
      const [reply] = effects.flatMap((each) => (each.kind === 'reply' ? [each.reply] : []));
      if (reply === undefined) throw new Error('the switch did not reply');
      return reply;
    },
    turn(timeoutMs) {
      if (clock() - running.nowNs >= TICK_NS) tick(running);
      const count = drain(running);
      if (count > 0 || timeoutMs === 0) return count;
      ports.wait(timeoutMs);
      return drain(running);
    },
    tick: () => tick(running),
    losses: () => ports.losses(),
    close: () => ports.close(),
  };
}

function tick(running: Running): void {
  running.nowNs = running.clock();
  perform(running, running.step({ kind: 'tick', nowNs: running.nowNs }));
}

function drain(running: Running): number {
  return running.ports.drain((port, frame, offload) => take(running, port, frame, offload));
}

function take(running: Running, port: number, frame: Uint8Array, offload: Uint8Array): void {
  const { controlPort, mayHold } = running;
  if (port === controlPort) {
    tick(running);
    completeChecksum(frame, offload);
  }
  // What is held outlives its slot in the ring.
  const octets = mayHold ? copyFrame(frame) : frame;
  const event = { kind: 'frame', port, octets } as const;
  if (hasWorkLeft(offload)) {
    const sideband = mayHold ? Uint8Array.from(offload) : offload;
    perform(running, running.step({ ...event, sideband }), octets);
  } else perform(running, running.step(event));
}

/** `taken` is the frame that came in: what else leaves has been rewritten. */
function perform(running: Running, effects: readonly Effect[], taken?: Uint8Array): void {
  for (const effect of effects) {
    if (effect.kind === 'expired') running.onExpired(effect);
    if (effect.kind !== 'emit') continue;
    const { port, octets, sideband } = effect;
    if (sideband !== undefined && octets !== taken) restorePseudoHeader(octets, sideband);
    running.ports.transmit(port, octets, sideband);
  }
}

/**
 * What a device under test offers to the suite: the calls of `prism-dut/1`.
 *
 * Addresses travel as text and frames as octets, so that any adapter (in process, files, a pipe,
 * gRPC) can carry them. All rule commands are idempotent and carry the rule's epoch.
 */
import type { Capability } from '../catalogue/capability.ts';

/** One end of a TCP connection: an IPv4 or IPv6 address as text and a port, 1 to 65535. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Who serves a connection: an end of it, and the MAC address that frames are sent to. */
export interface Owner extends Endpoint {
  readonly mac: string;
}

/** A window shift: the count that the sender of the window used, and the one its reader assumes. */
export interface WindowShift {
  readonly in: number;
  readonly out: number;
}

/**
 * What a rule adds to a segment, modulo 2^32.
 *
 * Client to owner: seq + clientSeq, ack + ownerSeq, TSval + clientTimestamp, TSecr + ownerTimestamp.
 * Owner to client: the same values subtracted. All 0 is HANDOFF, else SPLICE.
 */
export interface Deltas {
  readonly clientSeq: number;
  readonly ownerSeq: number;
  readonly clientTimestamp: number;
  readonly ownerTimestamp: number;
  readonly clientWindow: WindowShift;
  readonly ownerWindow: WindowShift;
}

/** The two ends that the client knows: its own, and the virtual one that it talks to. */
export interface ConnectionKey {
  readonly client: Endpoint;
  readonly virtual: Endpoint;
}

/** One connection: its key, its owner, its deltas, and whether both directions are blocked. */
export interface Rule extends ConnectionKey {
  readonly owner: Owner;
  readonly deltas: Deltas;
  readonly locked: boolean;
}

/** A rule as the device reports it. */
export interface RuleStatus {
  readonly rule: Rule;
  readonly epoch: number;
  /** Milliseconds until a lock is given up; absent when the rule is not locked or has no lease. */
  readonly leaseMs?: number;
  readonly clientFrames: number;
  readonly ownerFrames: number;
}

/** A command for the rule table. An older epoch than the rule's last one has no effect. */
export type Command =
  | { readonly op: 'add'; readonly rule: Rule; readonly epoch: number }
  | {
      readonly op: 'lock' | 'unlock' | 'delete';
      readonly key: ConnectionKey;
      readonly epoch: number;
    }
  | {
      readonly op: 'chown';
      readonly key: ConnectionKey;
      readonly owner: Owner;
      readonly deltas: Deltas;
      readonly unlock: boolean;
      readonly epoch: number;
    };

/** What the device answers to a command. */
export type Reply =
  { readonly ok: true } | { readonly ok: false; readonly error: string; readonly detail: string };

/** The parts that a port plays in the test bed. */
export const PORT_ROLES = [
  'client0',
  'client1',
  'controller',
  'backend0',
  'backend1',
  'punt',
  'control',
] as const;
/** What is attached to a port. `punt` and `control` are never bridged; both are optional. */
export type PortRole = (typeof PORT_ROLES)[number];

/** How the suite knows that a device has dealt with everything that was injected. */
export type BarrierKind = 'in-order' | 'rpc' | 'none';

/** Choices that a correct device is free to make, and that the judge must know. */
export interface Profile {
  /** What becomes of a client's frame while its rule is locked. */
  readonly lock: 'drop' | 'hold' | 'punt';
  /** TTL or hop limit of a rewritten packet. */
  readonly ttl: 'unchanged' | 'decrement';
  /** How many rules fit for certain, whatever their keys. */
  readonly capacity: number;
  /** How many frames one locked rule holds; 0 where nothing is held. */
  readonly holdFrames: number;
  /** Idle seconds after which an active rule may go; 0 when it never does. */
  readonly idleSeconds: number;
  /** Milliseconds after which a lock is given up; 0 when never. */
  readonly leaseMs: number;
  /** Without DELTAS: the one number by which the device shifts sequence and acknowledgment. */
  readonly delta?: number | undefined;
  /**
   * Real milliseconds after which everything that was injected, or let go by a command, has left
   * or never will. With `barrier: 'none'` it proves absence; else it is how long to be patient.
   */
  readonly settleMs?: number | undefined;
}

/** The device's introduction. */
export interface Hello {
  readonly protocol: 'prism-dut/1';
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  /** Port number of each role that the device has. */
  readonly ports: Partial<Readonly<Record<PortRole, number>>>;
  /** Largest IP packet in octets. */
  readonly mtu: number;
  readonly capabilities: readonly Capability[];
  readonly profile: Profile;
  readonly barrier: BarrierKind;
  readonly clock: 'real' | 'virtual';
}

/** A frame at a port of the device, from the destination MAC on, without the check sequence. */
export interface PortFrame {
  readonly port: number;
  readonly frame: Uint8Array;
}

/** What happened without being asked for: a rule ran out of time. */
export interface Notice {
  readonly kind: 'expired';
  readonly key: ConnectionKey;
  readonly reason: 'idle' | 'lease';
}

/** Frames that came out since the last call, in order per port. */
export interface Collected {
  readonly frames: readonly PortFrame[];
  readonly notices: readonly Notice[];
}

/** A device under test. Every call may reject with `DriverFault` or `NotSupported`. */
export interface Device {
  hello(): Promise<Hello>;
  /** Back to an empty rule table and an empty address table. */
  reset(): Promise<void>;
  command(command: Command): Promise<Reply>;
  rules(): Promise<readonly RuleStatus[]>;
  inject(frames: readonly PortFrame[]): Promise<void>;
  collect(): Promise<Collected>;
  /** Resolves when everything injected before has been dealt with (`barrier: 'rpc'`). */
  barrier(): Promise<void>;
  /** Moves a virtual clock on by `seconds`. */
  advance(seconds: number): Promise<void>;
  /** Frames that were lost on the way to or from the suite, not those that the device dropped. */
  captureLoss(): Promise<number>;
  /** The frame that would carry `command`, were it sent to the control port. */
  controlFrame(command: Command): Promise<Uint8Array>;
  /** The device answers `true` only for capabilities that it knows and has. */
  claims(capability: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The device could not be asked: the verdict is inconclusive, never fail and never pass. */
export class DriverFault extends Error {
  override readonly name = 'DriverFault';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(`[${reason}] ${message}`);
    this.reason = reason;
  }
}

/** The device does not know the call: the verdict is not-applicable. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported';
  readonly capability: string;
  constructor(capability: string) {
    super(`the device does not offer ${capability}`);
    this.capability = capability;
  }
}

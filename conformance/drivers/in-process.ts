/**
 * The embedded reference switch as a device: no process, no privilege, nothing installed.
 *
 * This adapter and its parts in `embedded` are the one place where the judge's side touches the
 * switch's code. What to expect of a frame is decided elsewhere.
 */
import type * as control from '../../reference/control/command.ts';
import { encodeCommandFrame } from '../../reference/control/frame.ts';
import { CAPABILITIES, type LockMode } from '../../reference/switch/config.ts';
import {
  createSwitch,
  step,
  type Effect,
  type SwitchEvent,
} from '../../reference/switch/switch.ts';
import {
  DriverFault,
  type Collected,
  type Device,
  type Hello,
  type Notice,
  type PortFrame,
  type Reply,
  type RuleStatus,
} from '../driver/device.ts';
import type { Capability } from '../catalogue/capability.ts';
import { askInBand } from './embedded/in-band.ts';
import { inCommand, outKey, outStatus } from './embedded/rules.ts';

const PUNT_PORT = 5;
const CONTROL_PORT = 6;
const PORTS: Hello['ports'] = {
  client0: 0,
  client1: 1,
  controller: 2,
  backend0: 3,
  backend1: 4,
  punt: PUNT_PORT,
  control: CONTROL_PORT,
};
const BRIDGED_PORTS = [0, 1, 2, 3, 4];
/** What every configuration of the reference has beside the optional capabilities. */
const ALWAYS: readonly Capability[] = [
  'BRIDGE',
  'MATCH',
  'REVERSE',
  'RULES',
  'LOCK',
  'LOCKBOTH',
  'EPOCH',
  'CAPACITY',
  'DELTAS',
  'INBAND',
];

/** The capabilities of the embedded switch that can be taken away. */
export const OPTIONAL: readonly Capability[] = [...CAPABILITIES, 'HOLD', 'PUNT'];

/** How an embedded switch may differ from the one that has everything. */
export interface InProcessOptions {
  /** The optional capabilities that it has; all but L3 when left out. */
  readonly claims?: readonly Capability[];
  readonly lock?: LockMode;
  /** True if commands and replies travel as frames at the control port; else they are calls. */
  readonly inBand?: boolean;
}

/** Opens a reference switch; `options` may take capabilities away or choose how it locks. */
export function openInProcess(options: InProcessOptions = {}): Device {
  const claims = options.claims ?? OPTIONAL.filter((each) => each !== 'L3');
  const optional = OPTIONAL.filter((each) => claims.includes(each));
  const chosen = {
    ports: BRIDGED_PORTS,
    puntPort: PUNT_PORT,
    controlPort: CONTROL_PORT,
    capabilities: new Set(CAPABILITIES.filter((each) => claims.includes(each))),
    lock: options.lock ?? (optional.includes('HOLD') ? 'hold' : 'drop'),
  };
  let state = createSwitch(chosen);
  let nowNs = 0n;
  let frames: PortFrame[] = [];
  let notices: Notice[] = [];
  const { config } = state;
  const capabilities: readonly Capability[] = [...ALWAYS, ...optional];

  /** Performs one event; a device that throws has crashed, which is no verdict on anything else. */
  function perform(event: SwitchEvent): readonly Effect[] {
    try {
      return step(state, event);
    } catch (error) {
      throw new DriverFault('crash', `the reference threw: ${String(error)}`);
    }
  }

  function take(event: SwitchEvent): control.Reply | undefined {
    let reply: control.Reply | undefined;
    for (const effect of perform(event)) {
      if (effect.kind === 'emit') frames.push({ port: effect.port, frame: effect.octets });
      else if (effect.kind === 'reply') reply = effect.reply;
      else notices.push({ kind: 'expired', key: outKey(effect.key), reason: effect.reason });
    }
    return reply;
  }

  let lastRequest = 0;

  /** What comes back to the control port; what a command lets go leaves as always. */
  function exchange(octets: Uint8Array): readonly Uint8Array[] {
    const before = frames.length;
    take({ kind: 'frame', port: CONTROL_PORT, octets });
    const left = frames.splice(before);
    frames.push(...left.filter(({ port }) => port !== CONTROL_PORT));
    return left.flatMap(({ port, frame }) => (port === CONTROL_PORT ? [frame] : []));
  }

  function ask(command: control.Command): control.Reply {
    lastRequest += 1;
    const reply =
      options.inBand === true
        ? askInBand(command, lastRequest, exchange)
        : take({ kind: 'command', command });
    if (reply !== undefined) return reply;
    throw new DriverFault('no-reply', `the reference gave no reply to ${command.op}`);
  }

  return {
    hello: async (): Promise<Hello> => ({
      protocol: 'prism-dut/1',
      name: 'reference',
      vendor: 'prismspec',
      version: '0.1.0',
      ports: PORTS,
      mtu: config.capabilities.has('JUMBO') ? 9000 : 1500,
      capabilities,
      profile: {
        lock: config.lock,
        ttl: config.capabilities.has('L3') ? 'decrement' : 'unchanged',
        capacity: config.capacity,
        holdFrames: config.holdFrames,
        idleSeconds: config.capabilities.has('AGE') ? config.idleTimeoutMs / 1000 : 0,
        leaseMs: config.lockLeaseMs,
      },
      barrier: 'in-order',
      clock: 'virtual',
    }),
    reset: async (): Promise<void> => {
      state = createSwitch(chosen);
      nowNs = 0n;
      frames = [];
      notices = [];
    },
    command: async (command): Promise<Reply> => {
      const reply = ask(inCommand(command));
      return reply.ok ? { ok: true } : { ok: false, error: reply.error, detail: reply.detail };
    },
    rules: async (): Promise<readonly RuleStatus[]> => {
      const reply = ask({ op: 'get' });
      return reply.ok ? reply.rules.map(outStatus) : [];
    },
    inject: async (injected): Promise<void> => {
      // Copies: what the switch does to its octets must not change what is expected of it.
      const memory = new Uint8Array(injected.reduce((sum, { frame }) => sum + frame.length, 0));
      let used = 0;
      for (const { port, frame } of injected) {
        const octets = memory.subarray(used, used + frame.length);
        octets.set(frame);
        used += frame.length;
        take({ kind: 'frame', port, octets });
      }
    },
    collect: async (): Promise<Collected> => {
      const collected = { frames, notices };
      frames = [];
      notices = [];
      return collected;
    },
    barrier: async (): Promise<void> => undefined,
    advance: async (seconds): Promise<void> => {
      nowNs += BigInt(Math.round(seconds * 1e9));
      take({ kind: 'tick', nowNs });
    },
    captureLoss: async (): Promise<number> => 0,
    controlFrame: async (command): Promise<Uint8Array> => encodeCommandFrame(inCommand(command)),
    claims: async (capability): Promise<boolean> =>
      capabilities.some((each) => each === capability),
    close: async (): Promise<void> => undefined,
  };
}

/**
 * The embedded reference switch as a device: no process, no privilege, nothing installed.
 *
 * This adapter is the one place where the judge's side touches the switch's code. It only turns
 * text into addresses and back; what to expect of a frame is decided elsewhere.
 */
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  ipv4Address,
  ipv6Address,
  mac,
  parseIpv4,
} from 'scapy-ts';
import type * as control from '../../reference/control/command.ts';
import { encodeCommandFrame } from '../../reference/control/frame.ts';
import type * as rules from '../../reference/rules/rule.ts';
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
  type Command,
  type ConnectionKey,
  type Device,
  type Endpoint,
  type Hello,
  type Notice,
  type Owner,
  type PortFrame,
  type Reply,
  type Rule,
  type RuleStatus,
} from '../driver/device.ts';
import type { Capability } from '../catalogue/capability.ts';

const PORTS: Hello['ports'] = {
  client0: 0,
  client1: 1,
  controller: 2,
  backend0: 3,
  backend1: 4,
  punt: 5,
  control: 6,
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

function addressOf(text: string): rules.Endpoint['address'] {
  return parseIpv4(text).ok ? ipv4Address(text) : ipv6Address(text);
}

function addressText(address: rules.Endpoint['address']): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}

function inEndpoint({ address, port }: Endpoint): rules.Endpoint {
  return { address: addressOf(address), port };
}

function outEndpoint({ address, port }: rules.Endpoint): Endpoint {
  return { address: addressText(address), port };
}

function inKey(key: ConnectionKey): rules.ConnectionKey {
  return { client: inEndpoint(key.client), virtual: inEndpoint(key.virtual) };
}

function outKey(key: rules.ConnectionKey): ConnectionKey {
  return { client: outEndpoint(key.client), virtual: outEndpoint(key.virtual) };
}

function inOwner(owner: Owner): rules.Owner {
  return { ...inEndpoint(owner), mac: mac(owner.mac) };
}

function inRule(rule: Rule): rules.Rule {
  return {
    key: inKey(rule),
    owner: inOwner(rule.owner),
    deltas: rule.deltas,
    locked: rule.locked,
  };
}

function outStatus(status: control.RuleStatus): RuleStatus {
  const { rule } = status;
  return {
    rule: {
      ...outKey(rule.key),
      owner: { ...outEndpoint(rule.owner), mac: formatMac(rule.owner.mac) },
      deltas: rule.deltas,
      locked: rule.locked,
    },
    epoch: status.epoch,
    ...(status.leaseLeftMs === undefined ? {} : { leaseMs: status.leaseLeftMs }),
    clientFrames: status.fromClient.packets,
    ownerFrames: status.fromOwner.packets,
  };
}

function inCommand(command: Command): control.Command {
  switch (command.op) {
    case 'add':
      return { op: 'add', rule: inRule(command.rule), epoch: command.epoch };
    case 'chown':
      return { ...command, key: inKey(command.key), owner: inOwner(command.owner) };
    default:
      return { op: command.op, key: inKey(command.key), epoch: command.epoch };
  }
}

/** How an embedded switch may differ from the one that has everything. */
export interface InProcessOptions {
  /** The optional capabilities that it has; all but L3 when left out. */
  readonly claims?: readonly Capability[];
  readonly lock?: LockMode;
}

/** Opens a reference switch; `options` may take capabilities away or choose how it locks. */
export function openInProcess(options: InProcessOptions = {}): Device {
  const optional = CAPABILITIES.filter((each) => options.claims?.includes(each) ?? each !== 'L3');
  const chosen = {
    ports: BRIDGED_PORTS,
    puntPort: 5,
    controlPort: 6,
    capabilities: new Set(optional),
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

  function ask(command: control.Command): control.Reply {
    const reply = take({ kind: 'command', command });
    if (reply === undefined) throw new Error(`the reference gave no reply to ${command.op}`);
    return reply;
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

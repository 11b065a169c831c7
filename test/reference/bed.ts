/** A switch with a client, a controller and two backends, and frames that they send. */
import type { GivenTcp, Ipv4Address, MacAddress, Packet } from 'scapy-ts';
import { build, ether, ipv4, ipv4Address, mac, raw, tcp } from 'scapy-ts';
import type { Command, Reply } from '../../reference/control/command.ts';
import type { Deltas, Endpoint, Owner, Rule } from '../../reference/rules/rule.ts';
import { NO_DELTAS } from '../../reference/rules/rule.ts';
import type { Capability, SwitchOptions } from '../../reference/switch/config.ts';
import { CAPABILITIES } from '../../reference/switch/config.ts';
import type { Effect, SwitchState } from '../../reference/switch/switch.ts';
import { createSwitch, step } from '../../reference/switch/switch.ts';

/** Port numbers. */
export const AT = { client: 0, controller: 1, backend: 2, other: 3, punt: 8, control: 9 } as const;

/** A host on the bed: an endpoint, a MAC address, and the port that it is behind. */
export interface Host extends Owner {
  readonly address: Ipv4Address;
  readonly at: number;
}

function host(at: number, address: string, port: number): Host {
  return { at, address: ipv4Address(address), port, mac: mac(`02:00:00:00:00:0${at + 1}`) };
}

/** The client of the catalogue's vectors. */
export const CLIENT: Host = host(AT.client, '192.0.2.10', 40000);
/** The virtual endpoint; the controller's own stack has it too. */
export const VIRTUAL: Host = host(AT.controller, '198.51.100.1', 80);
/** The owner of the catalogue's vectors. */
export const BACKEND: Host = host(AT.backend, '10.0.0.21', 8080);
/** A second backend. */
export const OTHER: Host = host(AT.other, '10.0.0.22', 8081);

/** The connection of CLIENT to VIRTUAL. */
export const KEY: Rule['key'] = { client: end(CLIENT), virtual: end(VIRTUAL) };

/** KEY, owned by BACKEND, without deltas. */
export const HANDOFF: Rule = {
  key: KEY,
  owner: ownerOf(BACKEND),
  deltas: NO_DELTAS,
  locked: false,
};

/** HANDOFF with some deltas. */
export function withDeltas(deltas: Partial<Deltas>): Rule {
  return { ...HANDOFF, deltas: { ...NO_DELTAS, ...deltas } };
}

/** A host as the owner in a rule. */
export function ownerOf({ address, port, mac: address48 }: Host): Owner {
  return { address, port, mac: address48 };
}

/** A switch, and what has come out of it. */
export interface Bed {
  readonly state: SwitchState;
  /** Injects a frame where `from` is; the frames that leave, by port. */
  send(frame: Uint8Array, from?: Host | number): readonly Emission[];
  tell(command: Command): Reply;
  /** Moves time on; what expired. */
  wait(ms: number): readonly string[];
}

/** A frame that left. */
export interface Emission {
  readonly port: number;
  readonly octets: Uint8Array;
}

/** All capabilities but those named. */
export function without(...lacking: readonly Capability[]): ReadonlySet<Capability> {
  return new Set(CAPABILITIES.filter((each) => !lacking.includes(each)));
}

/** A switch on which all hosts have been learned; a bridge (no L3), with every other capability. */
export function createBed(options: Partial<SwitchOptions> = {}): Bed {
  const ports = [AT.client, AT.controller, AT.backend, AT.other];
  const state = createSwitch({
    ports,
    puntPort: AT.punt,
    controlPort: AT.control,
    capabilities: without('L3'),
    ...options,
  });
  for (const { at, mac: src } of [CLIENT, VIRTUAL, BACKEND, OTHER]) {
    step(state, { kind: 'frame', port: at, octets: build([ether({ src, dst: src })]) });
  }
  return {
    state,
    send: (octets, from = CLIENT): readonly Emission[] => {
      const port = typeof from === 'number' ? from : from.at;
      return emissions(step(state, { kind: 'frame', port, octets }));
    },
    tell: (command): Reply => {
      const reply = step(state, { kind: 'command', command }).at(-1);
      if (reply?.kind !== 'reply') throw new Error('the switch gave no reply');
      return reply.reply;
    },
    wait: (ms): readonly string[] => {
      const nowNs = state.nowNs + BigInt(ms) * 1_000_000n;
      const effects = step(state, { kind: 'tick', nowNs });
      return effects.flatMap((effect) => (effect.kind === 'expired' ? [effect.reason] : []));
    },
  };
}

/** A bed with one rule; throws if the switch refuses it. */
export function bedWith(rule: Rule, options: Partial<SwitchOptions> = {}): Bed {
  const bed = createBed(options);
  const reply = bed.tell({ op: 'add', rule, epoch: 1 });
  if (!reply.ok) throw new Error(reply.detail);
  return bed;
}

/** The frames among the effects. */
export function emissions(effects: readonly Effect[]): readonly Emission[] {
  return effects.flatMap((effect) =>
    effect.kind === 'emit' ? [{ port: effect.port, octets: effect.octets }] : [],
  );
}

/** A segment of `from` to `to` behind Ethernet and IPv4. */
export function segment(
  from: Endpoint & { readonly mac: MacAddress; readonly address: Ipv4Address },
  to: Endpoint & { readonly mac: MacAddress; readonly address: Ipv4Address },
  fields: GivenTcp = {},
  payload: string = 'hello',
): Packet {
  return [
    ether({ src: from.mac, dst: to.mac }),
    ipv4({ src: from.address, dst: to.address }),
    tcp({ flags: 'PA', ...fields, srcPort: from.port, dstPort: to.port }),
    raw(payload),
  ];
}

function end({ address, port }: Host): Endpoint {
  return { address, port };
}

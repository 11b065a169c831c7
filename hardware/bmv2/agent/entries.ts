/**
 * The table entries of `prism.p4` that one rule asks for.
 *
 *   flows   client  ▶ virtual                  client_of(index)
 *           owner   ▶ client                   owner_of(index)
 *           virtual ▶ client, former ▶ client  drop
 *   rules   index                              rule(…)
 *   hosts   the addresses of each flow         punt
 */
import type { Endpoint, Rule } from '../../../reference/rules/rule.ts';
import type { Mapping, Place } from '../../agent/mapping.ts';
import type { FieldMatch, TableEntry } from '../../entry.ts';

/** Names of `prism.p4`, as P4Info has them. */
export const P4 = {
  flows: 'PrismIngress.prism.flows',
  rules: 'PrismIngress.prism.rules',
  hosts: 'PrismIngress.prism.hosts',
  clientOf: 'PrismIngress.prism.client_of',
  ownerOf: 'PrismIngress.prism.owner_of',
  rule: 'PrismIngress.prism.rule',
  drop: 'PrismIngress.prism.drop',
  punt: 'PrismIngress.prism.punt',
  fromClient: 'PrismIngress.prism.from_client',
  fromOwner: 'PrismIngress.prism.from_owner',
} as const;

/** `prism.p4`. */
export const PRISM: Mapping = {
  entriesOf,
  bar: P4.drop,
  rules: P4.rules,
  counters: { fromClient: P4.fromClient, fromOwner: P4.fromOwner },
};

function entriesOf(rule: Rule, former: readonly Endpoint[], place: Place): readonly TableEntry[] {
  const { client, virtual } = rule.key;
  const index = { index: BigInt(place.index) };
  const flows = [
    flowEntry(client, virtual, P4.clientOf, index),
    flowEntry(rule.owner, client, P4.ownerOf, index),
    ...[virtual, ...former].map((impostor) => flowEntry(impostor, client, P4.drop, {})),
  ];
  return [...flows, ...flows.map(hostsEntry), ruleEntry(rule, place)];
}

function flowEntry(
  from: Endpoint,
  to: Endpoint,
  action: string,
  params: TableEntry['params'],
): TableEntry {
  return { table: P4.flows, match: matchOf(from, to), action, params };
}

function hostsEntry({ match }: TableEntry): TableEntry {
  const { src_port: _from, dst_port: _to, ...hosts } = match;
  return { table: P4.hosts, match: hosts, action: P4.punt, params: {} };
}

function ruleEntry({ key, owner, deltas, locked }: Rule, place: Place): TableEntry {
  return {
    table: P4.rules,
    match: { index: exact(place.index) },
    action: P4.rule,
    params: {
      generation: BigInt(place.generation),
      locked: locked ? 1n : 0n,
      owner: BigInt(owner.address),
      owner_port: BigInt(owner.port),
      owner_mac: BigInt(owner.mac),
      virtual: BigInt(key.virtual.address),
      virtual_port: BigInt(key.virtual.port),
      client_seq: BigInt(deltas.clientSeq),
      owner_seq: BigInt(deltas.ownerSeq),
      client_timestamp: BigInt(deltas.clientTimestamp),
      owner_timestamp: BigInt(deltas.ownerTimestamp),
      client_window_in: BigInt(deltas.clientWindow.in),
      client_window_out: BigInt(deltas.clientWindow.out),
      owner_window_in: BigInt(deltas.ownerWindow.in),
      owner_window_out: BigInt(deltas.ownerWindow.out),
    },
  };
}

/** For how long each rule has been idle, by its index; a switch may not tell it of each. */
export function idleByIndex(
  readings: readonly { readonly entry: TableEntry; readonly idleMs?: number | undefined }[],
): ReadonlyMap<number, number> {
  return new Map(
    readings.flatMap(({ entry, idleMs }): readonly (readonly [number, number])[] =>
      idleMs === undefined ? [] : [[Number(entry.match['index']?.value), idleMs]],
    ),
  );
}

/** The key of a flow in `flows`, of either program. */
export function matchOf(from: Endpoint, to: Endpoint): Readonly<Record<string, FieldMatch>> {
  return {
    version: exact(typeof from.address === 'bigint' ? 6 : 4),
    src: exact(from.address),
    src_port: exact(from.port),
    dst: exact(to.address),
    dst_port: exact(to.port),
  };
}

/** An IPv4 address is a number below 2^32: `prism.p4` has it in the last bits of an IPv6 one. */
function exact(value: number | bigint): FieldMatch {
  return { kind: 'exact', value: BigInt(value) };
}

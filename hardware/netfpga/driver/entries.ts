/**
 * The table entries that one rule asks of the core.
 *
 *   flows   client  ▶ virtual                  client_of(rule)
 *           owner   ▶ client                   owner_of(rule)
 *           virtual ▶ client, former ▶ client  drop
 *           the hosts of each flow             punt
 *   rules   index                              rule(…)
 */
import type { Endpoint, Rule, WindowShift } from '../../../reference/rules/rule.ts';
import { sameEndpoint } from '../../../reference/rules/rule.ts';
import type { Mapping, Place } from '../../agent/mapping.ts';
import type { FieldMatch, TableEntry } from '../../entry.ts';

/** Names of the core's tables, actions and counters. */
export const NAMES = {
  flows: 'flows',
  rules: 'rules',
  clientOf: 'client_of',
  ownerOf: 'owner_of',
  drop: 'drop',
  punt: 'punt',
  rule: 'rule',
  fromClient: 'from_client',
  fromOwner: 'from_owner',
} as const;

/** How a rule stands in the core's tables. */
export const MAPPING: Mapping = {
  entriesOf,
  bar: NAMES.drop,
  rules: NAMES.rules,
  counters: { fromClient: NAMES.fromClient, fromOwner: NAMES.fromOwner },
};

function entriesOf(rule: Rule, former: readonly Endpoint[], place: Place): readonly TableEntry[] {
  const { client, virtual } = rule.key;
  const to = { rule: BigInt(place.index) };
  const flows = [
    flowEntry(client, virtual, NAMES.clientOf, to),
    flowEntry(rule.owner, client, NAMES.ownerOf, to),
    ...[virtual, ...former].map((impostor) => flowEntry(impostor, client, NAMES.drop, {})),
  ];
  return [...flows, ...flows.map(hostsEntry), ruleEntry(rule, place)];
}

function flowEntry(
  from: Endpoint,
  to: Endpoint,
  action: string,
  params: TableEntry['params'],
): TableEntry {
  const match = {
    hosts: exact(0),
    src: exact(from.address),
    dst: exact(to.address),
    src_port: exact(from.port),
    dst_port: exact(to.port),
  };
  return { table: NAMES.flows, match, action, params };
}

function hostsEntry({ match }: TableEntry): TableEntry {
  const hosts = { ...match, hosts: exact(1), src_port: exact(0), dst_port: exact(0) };
  return { table: NAMES.flows, match: hosts, action: NAMES.punt, params: {} };
}

function ruleEntry({ key, owner, deltas, locked }: Rule, place: Place): TableEntry {
  return {
    table: NAMES.rules,
    match: { index: exact(place.index) },
    action: NAMES.rule,
    params: {
      locked: locked ? 1n : 0n,
      direct: sameEndpoint(owner, key.virtual) ? 1n : 0n,
      client_window: shiftOf(deltas.clientWindow),
      owner_window: shiftOf(deltas.ownerWindow),
      owner_address: BigInt(owner.address),
      owner_port: BigInt(owner.port),
      owner_mac: BigInt(owner.mac),
      virtual_address: BigInt(key.virtual.address),
      virtual_port: BigInt(key.virtual.port),
      client_seq: BigInt(deltas.clientSeq),
      owner_seq: BigInt(deltas.ownerSeq),
      client_timestamp: BigInt(deltas.clientTimestamp),
      owner_timestamp: BigInt(deltas.ownerTimestamp),
    },
  };
}

/** The number of bits by which the window is shifted to the left, in two's complement of 5 bits. */
function shiftOf(window: WindowShift): bigint {
  return BigInt.asUintN(5, BigInt(window.in - window.out));
}

function exact(value: number | bigint): FieldMatch {
  return { kind: 'exact', value: BigInt(value) };
}

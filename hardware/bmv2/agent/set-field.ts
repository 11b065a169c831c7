/**
 * The table entries of `set-field.p4` that one rule asks for: as much of it as constants can say.
 *
 *   client ▶ virtual   set_destination(owner)
 *   owner  ▶ client    set_source(virtual), only from the owner's MAC address
 *
 * Its deltas cannot be said, and its two directions are two entries.
 */
import type { Endpoint, Owner, Rule } from '../../../reference/rules/rule.ts';
import type { Mapping, Place } from '../../agent/mapping.ts';
import type { TableEntry } from '../../entry.ts';
import { matchOf } from './entries.ts';

const FLOWS = 'SetFieldIngress.flows';
const DROP = 'SetFieldIngress.drop';
const EVERY_BIT = 0xffff_ffff_ffffn;
/** Of a flow from any MAC address, and of one from the owner's own. */
const PRIORITY = { any: 1, own: 2 } as const;

/** `set-field.p4`. */
export const SET_FIELD: Mapping = {
  entriesOf,
  bar: DROP,
  rules: undefined,
  counters: { fromClient: 'SetFieldIngress.from_client', fromOwner: 'SetFieldIngress.from_owner' },
};

type Deed = Pick<TableEntry, 'action' | 'params'>;

const BARRED: Deed = { action: DROP, params: {} };

function entriesOf(
  { key, owner, locked }: Rule,
  former: readonly Endpoint[],
  { index }: Place,
): readonly TableEntry[] {
  const { client, virtual } = key;
  const towards = { client: setSource(virtual, index), owner: setDestination(owner, index) };
  return [
    flow(client, virtual, locked ? BARRED : towards.owner),
    ownFlow(owner, client, locked ? BARRED : towards.client),
    ...[virtual, owner, ...former].map((impostor) => flow(impostor, client, BARRED)),
  ];
}

function flow(from: Endpoint, to: Endpoint, deed: Deed): TableEntry {
  return { table: FLOWS, match: matchOf(from, to), priority: PRIORITY.any, ...deed };
}

function ownFlow(from: Owner, to: Endpoint, deed: Deed): TableEntry {
  const mac = { kind: 'ternary', value: BigInt(from.mac), mask: EVERY_BIT } as const;
  return { table: FLOWS, match: { ...matchOf(from, to), mac }, priority: PRIORITY.own, ...deed };
}

function setDestination({ mac, address, port }: Owner, index: number): Deed {
  const [cell, params] = [BigInt(index), paramsOf({ address, port })];
  return {
    action: 'SetFieldIngress.set_destination',
    params: { mac: BigInt(mac), ...params, cell },
  };
}

function setSource(endpoint: Endpoint, index: number): Deed {
  const params = { ...paramsOf(endpoint), cell: BigInt(index) };
  return { action: 'SetFieldIngress.set_source', params };
}

function paramsOf({ address, port }: Endpoint): Readonly<Record<'address' | 'port', bigint>> {
  return { address: BigInt(address), port: BigInt(port) };
}

/**
 * Which flow a fragmented datagram belongs to, for only its first fragment says so. RFC 791.
 *
 * Later fragments follow the first as long as its flow is what it was: a fragment whose first one is
 * not known goes to no server, least of all to another one.
 */
import { setBounded } from '../control/bounded-map.ts';
import type { IpView } from '../rules/frame-view.ts';
import { readHostsKey } from '../switch/flow-key.ts';
import { readUint16, readUint8 } from '../tcp/word.ts';
import type { ConnectionTable, Flow } from './connection-table.ts';

/** Flows by addresses, protocol and identification. */
export type Datagrams = Map<string, Flow>;

/** Notes the first fragment of a datagram; beyond `most` datagrams the oldest is forgotten. */
export function rememberFirst(
  datagrams: Datagrams,
  frame: Uint8Array,
  ip: IpView,
  flow: Flow,
  most: number,
): void {
  setBounded(datagrams, datagramKey(frame, ip), flow, most);
}

/** The flow of a later fragment. */
export function recallFirst(
  datagrams: Datagrams,
  frame: Uint8Array,
  ip: IpView,
  table: ConnectionTable,
): Flow | undefined {
  const flow = datagrams.get(datagramKey(frame, ip));
  if (flow === undefined) return undefined;
  const key = flow.connection.keys[flow.side];
  return key !== undefined && table.flows.get(key) === flow ? flow : undefined;
}

function datagramKey(frame: Uint8Array, ip: IpView): string {
  const protocol = readUint8(frame, ip.ipAt + 9);
  return readHostsKey(frame, ip) + String.fromCharCode(protocol, readUint16(frame, ip.ipAt + 4));
}

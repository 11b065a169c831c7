/**
 * Which flow a fragmented IPv4 datagram belongs to, for only its first fragment says so. RFC 791.
 *
 * Later fragments follow the first: translated as it was, or bridged as it was. A datagram is
 * translated whole or not at all: a fragment whose first one is not known, or whose flow has
 * changed since, follows nothing.
 */
import { setBounded } from '../control/bounded-map.ts';
import type { IpView } from '../rules/frame-view.ts';
import { readUint16 } from '../tcp/word.ts';
import { readHostsKey } from './flow-key.ts';
import type { Flow, RuleTable } from './rule-table.ts';

/** Most fragmented datagrams that are remembered; the oldest is forgotten. */
export const DATAGRAMS_MAX = 1024;

/** What became of a datagram's first fragment; `flow` is undefined if no rule had it. */
interface Datagram {
  readonly flowKey: string;
  readonly flow: Flow | undefined;
}

/** Datagrams by addresses and identification. */
export type FragmentTable = Map<string, Datagram>;

/** Notes the first fragment of a datagram. */
export function rememberDatagram(
  table: FragmentTable,
  frame: Uint8Array,
  ip: IpView,
  datagram: Datagram,
): void {
  setBounded(table, datagramKey(frame, ip), datagram, DATAGRAMS_MAX);
}

/** The datagram of a later fragment; undefined if there is none, or if its flow has changed. */
export function recallDatagram(
  table: FragmentTable,
  frame: Uint8Array,
  ip: IpView,
  rules: RuleTable,
): Datagram | undefined {
  const datagram = table.get(datagramKey(frame, ip));
  if (datagram === undefined) return undefined;
  return rules.flows.get(datagram.flowKey) === datagram.flow ? datagram : undefined;
}

function datagramKey(frame: Uint8Array, ip: IpView): string {
  return readHostsKey(frame, ip) + String.fromCharCode(readUint16(frame, ip.ipAt + 4));
}

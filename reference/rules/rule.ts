/**
 * The rule of one client connection: who owns it, and how the two sides' numbers differ.
 *
 *   client ──── key.client ▶ key.virtual ────▶ switch ──── key.client ▶ owner ────▶ owner
 *
 * The client believes that it talks to `virtual`. With all deltas 0 the rule is a HANDOFF; else it
 * is a SPLICE, and what the owner counts is what the client counts plus the delta, modulo 2^32:
 *
 *   owner's number = client's number + clientSeq   (octets that the client sends)
 *   owner's number = client's number + ownerSeq    (octets that the owner sends)
 *
 * The timestamp deltas say the same of the timestamps that each side puts into TSval.
 */
import type { Ipv4Address, Ipv6Address, MacAddress } from 'scapy-ts';

/** One end of a TCP connection; a number is an IPv4 address, a bigint an IPv6 address. */
export interface Endpoint {
  readonly address: Ipv4Address | Ipv6Address;
  /** 1 … 65535. */
  readonly port: number;
}

/** What names a connection: the client's end, and the end that the client believes it talks to. */
export interface ConnectionKey {
  readonly client: Endpoint;
  readonly virtual: Endpoint;
}

/** The host that answers for the virtual endpoint; equal to it in direct server return. */
export interface Owner extends Endpoint {
  readonly mac: MacAddress;
}

/** Window scale of one sender: its own count (`in`), and the one its reader uses (`out`); 0 … 14. */
export interface WindowShift {
  readonly in: number;
  readonly out: number;
}

/** How the owner's numbers differ from the client's; the four sums are 0 … 2^32 − 1. */
export interface Deltas {
  readonly clientSeq: number;
  readonly ownerSeq: number;
  readonly clientTimestamp: number;
  readonly ownerTimestamp: number;
  readonly clientWindow: WindowShift;
  readonly ownerWindow: WindowShift;
}

/** A connection's rule as the controller installs it. */
export interface Rule {
  readonly key: ConnectionKey;
  readonly owner: Owner;
  readonly deltas: Deltas;
  readonly locked: boolean;
}

const SAME_WINDOW: WindowShift = { in: 0, out: 0 };

/** The deltas of a HANDOFF: nothing is shifted. */
export const NO_DELTAS: Deltas = {
  clientSeq: 0,
  ownerSeq: 0,
  clientTimestamp: 0,
  ownerTimestamp: 0,
  clientWindow: SAME_WINDOW,
  ownerWindow: SAME_WINDOW,
};

/** Whether two endpoints are the same address and port. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port === b.port;
}

function endText({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** A key as a word for a map. */
export function keyText({ client, virtual }: ConnectionKey): string {
  return `${endText(client)} ${endText(virtual)}`;
}

/** Whether two rules of one key say the same; the lock counts too. */
export function sameRule(a: Rule, b: Rule): boolean {
  return (
    sameEndpoint(a.owner, b.owner) &&
    a.owner.mac === b.owner.mac &&
    a.locked === b.locked &&
    sameDeltas(a.deltas, b.deltas)
  );
}

function sameDeltas(a: Deltas, b: Deltas): boolean {
  return (
    a.clientSeq === b.clientSeq &&
    a.ownerSeq === b.ownerSeq &&
    a.clientTimestamp === b.clientTimestamp &&
    a.ownerTimestamp === b.ownerTimestamp &&
    sameShift(a.clientWindow, b.clientWindow) &&
    sameShift(a.ownerWindow, b.ownerWindow)
  );
}

function sameShift(a: WindowShift, b: WindowShift): boolean {
  return a.in === b.in && a.out === b.out;
}

/**
 * ICMP errors about segments of ruled connections, on both sides of the switch.
 *
 *   about the owner's segment    sent near the client to the virtual address, leaves to the owner
 *   about the client's segment   sent near the owner to the client, leaves to the client
 *
 * A device may drop errors or leave them as they are. What it translates it translates whole: the
 * quoted ends with the outer address, the sequence number back by the delta (RFC 5508 section 4.2).
 * Rules are found out from segments, so that errors are judged when their connection is over.
 */
import type { Client, Connection } from './connection.ts';
import { judgeError, rulesOf, type ErrorPair, type Sender } from './judge-error.ts';
import type { Ledger } from './ledger.ts';
import type { Bench } from './pair.ts';
import { readQuotedError, type QuotedError } from './quoted-error.ts';
import { TELLING_OCTETS, type Seen } from './seen.ts';
import type { Table } from './table.ts';

/** Follows ICMP errors. */
export interface IcmpErrors {
  /** Takes a frame that carries ICMP, whose IP header was found. */
  readonly take: (seen: Seen, octets: Uint8Array) => void;
  /** Judges the errors about a connection whose segments have all been seen. */
  readonly finish: (connection: Connection) => void;
  readonly forget: (client: Client) => void;
}

/** Errors that wait for their other side, and pairs that wait for the end of their connection. */
const MAX_WAITING = 4096;
const MAX_PAIRS = 4096;

function isAbout({ arrived, sender }: ErrorPair, { virtual, rules }: Connection): boolean {
  return sender === 'owner'
    ? arrived.quotedFrom === virtual
    : rules.some(({ path }) => path.owner === arrived.quotedTo);
}

/** Forgets the oldest entry of a map that is full. */
function makeRoom<K, V>(map: Map<K, V>, limit: number): void {
  if (map.size < limit) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

/** Nothing was reported. */
export function createIcmpErrors(table: Table, bench: Bench): IcmpErrors {
  const waiting = new Map<string, QuotedError>();
  const pairs = new Map<Client, ErrorPair[]>();
  let held = 0;

  function pairUp(client: Client, sender: Sender, error: QuotedError): void {
    const near = error.place.capture === 'client';
    const { words, id, octets, hash } = error;
    const key = `${sender} ${client.endpoint} ${words} ${id} ${octets} ${hash}`;
    const other = waiting.get(`${near ? 'far' : 'near'} ${key}`);
    if (other === undefined) {
      makeRoom(waiting, MAX_WAITING);
      waiting.set(`${near ? 'near' : 'far'} ${key}`, error);
      return;
    }
    waiting.delete(`${near ? 'far' : 'near'} ${key}`);
    const isArrived = near === (sender === 'owner');
    const [arrived, left] = isArrived ? [error, other] : [other, error];
    const { idsRepeat } = sender === 'owner' ? client.toClient : client.toOwner;
    const sure = (id !== 0 && !idsRepeat) || octets >= TELLING_OCTETS;
    const list = pairs.get(client) ?? [];
    if (held >= MAX_PAIRS) return;
    held += 1;
    list.push({ arrived, left, sender, sure });
    pairs.set(client, list);
  }

  function take(seen: Seen, octets: Uint8Array): void {
    const { capture, frame, ipAt } = seen;
    const error = readQuotedError(octets, ipAt, { capture, frame }, bench.book);
    if (error === undefined) return;
    const from = table.find(error.quotedFrom);
    const to = table.find(error.quotedTo);
    // An endpoint that is client and server at a time leaves open whose segment it is.
    if (from !== undefined && to === undefined) pairUp(from, 'client', error);
    if (to !== undefined && from === undefined) pairUp(to, 'owner', error);
    const client = from ?? to;
    if (client !== undefined) client.reported = error.place;
  }

  function finish(connection: Connection): void {
    const all = pairs.get(connection.client);
    if (all === undefined) return;
    const rules = rulesOf(connection);
    const rest: ErrorPair[] = [];
    for (const pair of all) {
      const { sender, arrived } = pair;
      const meant = rules.filter(
        ({ path }) => sender === 'owner' || path.owner === arrived.quotedTo,
      );
      if (isAbout(pair, connection)) judgeError(pair, meant, bench);
      else rest.push(pair);
    }
    held -= all.length - rest.length;
    pairs.set(connection.client, rest);
  }

  function forget(client: Client): void {
    held -= pairs.get(client)?.length ?? 0;
    pairs.delete(client);
  }

  return { take, finish, forget };
}

/**
 * A segment of a rule that arrived behind an error and was translated as before: the error did not
 * remove the rule.
 */
export function outlives(client: Client, near: Seen, far: Seen, ledger: Ledger): void {
  const { reported } = client;
  if (reported === undefined) return;
  const seen = reported.capture === 'client' ? near : far;
  if (seen.capture !== reported.capture || seen.frame < reported.frame) return;
  client.reported = undefined;
  ledger.kept['PRISM-FWD-07'] += 1;
}

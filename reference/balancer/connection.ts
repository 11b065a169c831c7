/** One connection, or exchange of datagrams, of a client with the server that was chosen for it. */
import type { MacAddress } from 'scapy-ts';
import { flowKey } from '../switch/flow-key.ts';
import type { SeqNum } from '../tcp/seq-num.ts';
import type { Access } from './access.ts';
import type { Mode, Protocol, Server, Service } from './config.ts';
import type { Phase, Progress } from './phase.ts';
import type { End, Plans } from './plans.ts';
import { endOf, plansFor } from './plans.ts';
import type { Member, Pool } from './pool.ts';
import type { Queued } from './queue.ts';

/** What names a connection, with its protocol. */
export interface Ends {
  readonly client: End;
  readonly virtual: End;
}

/** A connection; the server it is bound to never changes. */
export interface Connection extends Progress, Queued<Connection> {
  /** What the client sends, and under NAT what the server sends, in the table. */
  readonly keys: { readonly client: string; readonly server: string | undefined };
  readonly ends: Ends;
  readonly protocol: Protocol;
  readonly mode: Mode;
  readonly pool: Pool;
  readonly member: Member;
  /** The server as it was when it was chosen. */
  readonly server: Server;
  /** Of the service as it was then. */
  readonly departed: Service['departed'];
  readonly plans: Plans;
  /** When a packet last used it, in milliseconds. */
  usedMs: number;
  /** From where the client's last packet came: the way back to it. */
  lastHop: MacAddress;
  /** The list that was last asked about the client, and what it said. */
  access: Access;
  isPermitted: boolean;
}

/** What makes a connection. */
export interface Opening {
  readonly ends: Ends;
  readonly pool: Pool;
  readonly member: Member;
  readonly phase: Phase;
  readonly clientIsn: SeqNum | undefined;
  readonly hops: 0 | 1;
  readonly access: Access;
  readonly lastHop: MacAddress;
  readonly nowMs: number;
}

const DATAGRAM_MARK = 'u';

/** A flow's key, made one of `protocol`: UDP has the port numbers of TCP, and means others. */
export function markKey(protocol: Protocol, key: string): string {
  return protocol === 'udp' ? DATAGRAM_MARK + key : key;
}

/** The key of what `member` would send to the client; undefined where it does not send it here. */
export function serverKey(pool: Pool, member: Member, ends: Ends): string | undefined {
  const { mode, protocol } = pool.service;
  if (mode !== 'nat') return undefined;
  return markKey(protocol, flowKey(endOf(member.server, ends.virtual), ends.client));
}

/** A new connection. */
export function createConnection(opening: Opening): Connection {
  const { ends, pool, member, phase, clientIsn, hops, access, lastHop, nowMs } = opening;
  const { mode, protocol, departed } = pool.service;
  const { server } = member;
  const plans = plansFor(member.plans, server, ends.virtual, hops);
  return {
    keys: {
      client: markKey(protocol, flowKey(ends.client, ends.virtual)),
      server: serverKey(pool, member, ends),
    },
    ends: { client: ends.client, virtual: plans.virtual },
    protocol,
    mode,
    pool,
    member,
    server,
    departed,
    plans,
    phase,
    beforeReset: phase,
    isDirect: mode !== 'nat',
    clientIsn,
    serverIsn: undefined,
    serverAck: undefined,
    usedMs: nowMs,
    lastHop,
    access,
    isPermitted: true,
    earlier: undefined,
    later: undefined,
  };
}

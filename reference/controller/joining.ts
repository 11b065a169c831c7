/**
 * Two connections of the controller, to a client and to a server, as one: what the switch has to
 * add to the numbers of each, so that client and server can speak to each other.
 *
 *   client ── x, y ──▶ controller ── b, a ──▶ server      clientSeq = b − y,  ownerSeq = a − x
 *
 * x and y are what the controller sends and expects next at the client, b and a at the server.
 */
import type { Result } from 'scapy-ts';
import type { Deltas } from '../rules/rule.ts';
import type { TcpSnapshot } from '../tcp/snapshot.ts';

/**
 * The deltas that make one connection of two, or what is in the way.
 *
 * Both must be silent: nothing written, nothing unread. A timestamp of the other end is only known
 * as it was at some time before; the sums are such that what each end sees next is later than all
 * that it has seen (PAWS, RFC 7323 section 5), and comes back as it was sent.
 */
export function joinConnections(client: TcpSnapshot, server: TcpSnapshot): Result<Deltas, string> {
  const misfit = [client, server].some(isBusy)
    ? 'octets are on their way'
    : misfitOf(client, server);
  if (misfit !== undefined) return { ok: false, error: misfit };
  const { windowScale: toClient } = client.negotiated;
  const { windowScale: toServer } = server.negotiated;
  const hasTimestamps = client.negotiated.timestamps;
  const value: Deltas = {
    clientSeq: (server.sendUnacknowledged - client.receiveNext) >>> 0,
    ownerSeq: (server.receiveNext - client.sendUnacknowledged) >>> 0,
    clientTimestamp: hasTimestamps ? (server.timestampNow + 1 - client.timestampRecent) >>> 0 : 0,
    ownerTimestamp: hasTimestamps ? (server.timestampRecent - client.timestampNow - 1) >>> 0 : 0,
    clientWindow: { in: toClient?.peer ?? 0, out: toServer?.own ?? 0 },
    ownerWindow: { in: toServer?.peer ?? 0, out: toClient?.own ?? 0 },
  };
  return { ok: true, value };
}

function isBusy({ sent, unsent, unread }: TcpSnapshot): boolean {
  return sent.length + unsent.length + unread.length > 0;
}

/** Each end uses what it has agreed on with the controller, so that both must be the same. */
function misfitOf(client: TcpSnapshot, server: TcpSnapshot): string | undefined {
  const [a, b] = [client.negotiated, server.negotiated];
  if (a.sackPermitted !== b.sackPermitted) return 'only one end knows SACK';
  if (a.timestamps !== b.timestamps) return 'only one end has timestamps';
  const isKnown = client.timestampRecent !== 0 && server.timestampRecent !== 0;
  return a.timestamps && !isKnown ? 'the timestamps of an end are not known' : undefined;
}

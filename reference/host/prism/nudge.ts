/**
 * A segment in the name of another host: the client's acknowledgment, which tells a server that was
 * held back that the client has room.
 *
 * Without it the server would find out by itself, when its timer asks: 200 ms later. So it does no
 * harm where the segment is lost.
 */
import { build, TCP_FLAG, type TcpOption } from 'scapy-ts';
import type { Endpoint } from '../../rules/rule.ts';
import type { TcpSnapshot } from '../../tcp/snapshot.ts';
import { closeDescriptor, connectSocket, openSocket, send } from '../socket.ts';
import { AF_INET } from '../socket-address.ts';

const SOCK_RAW = 3;
/** The packet's header comes with its octets. raw(7) */
const IPPROTO_RAW = 255;
const WINDOW_MOST = 0xffff;

/**
 * Acknowledges to `server`, as `client`, all that `snapshot` (the client's end of their connection)
 * has received, with a window of `windowOctets`. IPv4 only; throws SyscallError.
 */
export function sendWindow(
  client: Endpoint,
  server: Endpoint,
  snapshot: TcpSnapshot,
  windowOctets: number,
): void {
  if (typeof client.address !== 'number' || typeof server.address !== 'number') return;
  const { negotiated, timestampNow, timestampRecent } = snapshot;
  const shift = negotiated.windowScale?.own ?? 0;
  const times: TcpOption = { kind: 'timestamps', value: timestampNow, echo: timestampRecent };
  const packet = build([
    { kind: 'ipv4', df: 1, src: client.address, dst: server.address },
    {
      kind: 'tcp',
      srcPort: client.port,
      dstPort: server.port,
      seq: snapshot.sendUnacknowledged,
      ack: snapshot.receiveNext,
      flags: TCP_FLAG.ACK,
      window: Math.min(windowOctets >>> shift, WINDOW_MOST),
      options: negotiated.timestamps ? [{ kind: 'nop' }, { kind: 'nop' }, times] : [],
    },
  ]);
  const fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  try {
    connectSocket(fd, server);
    send(fd, packet);
  } finally {
    closeDescriptor(fd);
  }
}

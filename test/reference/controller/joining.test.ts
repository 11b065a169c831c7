/** What has to be added to the numbers of two connections that become one. */
import test from 'ava';
import { joinConnections } from '../../../reference/controller/joining.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';
import { EMPTY_SNAPSHOT } from './bed.ts';

const TIMED = { peerMss: 1460, sackPermitted: true, timestamps: true };
const CLIENT: TcpSnapshot = {
  ...EMPTY_SNAPSHOT,
  sendUnacknowledged: seqNum(0xffff_fff0),
  receiveNext: seqNum(500),
  negotiated: { ...TIMED, windowScale: { peer: 7, own: 9 } },
  timestampNow: 1_000_000,
  timestampRecent: 77,
};
const SERVER: TcpSnapshot = {
  ...EMPTY_SNAPSHOT,
  sendUnacknowledged: seqNum(200),
  receiveNext: seqNum(16),
  negotiated: { ...TIMED, windowScale: { peer: 10, own: 8 } },
  timestampNow: 5000,
  timestampRecent: 0xffff_ffff,
};

test('each end counts on', (t) => {
  t.deepEqual(joinConnections(CLIENT, SERVER), {
    ok: true,
    value: {
      // 500 at the client is 200 at the server; 0xfffffff0 is 16.
      clientSeq: 2 ** 32 - 300,
      ownerSeq: 32,
      // 77 becomes 5001, later than all that the server has seen of the controller's clock;
      clientTimestamp: 4924,
      // and 0xffffffff becomes 1000001, later than all that the client has seen.
      ownerTimestamp: 2 ** 32 - 1_000_002,
      clientWindow: { in: 7, out: 8 },
      ownerWindow: { in: 10, out: 9 },
    },
  });
});

test('an end without window scale does not scale', (t) => {
  const negotiated = { ...TIMED, windowScale: undefined };
  const joined = joinConnections({ ...CLIENT, negotiated }, SERVER);
  t.like(joined, {
    value: { clientWindow: { in: 0, out: 8 }, ownerWindow: { in: 10, out: 0 } },
  });
});

test('without timestamps none are shifted', (t) => {
  const negotiated = { ...TIMED, timestamps: false };
  const joined = joinConnections({ ...CLIENT, negotiated }, { ...SERVER, negotiated });
  t.like(joined, { ok: true, value: { clientTimestamp: 0, ownerTimestamp: 0 } });
});

test('what does not fit is not joined', (t) => {
  const one = Uint8Array.of(1);
  const pairs: readonly (readonly [TcpSnapshot, TcpSnapshot])[] = [
    [CLIENT, { ...SERVER, negotiated: { ...SERVER.negotiated, sackPermitted: false } }],
    [CLIENT, { ...SERVER, negotiated: { ...SERVER.negotiated, timestamps: false } }],
    [{ ...CLIENT, timestampRecent: 0 }, SERVER],
    [CLIENT, { ...SERVER, timestampRecent: 0 }],
    ...(['sent', 'unsent', 'unread'] as const).flatMap((queue) => [
      [{ ...CLIENT, [queue]: one }, SERVER] as const,
      [CLIENT, { ...SERVER, [queue]: one }] as const,
    ]),
  ];
  for (const [client, server] of pairs) t.false(joinConnections(client, server).ok);
});

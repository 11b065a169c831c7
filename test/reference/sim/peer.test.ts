/** Scripted peers do what real ones never do. */
import test from 'ava';
import fc from 'fast-check';
import { formatTcpFlags, TCP_FLAG } from 'scapy-ts';
import type { Line } from '../../../reference/sim/peer.ts';
import { createPeer } from '../../../reference/sim/peer.ts';
import type { RunEnd } from '../../../reference/sim/network/world.ts';
import { act, createWorld, lay, run, start } from '../../../reference/sim/network/world.ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import { readFrame } from '../../../reference/sim/tcp/segment.ts';
import { runs } from '../../runs.ts';
import type { Station } from './bed.ts';
import {
  CLIENT_MAC,
  ENDS,
  hostWith,
  must,
  octetsOf,
  receivedBy,
  SERVER_MAC,
  stationOf,
  told,
  turned,
} from './bed.ts';
import { text } from './tap.ts';

const CONNECT: Line = { cue: { kind: 'at-once' }, play: { kind: 'connect' } };
const OPENED = { kind: 'opened' } as const;

/** Plays a script against a server that does what `serve` says; what the peer put on the wire. */
function play(
  script: readonly Line[],
  serve: (server: Station) => void = () => undefined,
  settings: Partial<TcpSettings> = {},
) {
  const wire: string[] = [];
  const world = createWorld({
    seed: 1,
    observe: ({ what, from, octets }) => {
      if (what === 'sent' && from === 'peer') wire.push(describe(octets));
    },
  });
  const peer = createPeer(
    hostWith({
      mac: CLIENT_MAC,
      addresses: [ENDS.local.address],
      gateway: SERVER_MAC,
      settings: { iss: 999, ...settings },
    }),
    ENDS,
    script,
  );
  const server = stationOf(
    'server',
    hostWith({ mac: SERVER_MAC, addresses: [ENDS.remote.address], gateway: CLIENT_MAC }),
    turned(ENDS),
  );
  serve(server);
  start(world, 'server', server.process);
  act(world, 'server', (nowNs) => {
    return server.process.perform([{ kind: 'listen', local: ENDS.remote }], nowNs);
  });
  start(world, 'peer', peer);
  lay(world, { name: 'peer', port: 0 }, { name: 'server', port: 0 });
  const end: RunEnd = must(run(world));
  return { peer, server, wire, world, end };
}

/** `PA 1000 GET`: flags, sequence number and payload. */
function describe(octets: Uint8Array): string {
  const frame = readFrame(octets);
  if (frame.kind !== 'segment') return frame.kind;
  const { flags, seq, payload } = frame.segment;
  return `${formatTcpFlags(flags)} ${seq} ${Buffer.from(payload).toString('latin1')}`.trimEnd();
}

test('a write can be split into segments at any octets', (t) => {
  const request = text('GET / HTTP/1.1\r\n\r\n');
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 17 })), (cuts) => {
      const splits = cuts.toSorted((a, b) => a - b);
      const { wire, server } = play([
        CONNECT,
        { cue: OPENED, play: { kind: 'write', octets: request, splits } },
      ]);
      t.deepEqual(receivedBy(server), request);
      const edges = [0, ...splits, 18];
      const expected = splits.concat(18).map((edge, index) => {
        const from = edges[index] ?? 0;
        return `PA ${1000 + from} ${Buffer.from(request.subarray(from, edge)).toString('latin1')}`;
      });
      t.deepEqual(
        wire.filter((line) => line.startsWith('PA')),
        expected.map((line) => line.trimEnd()),
      );
    }),
    runs(50),
  );
});

test('acknowledgments are withheld until the script lets them go', (t) => {
  const { wire, peer } = play(
    [
      CONNECT,
      { cue: OPENED, play: { kind: 'withhold', acks: true } },
      {
        cue: { kind: 'received', octets: 3000 },
        play: { kind: 'write', octets: text('u'.repeat(2000)) },
      },
      { cue: { kind: 'after', ns: 3e9 }, play: { kind: 'withhold', acks: false } },
    ],
    (server) => {
      server.react = (notice) =>
        notice.kind === 'opened' ? [{ kind: 'write', id: server.id, octets: octetsOf(5000) }] : [];
    },
  );
  t.deepEqual(peer.received(), octetsOf(5000));
  const upAt = wire.findIndex((line) => line.endsWith('u'));
  t.deepEqual(wire.slice(0, upAt), ['S 999', 'A 1000'], 'no acknowledgment but with octets');
  t.true(wire[upAt]?.startsWith('A 1000 u'), 'which have no PSH here');
  t.true(wire.slice(upAt + 1).includes('A 3000'), 'and in the end');
  t.true(peer.isOver());
});

test('a peer tells when its next line is due, where that is a matter of time', (t) => {
  const peer = createPeer(hostWith({ mac: CLIENT_MAC, addresses: [ENDS.local.address] }), ENDS, [
    { cue: { kind: 'after', ns: 5 }, play: { kind: 'withhold', acks: true } },
    { cue: { kind: 'signal', name: 'on' }, play: { kind: 'withhold', acks: false } },
    { cue: { kind: 'after', ns: 7 }, play: { kind: 'withhold', acks: true } },
  ]);
  t.is(peer.dueNs(), 5);
  peer.step({ kind: 'tick' }, 6);
  t.is(peer.dueNs(), undefined);
  peer.signal('on', 10);
  t.is(peer.dueNs(), 17);
});

test('segments leave in the order that the script says', (t) => {
  const { wire, server } = play([
    CONNECT,
    { cue: OPENED, play: { kind: 'reorder', places: [2, 0, 1] } },
    { cue: { kind: 'at-once' }, play: { kind: 'write', octets: text('abc'), splits: [1, 2] } },
  ]);
  t.deepEqual(wire.slice(2, 5), ['PA 1002 c', 'PA 1000 a', 'PA 1001 b']);
  t.is(Buffer.from(receivedBy(server)).toString(), 'abc');
});

test('a RST comes at any moment, exact or not', (t) => {
  const rst = (seq: number): readonly Line[] => [
    CONNECT,
    { cue: OPENED, play: { kind: 'segment', flags: TCP_FLAG.RST, seq } },
  ];
  t.deepEqual(told(play(rst(0)).server), ['opened', 'reset']);
  t.deepEqual(told(play(rst(1)).server), ['opened'], 'challenged');
  t.deepEqual(told(play(rst(-1)).server), ['opened'], 'dropped');
  const { server, wire } = play([CONNECT, { cue: OPENED, play: { kind: 'abort' } }]);
  t.deepEqual(told(server), ['opened', 'reset']);
  t.is(wire.at(-1), 'RA 1000');
});

test('a half-close, and octets that come after it', (t) => {
  const { peer, wire } = play(
    [
      CONNECT,
      { cue: OPENED, play: { kind: 'write', octets: text('GET') } },
      { cue: { kind: 'at-once' }, play: { kind: 'finish' } },
    ],
    (server) => {
      server.react = (notice) => {
        if (notice.kind !== 'peer-finished') return [];
        const { id } = server;
        return [
          { kind: 'write', id, octets: octetsOf(20_000) },
          { kind: 'finish', id },
        ];
      };
    },
  );
  t.deepEqual(peer.received(), octetsOf(20_000));
  t.true(wire.includes('FA 1003'));
  t.is(peer.notices.at(-1)?.kind, 'closed');
});

test('a peer without options and with a small MSS gets segments that suit it', (t) => {
  const sizes: number[] = [];
  const { peer } = play(
    [CONNECT, { cue: { kind: 'received', octets: 4000 }, play: { kind: 'close' } }],
    (server) => {
      server.react = (notice) =>
        notice.kind === 'opened' ? [{ kind: 'write', id: server.id, octets: octetsOf(4000) }] : [];
      const { step } = server.process;
      Object.assign(server.process, {
        step: (...given: Parameters<typeof step>) => {
          const effects = step(...given);
          for (const { octets } of effects) {
            const frame = readFrame(octets);
            if (frame.kind === 'segment') sizes.push(frame.segment.payload.length);
            if (frame.kind === 'segment') t.falsy(frame.segment.options.timestamps);
          }
          return effects;
        },
      });
    },
    { mss: 536, windowScale: undefined, sack: false, timestamps: false },
  );
  t.is(Math.max(...sizes), 536);
  t.deepEqual(peer.received(), octetsOf(4000));
});

test('a window of 0: the peer pauses, nothing is lost', (t) => {
  const { peer, world } = play(
    [
      CONNECT,
      { cue: OPENED, play: { kind: 'pause' } },
      { cue: { kind: 'after', ns: 30e9 }, play: { kind: 'resume' } },
    ],
    (server) => {
      server.react = (notice) =>
        notice.kind === 'opened' ? [{ kind: 'write', id: server.id, octets: octetsOf(5000) }] : [];
    },
    { receiveOctets: 1000, windowScale: undefined },
  );
  t.deepEqual(peer.received(), octetsOf(5000));
  t.true(world.nowNs > 30e9);
});

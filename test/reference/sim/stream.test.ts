/** Two model hosts move any octets over any network, exactly. */
import test from 'ava';
import fc from 'fast-check';
import { run } from '../../../reference/sim/network/world.ts';
import { runs } from '../../runs.ts';
import type { Station } from './bed.ts';
import {
  arbitraryOdds,
  arbitrarySettings,
  createPair,
  does,
  ENDS,
  ENDS_V6,
  must,
  octetsOf,
  receivedBy,
  told,
} from './bed.ts';

/** Writes in pieces of `piece` octets, then finishes. */
function writes({ id }: Station, octets: Uint8Array, piece: number) {
  const events = [];
  for (let at = 0; at < octets.length; at += piece) {
    events.push({ kind: 'write', id, octets: octets.subarray(at, at + piece) } as const);
  }
  return [...events, { kind: 'finish', id } as const];
}

test('both directions arrive exactly and end in order, whatever the network does', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        odds: arbitraryOdds,
        client: arbitrarySettings,
        server: arbitrarySettings,
        isV6: fc.boolean(),
        up: fc.integer({ min: 0, max: 10_000 }),
        down: fc.integer({ min: 0, max: 30_000 }),
        piece: fc.integer({ min: 1, max: 30_000 }),
      }),
      ({ up, down, piece, isV6, ...options }) => {
        const least = Math.min(
          options.client.receiveOctets ?? 0,
          options.server.receiveOctets ?? 0,
        );
        // One probe an octet: enough of them.
        const scale = least < 100 ? 0.01 : 1;
        const ends = isV6 ? ENDS_V6 : ENDS;
        const { world, client, server } = createPair({
          ...options,
          ends,
          limits: { events: 300_000, virtualNs: 1e15 },
        });
        const request = octetsOf(Math.ceil(up * scale));
        const response = octetsOf(Math.ceil(down * scale), 77);
        client.react = (notice) => (notice.kind === 'opened' ? writes(client, request, piece) : []);
        server.react = (notice) =>
          notice.kind === 'opened' ? writes(server, response, piece) : [];
        does(world, client, { kind: 'connect', ...ends });
        must(run(world));
        t.deepEqual(receivedBy(server), request);
        t.deepEqual(receivedBy(client), response);
        for (const station of [client, server]) {
          t.is(told(station).filter((kind) => kind === 'peer-finished').length, 1);
          t.is(told(station).at(-1), 'closed');
          t.is(station.process.host.connections.size, 0);
        }
      },
    ),
    runs(150),
  );
});

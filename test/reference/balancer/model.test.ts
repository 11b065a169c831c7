/**
 * Any events in any order, and what must be true after each of them.
 *
 * The connections are recounted from end to end; whoever is established must keep his server; and no
 * frame may show a client where a server is, or leave with a wrong checksum.
 */
import test from 'ava';
import fc from 'fast-check';
import { layer, parse, verifyChecksums } from 'scapy-ts';
import type { Connection } from '../../../reference/balancer/connection.ts';
import { countConnections } from '../../../reference/balancer/connection-table.ts';
import { membersOf } from '../../../reference/balancer/queue.ts';
import type { Emission } from '../../../reference/balancer/link.ts';
import { readStatistics } from '../../../reference/balancer/statistics.ts';
import { runs } from '../../runs.ts';
import type { Bed } from './bed.ts';
import { CLIENT, createBed, SERVERS } from './bed.ts';
import { anyChange, HALF_OPEN, LIMIT, limitedTo, NAMES, perform } from './events.ts';

function allOf(bed: Bed): readonly Connection[] {
  const { opening, established, closing, talking } = bed.state.table.queues;
  return [opening, established, closing, talking].flatMap((queue) => [...membersOf(queue)]);
}

/** Whose connection is established, and where. */
function living(bed: Bed): ReadonlyMap<string, string> {
  return new Map(
    [...membersOf(bed.state.table.queues.established)].map(({ keys, server: { name } }) => [
      keys.client,
      name,
    ]),
  );
}

function expectSound(bed: Bed): void {
  const connections = allOf(bed);
  const { table, services } = bed.state;
  expect(connections.length === countConnections(table), 'the count');
  expect(connections.length <= LIMIT, 'no more connections than may be');
  expect(table.queues.opening.size <= HALF_OPEN, 'no more half open than may be');
  const keys = connections.flatMap(({ keys: { client: first, server: second } }) =>
    second === undefined ? [first] : [first, second],
  );
  expect(new Set(keys).size === keys.length, 'keys are unique');
  expect(keys.length === table.flows.size, 'as many flows as keys');
  expect(
    connections.every((each) => table.flows.get(each.keys.client)?.connection === each),
    'each connection is found by its key',
  );
  for (const { members } of services.byName.values()) {
    for (const member of members) {
      const own = connections.filter((each) => each.member === member);
      const active = own.filter((each) => !hasEnded(each)).length;
      expect(member.active === active, `${member.server.name} has ${active} active`);
    }
  }
}

function hasEnded({ phase, mode }: Connection): boolean {
  const isUnseen = mode !== 'nat' && phase === 'client-ended';
  return phase === 'ended' || phase === 'reset' || isUnseen;
}

function expectFrame({ port, octets }: Emission): void {
  expect(
    verifyChecksums(octets).every(({ valid }) => valid),
    'checksums',
  );
  const ip = layer(parse(octets).layers, 'ipv4');
  const isServer = SERVERS.some(({ address }) => address === ip?.src);
  expect(port !== CLIENT.at || !isServer, 'no client sees a server');
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

for (const mode of ['nat', 'dsr', 'ipip'] as const) {
  test(`PRISM-SLB-10 PRISM-HA-1 under ${mode} any events leave a sound table, and living connections where they are`, (t) => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1, maxLength: 60, size: 'max' }), (events) => {
        const bed = createBed(limitedTo(mode, NAMES));
        for (const event of events) {
          const before = living(bed);
          for (const emission of perform(bed, mode, event)) expectFrame(emission);
          expectSound(bed);
          for (const [key, name] of before) {
            const now = bed.state.table.flows.get(key)?.connection.server.name;
            expect(now === name, `${name} keeps its connection, which ${now ?? 'nobody'} has`);
          }
        }
        bed.wait(7_440_001);
        const { connections, services } = readStatistics(bed.state);
        const active = services.flatMap(({ servers }) => servers.map((each) => each.active));
        expect(connections === 0 && active.every((count) => count === 0), 'all are gone');
        expect(bed.state.table.flows.size === 0, 'no flow is left');
      }),
      runs(150),
    );
    t.pass();
  });
}

test('of these events some make connections, some end them, and some refuse them', (t) => {
  const seen = new Set<string>();
  for (const events of fc.sample(fc.array(anyChange, { minLength: 60, maxLength: 60 }), {
    numRuns: 60,
    seed: 1,
  })) {
    const bed = createBed(limitedTo('nat', NAMES));
    for (const event of events) {
      perform(bed, 'nat', event);
      for (const { phase } of allOf(bed)) seen.add(phase);
    }
    for (const reason of Object.keys(bed.drops())) seen.add(reason);
  }
  for (const word of [
    'opening',
    'answered',
    'established',
    'client-ended',
    'server-ended',
    'ended',
    'reset',
    'talking',
    'table-full',
    'no-server',
    'stray',
  ]) {
    t.true(seen.has(word), word);
  }
});

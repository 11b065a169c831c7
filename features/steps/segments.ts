/** Steps in which a host sends segments of the connection. */
import { When, type DataTable } from '@cucumber/cucumber';
import type { Ipv4, Tcp, Written } from 'scapy-ts';
import { readOptions } from '../../conformance/traffic/option-text.ts';
import {
  clientPath,
  ownerPath,
  pattern,
  segment,
  type Path,
  type SegmentFields,
} from '../../conformance/traffic/segment.ts';
import { ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import type { Expectation } from '../../conformance/observe/delivery.ts';
import type { PrismWorld } from '../support/world.ts';

/** The way a host's segments of the rule's connection go. */
export function pathFrom(world: PrismWorld, host: Host): Path {
  const rule = world.theRule();
  const client = world.clientHost();
  if (host === client) return clientPath(rule, client);
  const owner = world.ownerHost() === host ? rule.owner : ownerOf(host);
  return ownerPath(owner, rule, client);
}

/** What must become of a host's segment under the rule as it stands, when nothing is locked. */
export function expectationFrom(world: PrismWorld, host: Host, frame: Uint8Array): Expectation {
  if (host === world.clientHost()) return world.expectation(frame, 'client-to-owner');
  if (host === world.ownerHost()) return world.expectation(frame, 'owner-to-client');
  return { kind: 'nothing' };
}

/** Sends one segment of the connection from `host`. */
export async function sendSegment(
  world: PrismWorld,
  host: Host,
  fields: SegmentFields,
): Promise<void> {
  const frame = segment(pathFrom(world, host), fields);
  const expectation = expectationFrom(world, host, frame);
  await world.inject([{ role: host.role, frame, expectation }]);
}

const TCP_NUMBERS = [
  'seq',
  'ack',
  'window',
  'urgent',
  'dataOffset',
  'reserved',
  'checksum',
] as const;
const IPV4_NUMBERS = ['id', 'ttl', 'dscp', 'ecn', 'df'] as const;

/**
 * Reads a table of fields: `seq`, `ack`, `flags`, `options`, `payload` (hex), `length`, `ttl` …
 *
 * `ttl at the exit` is what the TTL has to be when it leaves: a router is sent one more.
 */
export function readFields(world: PrismWorld, table: DataTable): SegmentFields {
  const { 'ttl at the exit': exitTtl, ...given } = table.rowsHash();
  const hops = world.hello.profile.ttl === 'decrement' ? 1 : 0;
  const ttl = exitTtl === undefined ? {} : { ttl: String(Number(exitTtl) + hops) };
  const rows: Readonly<Record<string, string>> = { ...given, ...ttl };
  const tcp: Partial<Written<Tcp>> = Object.fromEntries(
    TCP_NUMBERS.flatMap((name) => (rows[name] === undefined ? [] : [[name, Number(rows[name])]])),
  );
  const ipv4: Partial<Written<Ipv4>> = Object.fromEntries(
    IPV4_NUMBERS.flatMap((name) => (rows[name] === undefined ? [] : [[name, Number(rows[name])]])),
  );
  const { payload = '', flags, options } = rows;
  const known = [...TCP_NUMBERS, ...IPV4_NUMBERS, 'payload', 'flags', 'options', 'length'];
  const unknown = Object.keys(rows).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no field of a segment is called ${unknown}`);
  return {
    tcp,
    ipv4,
    ...(flags === undefined ? {} : { flags }),
    ...(options === undefined ? {} : { options: readOptions(options) }),
    payload:
      rows['length'] === undefined
        ? Uint8Array.from(payload.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16))
        : pattern(Number(rows['length'])),
  };
}

When('{host} sends a segment', async function (this: PrismWorld, host: Host) {
  await sendSegment(this, host, { flags: 'PA', payload: pattern(10) });
});

When(
  '{host} sends a segment of {int} octet(s)',
  async function (this: PrismWorld, host: Host, octets: number) {
    await sendSegment(this, host, { flags: 'PA', payload: pattern(octets) });
  },
);

When(
  '{host} sends a segment with',
  async function (this: PrismWorld, host: Host, table: DataTable) {
    await sendSegment(this, host, readFields(this, table));
  },
);

When(
  '{host} sends a segment with the options {string}',
  async function (this: PrismWorld, host: Host, options: string) {
    await sendSegment(this, host, { flags: 'A', options: readOptions(options) });
  },
);

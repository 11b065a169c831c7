/** Connections written segment by segment, and the captures that they leave. */
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { pathsOf, pattern, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, VIRTUAL } from '../../../conformance/traffic/testbed.ts';
import type { Captures, Frame } from './captures.ts';

type HostName = 'controller' | 'backend 1' | 'backend 2';

/** A segment: who serves the client, which way it goes, and what it is. */
export interface Line {
  readonly owner: HostName;
  readonly way: 'up' | 'down';
  readonly seq: number;
  readonly ack: number;
  readonly octets?: number;
  /** The first octet of the payload; the default names its position. */
  readonly first?: number;
  readonly flags?: string;
  readonly window?: number;
  readonly atUs?: number;
  /** Captures that lost it. */
  readonly lost?: readonly ('client' | 'backend')[];
  /** Where it is in the order of the backends' capture. */
  readonly leavesUs?: number;
}

const SYN_OPTIONS = [
  { kind: 'mss', mss: 1460 },
  { kind: 'windowScale', shift: 7 },
] as const;

/** The captures that segments in this order leave. */
export function capturesOf(lines: readonly Line[]): Captures {
  const client: Frame[] = [];
  const far = { backend: new Array<Frame>(), controller: new Array<Frame>() };
  let timeUs = 0;
  for (const [index, line] of lines.entries()) {
    const { way, seq, ack, octets = 0, flags = 'A', window = 500, lost = [] } = line;
    timeUs = line.atUs ?? timeUs + 20;
    const owner = line.owner === 'controller' ? VIRTUAL : ownerOf(HOSTS[line.owner]);
    const rule = { ...keyOf(HOSTS.client), locked: false, deltas: NO_DELTAS };
    const near = pathsOf(
      { ...rule, owner: { ...VIRTUAL, mac: HOSTS.controller.mac } },
      HOSTS.client,
    );
    const there = pathsOf(
      { ...rule, owner: { mac: HOSTS[line.owner].mac, ...owner } },
      HOSTS.client,
    );
    const payload = pattern(octets, line.first ?? (seq * 7) & 0xff);
    const options = flags.includes('S') ? SYN_OPTIONS : [];
    const fields = { seq, ack, flags, window, payload, options, ipv4: { id: 100 + index } };
    const [a, b] =
      way === 'up'
        ? [near.client, { ...there.client, destination: owner }]
        : [near.owner, there.owner];
    if (!lost.includes('client')) client.push({ octets: segment(a, fields), timeUs });
    const list = line.owner === 'controller' ? far.controller : far.backend;
    const leaves = { octets: segment(b, fields), timeUs: line.leavesUs ?? timeUs };
    if (!lost.includes('backend')) list.push(leaves);
  }
  far.backend.sort((x, y) => x.timeUs - y.timeUs);
  return { client, ...far };
}

/** Client at 1000, controller at 5000; the request is 100 octets. */
export const OPENING: readonly Line[] = [
  { owner: 'controller', way: 'up', seq: 999, ack: 0, flags: 'S' },
  { owner: 'controller', way: 'down', seq: 4999, ack: 1000, flags: 'SA' },
  { owner: 'controller', way: 'up', seq: 1000, ack: 5000 },
  { owner: 'controller', way: 'up', seq: 1000, ack: 5000, octets: 100 },
  { owner: 'controller', way: 'down', seq: 5000, ack: 1100 },
];

/** Octets for the client, of the first backend. */
export function down(seq: number, more: Partial<Line> = {}): Line {
  return { owner: 'backend 1', way: 'down', seq, ack: 1100, octets: 100, ...more };
}

/** The client's segment to the first backend. */
export function up(ack: number, more: Partial<Line> = {}): Line {
  return { owner: 'backend 1', way: 'up', seq: 1100, ack, ...more };
}

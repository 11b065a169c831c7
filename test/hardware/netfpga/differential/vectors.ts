/** What chance seldom meets: each header's edges, one after the other. */
import { inCommand } from '../../../../conformance/drivers/embedded/rules.ts';
import { NO_DELTAS } from '../../../../conformance/driver/deltas.ts';
import type { Deltas, Owner } from '../../../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf } from '../../../../conformance/traffic/testbed.ts';
import { mac } from 'scapy-ts';
import type { Rule } from '../../../../reference/rules/rule.ts';
import { frameOf, type Shape } from './frame.ts';
import type { Story } from './pair.ts';

/** Frames of one kind. */
export interface Vectors {
  readonly what: string;
  readonly story: Story;
}

const PORTS = { client: 0, owner: 4 } as const;
const BOTH = ['client', 'owner'] as const;
const NONE = new Uint8Array(0);
const NOBODY = mac('02:00:00:00:10:00');
const ACK = 0x10;
const SYN = 0x02;
const TAG_COUNTS = [0, 1, 2, 3, 4] as const;
const EDGES = [0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] as const;

const SEGMENT: Shape = {
  sender: 'client',
  destinationMac: mac(HOSTS.controller.mac),
  sourceMac: mac(HOSTS.client.mac),
  tags: [],
  version: 4,
  ipWords: 5,
  totalError: 0,
  fragment: 0x4000,
  protocol: 6,
  ipChecksum: 'right',
  seq: 0xffff_fff0,
  ack: 0x0001_0203,
  dataOffset: undefined,
  flags: ACK,
  window: 0x1234,
  tcpChecksum: 'right',
  urgent: 0,
  options: NONE,
  payloadOctets: 10,
  icmpType: 3,
  quotedWords: 5,
  trailerOctets: 0,
  cutAt: undefined,
  changes: [],
};

const DELTAS: Deltas = {
  ...NO_DELTAS,
  clientSeq: 0x0fed_cba9,
  ownerSeq: 0xf123_4567,
  clientTimestamp: 0x0101_01ff,
  ownerTimestamp: 0xff01_0203,
};
const DIRECT: Owner = { ...ownerOf(HOSTS.controller), mac: HOSTS['backend 1'].mac };

function ruleOf(deltas: Deltas, owner: Owner = ownerOf(HOSTS['backend 1']), port = 40_000): Rule {
  const key = keyOf(HOSTS.client);
  const rule = { ...key, client: { ...key.client, port }, owner, deltas, locked: false };
  const command = inCommand({ op: 'add', rule, epoch: 1 });
  if (command.op !== 'add') throw new Error('no add');
  return command.rule;
}

const RULE = ruleOf(DELTAS);

function vectors(
  what: string,
  shapes: readonly (Partial<Shape> & { readonly port?: number })[],
  rules: readonly Rule[] = [RULE],
): Vectors {
  const frames = rules.flatMap((rule) =>
    shapes.map((shape) => {
      const whole = { ...SEGMENT, ...shape };
      // The owner's MAC address tells it in direct server return.
      const isOwner = whole.sender === 'owner';
      const sourceMac = isOwner ? mac(HOSTS['backend 1'].mac) : whole.sourceMac;
      const port = isOwner ? PORTS.owner : PORTS.client;
      return { port: shape.port ?? port, frame: frameOf({ ...whole, sourceMac }, rule) };
    }),
  );
  const adds = rules.map((rule) => inAdd(rule));
  return { what, story: [...adds, { kind: 'frames', frames }] };
}

function inAdd(rule: Rule): Story[number] {
  return { kind: 'command', command: { op: 'add', rule, epoch: 1 } };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Every choice of one of `a` with one of `b`. */
function each<A, B>(as: readonly A[], bs: readonly B[]): readonly (A & B)[] {
  return as.flatMap((a) => bs.map((b) => ({ ...a, ...b })));
}

function choices<K extends keyof Shape>(
  name: K,
  values: readonly Shape[K][],
): readonly Partial<Shape>[] {
  return values.map((value) => ({ [name]: value }));
}

function tagsOf(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? 0x88a8 : 0x8100));
}

const SENDERS = choices('sender', BOTH);
const TAGS = choices('tags', TAG_COUNTS.map(tagsOf));

function octetsOf(value: number): readonly number[] {
  return [value >>> 24, value >>> 16, value >>> 8, value];
}

function option(kind: number, numbers: readonly number[], lengthError = 0): readonly number[] {
  return [kind, 2 + 4 * numbers.length + lengthError, ...numbers.flatMap(octetsOf)];
}

function sack(blocks: number, from = 0x00ff_fff0): readonly number[] {
  return option(
    5,
    range(1, 2 * blocks).map((at) => from + at * 0x0101_01),
  );
}

/** Options, octet by octet, in every layout: one alone, behind others, ended, broken. */
const LAYOUTS: readonly (readonly number[])[] = [
  ...EDGES.flatMap((value) => EDGES.map((echo) => option(8, [value, echo]))),
  ...EDGES.map((edge) => option(5, [edge, edge ^ 0xffff])),
  ...range(1, 4).map((blocks) => sack(blocks)),
  // A duplicate is reported in the first block, below what is acknowledged. RFC 2883.
  option(5, [1, 2, 0xffff_ff00, 0xffff_fff0]),
  [...option(8, [7, 8]), ...sack(3)],
  [...sack(3), ...option(8, [7, 8])],
  [...option(8, [7, 8]), ...option(8, [9, 10])],
  [...sack(1), ...sack(2)],
  [2, 4, 5, 180, 4, 2, ...option(8, [7, 0]), 1, 3, 3, 7],
  [0, ...option(8, [7, 8])],
  [30, 0, ...sack(1)],
  [30, 1, ...sack(1)],
  [30, 2, ...sack(1)],
  [30, 5, 5, 10, 8, ...sack(1)],
  ...range(-3, 30).flatMap((error) => [option(8, [7, 8], error), option(5, [7, 8], error)]),
];

function optionsOf(octets: readonly number[]): Partial<Shape> {
  return { options: Uint8Array.from(octets.slice(0, 40)) };
}

const OPTIONS = LAYOUTS.flatMap((layout) =>
  range(0, 3).map((nops) => optionsOf([...range(1, nops).map(() => 1), ...layout])),
);

const WINDOW_RULES = range(-14, 14).map((shift) => {
  const window = { in: Math.max(0, shift), out: Math.max(0, -shift) };
  const deltas = { ...DELTAS, clientWindow: window, ownerWindow: window };
  return ruleOf(deltas, ownerOf(HOSTS['backend 1']), 40_100 + shift);
});

const SMALL_CHANGES = [0, 1, 0xfffe, 0xffff, 0x1_0000, 0xffff_0000, 0xffff_ffff].map(
  (clientSeq, at) => ruleOf({ ...NO_DELTAS, clientSeq, ownerSeq: 0xffff }, DIRECT, 40_200 + at),
);
const SUMS = [0, 1, 2, 0x7fff, 0x8000, 0xfffd, 0xfffe, 0xffff] as const;

const ERRORS = each(choices('protocol', [1]), each(SENDERS, TAGS));

/** All of them: some ten thousand frames. */
export const VECTORS: readonly Vectors[] = [
  vectors(
    'IP headers of any length',
    each(
      each(each(SENDERS, TAGS), choices('ipWords', range(0, 15))),
      // The second is a data offset, where TCP is read four octets too late.
      choices('ack', [0x0001_0203, 0x5001_0203]),
    ),
  ),
  vectors('any total length', each(SENDERS, choices('totalError', range(-64, 70)))),
  vectors(
    'any total length under padding',
    each([{ trailerOctets: 40 }], choices('totalError', range(-64, 70))),
  ),
  vectors(
    'any data offset',
    each(
      each(SENDERS, choices('payloadOctets', [0, 60])),
      each(choices('dataOffset', range(0, 15)), [
        optionsOf([]),
        optionsOf(sack(4)),
        optionsOf(option(8, [1, 2])),
      ]),
    ),
  ),
  // Some of these have the row of a station that is known.
  vectors('to many stations', [
    ...SENDERS,
    ...each(SENDERS, choices('destinationMac', range(NOBODY, NOBODY + 600))),
  ]),
  vectors('all behind one port', [...SENDERS, ...each(SENDERS, [{ port: PORTS.owner }])]),
  vectors('any version', each(SENDERS, choices('version', range(0, 15)))),
  vectors('any protocol', choices('protocol', range(0, 20))),
  vectors(
    'fragments',
    each(
      each(SENDERS, TAGS),
      choices('fragment', [0, 0x2000, 0x4000, 0x6000, 0x8000, 0xa000, 1, 0x2001, 0x1fff, 0x1000]),
    ),
  ),
  vectors('options in any layout', each(SENDERS, OPTIONS)),
  vectors('options without ACK', each(choices('flags', [0, SYN, 0x04]), OPTIONS.slice(0, 400))),
  vectors(
    'cut anywhere',
    each(
      each(TAGS, [optionsOf([1, 1, ...option(8, [7, 8]), 1, 1, ...sack(3)])]),
      choices('cutAt', range(1, 120)),
    ),
  ),
  vectors('any payload', each(SENDERS, choices('payloadOctets', range(0, 200)))),
  vectors(
    'any window, shifted by any count',
    each(
      each(SENDERS, choices('flags', [ACK, SYN, SYN | ACK])),
      choices('window', [0, 1, 3, 4, 0x7fff, 0x8000, 0xfffe, 0xffff]),
    ),
    WINDOW_RULES,
  ),
  vectors(
    'numbers and checksums at their edges',
    each(
      each(SENDERS, choices('seq', [0, 1, 0xfffe, 0xffff, 0xffff_0000, 0xffff_ffff])),
      each(choices('ipChecksum', [0, 0xffff]), choices('tcpChecksum', SUMS)),
    ),
    SMALL_CHANGES,
  ),
  vectors(
    'sequence and acknowledgment numbers',
    each(each(SENDERS, choices('seq', EDGES)), choices('ack', EDGES)),
  ),
  vectors(
    'flags',
    each(
      SENDERS,
      choices(
        'flags',
        range(0, 0xfff).filter((flags) => flags % 7 === 0 || flags < 64),
      ),
    ),
  ),
  vectors('errors of any type', each(ERRORS, choices('icmpType', range(0, 20)))),
  vectors(
    'errors with any quote',
    each(each(ERRORS, choices('ipWords', [5, 6, 10, 15])), choices('quotedWords', range(0, 15))),
  ),
  vectors('errors cut anywhere', each(ERRORS, choices('cutAt', range(30, 90)))),
];

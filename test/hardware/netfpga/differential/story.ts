/** Rules, commands and frames in any order, for the core and the reference alike. */
import fc from 'fast-check';
import { mac } from 'scapy-ts';
import type { Rule as SuiteRule } from '../../../../conformance/driver/device.ts';
import { inCommand } from '../../../../conformance/drivers/embedded/rules.ts';
import { deltas } from '../../../../conformance/traffic/arbitrary.ts';
import { HOSTS, keyOf, ownerOf } from '../../../../conformance/traffic/testbed.ts';
import type { Pace } from '../../../../hardware/netfpga/sim/wire.ts';
import type { Command } from '../../../../reference/control/command.ts';
import type { Rule } from '../../../../reference/rules/rule.ts';
import { BRIDGED_PORTS, PUNT_PORT } from '../bench.ts';
import { frameOf, type Shape } from './frame.ts';
import type { Step, Story } from './pair.ts';

const RULES_MAX = 4;
const ROUNDS_MAX = 3;
const OPTIONS_OCTETS_MAX = 40;
const EDGES = [0, 1, 4, 5, 8, 10, 0x0f, 0x40, 0x45, 0x46, 0x4f, 0x7f, 0x80, 0xf0, 0xff] as const;
const BROADCAST = 0xffff_ffff_ffff;
const NOBODY = mac('02:00:00:00:00:77');
const MACS = Object.values(HOSTS).map((host) => mac(host.mac));

/** Now and then something else than usual. */
function mostly<T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

const number32 = fc.oneof(
  fc.constantFrom(0, 1, 0xff, 0xffff, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.nat(0xffff_ffff),
);
const word = fc.oneof(fc.constantFrom(0, 1, 0xfffe, 0xffff), fc.nat(0xffff));
const sum = fc.oneof(fc.constant('right' as const), word);

/** Octets of one option, or of what looks like one. */
const option: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([1]) },
  { weight: 3, arbitrary: numbersOf(8, 2) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 1, max: 4 }).chain((blocks) => numbersOf(5, 2 * blocks)),
  },
  { weight: 1, arbitrary: fc.constant([0]) },
  { weight: 1, arbitrary: fc.constant([2, 4, 5, 0xb4]) },
  {
    weight: 2,
    arbitrary: fc
      .record({ kind: fc.constantFrom(0, 1, 5, 8, 8, 5, 30, 254), length: fc.nat(41) })
      .map(({ kind, length }) => [kind, length, ...Array.from({ length: length % 13 }, () => 3)]),
  },
);

function numbersOf(kind: number, count: number): fc.Arbitrary<readonly number[]> {
  return fc
    .array(number32, { minLength: count, maxLength: count })
    .map((numbers) => [
      kind,
      2 + 4 * count,
      ...numbers.flatMap((each) => [each >>> 24, each >>> 16, each >>> 8, each]),
    ]);
}

const options = fc
  .array(option, { maxLength: 8 })
  .map((parts) => Uint8Array.from(parts.flat().slice(0, OPTIONS_OCTETS_MAX)));

const shape: fc.Arbitrary<Shape> = fc.record({
  sender: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('client', 'owner') },
    { weight: 1, arbitrary: fc.constantFrom('barred', 'past-the-switch', 'stranger') },
  ),
  destinationMac: fc.constantFrom(...MACS, BROADCAST, NOBODY),
  sourceMac: fc.constantFrom(...MACS),
  tags: mostly<Shape['tags']>(
    fc.constant([]),
    fc.array(fc.constantFrom(0x8100, 0x88a8), { maxLength: 5, size: 'max' }),
  ),
  version: mostly(fc.constant(4), fc.nat(15)),
  ipWords: mostly(fc.constant(5), fc.nat(15)),
  totalError: mostly(fc.constant(0), fc.integer({ min: -64, max: 64 })),
  fragment: mostly(fc.constantFrom(0, 0x4000), fc.oneof(fc.constantFrom(0x2000, 8, 0x2008), word)),
  protocol: mostly(fc.constant(6), fc.constantFrom(1, 1, 1, 17, 0)),
  ipChecksum: sum,
  seq: number32,
  ack: number32,
  dataOffset: mostly(fc.constant(undefined), fc.nat(15)),
  flags: fc.oneof(fc.constantFrom(0x10, 0x18, 0x02, 0x12, 0x04), fc.nat(0xfff)),
  window: word,
  tcpChecksum: sum,
  urgent: mostly(fc.constant(0), word),
  options: fc.oneof(fc.constant(new Uint8Array(0)), options, options),
  payloadOctets: fc.oneof(fc.constant(0), fc.nat(40), mostly(fc.nat(70), fc.nat(1400))),
  icmpType: fc.constantFrom(3, 3, 11, 12, 8, 5),
  quotedWords: fc.oneof(fc.constant(5), fc.nat(15)),
  trailerOctets: mostly(fc.constant(0), fc.nat(70)),
  cutAt: mostly(fc.constant(undefined), fc.integer({ min: 1, max: 110 })),
  changes: mostly<Shape['changes']>(
    fc.constant([]),
    fc.array(
      fc.record({ at: fc.nat(110), value: fc.oneof(fc.constantFrom(...EDGES), fc.nat(255)) }),
      { maxLength: 4 },
    ),
  ),
});

const owner = fc.oneof(
  fc
    .constantFrom(HOSTS['backend 1'], HOSTS['backend 2'], HOSTS.controller)
    .map((host) => ownerOf(host)),
  // Direct server return: only the MAC address is the owner's.
  fc.constant({ ...ownerOf(HOSTS.controller), mac: HOSTS['backend 1'].mac }),
);
const change = deltas({ sequence: true, timestamps: true, window: true });

const suiteRule: fc.Arbitrary<SuiteRule> = fc
  .record({
    client: fc.constantFrom(HOSTS.client, HOSTS['other client']),
    port: fc.constantFrom(40_000, 40_001),
    owner,
    deltas: change,
    locked: fc.nat(9).map((value) => value === 0),
  })
  .map(({ client, port, ...rest }) => {
    const key = keyOf(client);
    return { ...key, client: { ...key.client, port }, ...rest };
  });

const rule: fc.Arbitrary<Rule> = suiteRule.map((each) => {
  const command = inCommand({ op: 'add', rule: each, epoch: 1 });
  if (command.op !== 'add') throw new Error('no add');
  return command.rule;
});

const pace: fc.Arbitrary<Pace> = mostly(
  fc.constant({}),
  fc.record({
    idlePercent: fc.constantFrom(0, 20, 80),
    stallPercent: fc.constantFrom(0, 20, 80),
    seed: fc.nat(0x3fff_ffff),
  }),
);

interface Round {
  readonly op: 'lock' | 'unlock' | 'delete' | 'chown' | 'none';
  readonly at: number;
  readonly next: Rule;
  readonly frames: readonly {
    readonly rule: number;
    readonly port: number;
    readonly shape: Shape;
  }[];
  readonly pace: Pace;
}

function roundOf(framesMax: number): fc.Arbitrary<Round> {
  return fc.record({
    op: fc.constantFrom('lock', 'unlock', 'unlock', 'delete', 'chown', 'chown', 'none'),
    at: fc.nat(RULES_MAX - 1),
    next: rule,
    frames: fc.array(
      fc.record({
        rule: fc.nat(RULES_MAX - 1),
        port: fc.constantFrom(...BRIDGED_PORTS, PUNT_PORT),
        shape,
      }),
      { minLength: 1, maxLength: framesMax, size: 'max' },
    ),
    pace,
  });
}

function commandOf({ op, next }: Round, { key }: Rule, epoch: number): Command | undefined {
  if (op === 'none') return undefined;
  if (op !== 'chown') return { op, key, epoch };
  return { op, key, owner: next.owner, deltas: next.deltas, unlock: true, epoch };
}

function stepsOf(round: Round, rules: readonly Rule[], epoch: number): readonly Step[] {
  const ruleAt = (at: number): Rule => rules[at % rules.length] ?? round.next;
  const command = commandOf(round, ruleAt(round.at), epoch);
  const frames = round.frames.map((each) => ({
    port: each.port,
    frame: frameOf(each.shape, ruleAt(each.rule)),
  }));
  return [
    ...(command === undefined ? [] : [{ kind: 'command', command } as const]),
    { kind: 'frames', frames, pace: round.pace },
  ];
}

/** Up to four rules, and frames at any port between up to three commands. */
export function stories(framesMax: number): fc.Arbitrary<Story> {
  return fc
    .record({
      rules: fc.array(rule, { minLength: 1, maxLength: RULES_MAX }),
      rounds: fc.array(roundOf(framesMax), { minLength: 1, maxLength: ROUNDS_MAX }),
    })
    .map(({ rules, rounds }) => [
      ...rules.map(
        (each) => ({ kind: 'command', command: { op: 'add', rule: each, epoch: 1 } }) as const,
      ),
      ...rounds.flatMap((round, at) => stepsOf(round, rules, at + 2)),
    ]);
}

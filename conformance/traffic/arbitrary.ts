/**
 * Generated rules and segments for properties.
 *
 * Numbers favour the edges of the sequence space; segments carry options in the layouts of real
 * stacks and in every other legal one; payloads are short, odd, even and full.
 */
import fc from 'fast-check';
import type { TcpOption } from 'scapy-ts';
import { NO_DELTAS } from '../driver/deltas.ts';
import type { Deltas } from '../driver/device.ts';
import { pattern, type SegmentFields } from './segment.ts';

/** A number of 32 bits, often at an edge of the sequence space. */
function number32(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
  );
}

/** What a rule of a property may shift. */
export interface DeltaChoice {
  /** Sequence and acknowledgment numbers. */
  readonly sequence: boolean;
  /** The one number that shifts both, where the device has no choice. */
  readonly only?: number | undefined;
  readonly timestamps: boolean;
  readonly window: boolean;
}

/** Deltas that shift what `choice` says; never all 0 where sequence numbers are shifted. */
export function deltas(choice: DeltaChoice): fc.Arbitrary<Deltas> {
  const free = choice.only === undefined ? number32() : fc.constant(choice.only);
  const shift = choice.sequence ? free.filter((delta) => delta !== 0) : fc.constant(0);
  const time = choice.timestamps ? number32() : fc.constant(0);
  const scale = choice.window ? fc.integer({ min: 0, max: 14 }) : fc.constant(0);
  return fc
    .record({ client: shift, owner: shift, clientTime: time, ownerTime: time, a: scale, b: scale })
    .map(({ client, owner, clientTime, ownerTime, a, b }): Deltas => ({
      ...NO_DELTAS,
      clientSeq: client,
      ownerSeq: owner,
      clientTimestamp: clientTime,
      ownerTimestamp: ownerTime,
      clientWindow: { in: a, out: b },
      ownerWindow: { in: b, out: a },
    }));
}

const MAX_OPTION_OCTETS = 40;
/** Kinds that have a meaning of their own, and the two that are not options with a length. */
const KNOWN_KINDS = new Set([0, 1, 2, 3, 4, 5, 8, 19, 29, 34]);

function oneOption(): fc.Arbitrary<readonly TcpOption[]> {
  const blocks = fc.array(fc.record({ left: number32(), right: number32() }), {
    minLength: 1,
    maxLength: 4,
  });
  return fc.oneof(
    fc.constant([{ kind: 'nop' } as const]),
    fc.record({ kind: fc.constant('sack' as const), blocks }).map((option) => [option]),
    fc
      .record({
        kind: fc.constant('timestamps' as const),
        value: number32(),
        // TSecr 0 may mean that there is none (RFC 7323 section 3.2): a device may leave it alone.
        echo: number32().filter((echo) => echo !== 0),
      })
      .map((option) => [option]),
    fc.record({ kind: fc.constant('mss' as const), mss: fc.nat(0xffff) }).map((option) => [option]),
    fc
      .record({
        kind: fc.constant('unknown' as const),
        type: fc.nat(255).filter((type) => !KNOWN_KINDS.has(type)),
        octets: fc.uint8Array({ maxLength: 12 }),
      })
      .map((option) => [option]),
  );
}

function optionOctets(option: TcpOption): number {
  switch (option.kind) {
    case 'nop':
      return 1;
    case 'sack':
      return 2 + 8 * option.blocks.length;
    case 'timestamps':
      return 10;
    case 'mss':
      return 4;
    case 'unknown':
      return 2 + option.octets.length;
    default:
      return MAX_OPTION_OCTETS + 1;
  }
}

/** Options that fit a header, each kind at most once where a stack would send it once. */
export function options(): fc.Arbitrary<readonly TcpOption[]> {
  const usual: readonly TcpOption[] = [
    { kind: 'nop' },
    { kind: 'nop' },
    { kind: 'timestamps', value: 0x01020304, echo: 0xfffffffe },
  ];
  const free = fc.array(oneOption(), { maxLength: 6 }).map((parts) => {
    const chosen: TcpOption[] = [];
    let room = MAX_OPTION_OCTETS;
    for (const option of parts.flat()) {
      const again = option.kind !== 'nop' && chosen.some(({ kind }) => kind === option.kind);
      if (again || optionOctets(option) > room) continue;
      room -= optionOctets(option);
      chosen.push(option);
    }
    return chosen;
  });
  return fc.oneof(fc.constant([]), fc.constant(usual), free);
}

/** What may vary in a generated segment. */
export interface SegmentChoice {
  /** Any combination of the nine flags; else ACK, with or without PSH. */
  readonly anyFlags: boolean;
  /** Longest payload in octets. */
  readonly payloadOctets: number;
  readonly options: boolean;
}

/** Every kind of segment that fits an Ethernet frame. */
export const ANY_SEGMENT: SegmentChoice = { anyFlags: true, payloadOctets: 1400, options: true };

/** A, PA, S, SA, FA, R and RA: what nearly all segments have. */
const USUAL_FLAGS = [0x10, 0x18, 0x02, 0x12, 0x11, 0x04, 0x14];

function length(most: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: Math.min(64, most) }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: most }) },
  );
}

/** Segments of a connection. */
export function segments(choice: SegmentChoice = ANY_SEGMENT): fc.Arbitrary<SegmentFields> {
  return fc
    .record({
      seq: number32(),
      ack: number32(),
      flags: choice.anyFlags
        ? fc.oneof(fc.constantFrom(...USUAL_FLAGS), fc.nat(0x1ff))
        : fc.constantFrom(0x10, 0x18),
      window: fc.oneof(fc.constantFrom(0, 1, 0xffff), fc.nat(0xffff)),
      urgent: fc.oneof(fc.constant(0), fc.nat(0xffff)),
      options: choice.options ? options() : fc.constant([]),
      length: length(choice.payloadOctets),
      first: fc.nat(255),
      dscp: fc.nat(63),
      ecn: fc.nat(3),
      id: fc.nat(0xffff),
      df: fc.nat(1),
      // Two hops of a router must not use it up; directed scenarios send less.
      ttl: fc.integer({ min: 3, max: 255 }),
      reserved: fc.oneof(fc.constant(0), fc.nat(7)),
    })
    .map(({ seq, ack, flags, window, urgent, length: octets, first, reserved, ...rest }) => ({
      seq,
      ack,
      flags,
      window,
      urgent,
      options: rest.options,
      payload: pattern(octets, first),
      tcp: { reserved },
      ipv4: { dscp: rest.dscp, ecn: rest.ecn, id: rest.id, df: rest.df, ttl: rest.ttl },
    }));
}

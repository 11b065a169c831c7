/** Defects of timestamps, of options of other kinds, and of malformed ones. */
import { droppingAfter, editing } from './change.ts';
import type { Defect } from './defect.ts';
import {
  add32,
  hasFlag,
  numbersIn,
  OPTION,
  optionsOf,
  sackEdges,
  type OptionPlace,
  type Segment,
} from './edit.ts';
import { keyText, shiftsOf, type Shifts } from './passage.ts';

/** Writes to the timestamps option that begins at `at`. */
type TimestampEdit = (octets: DataView, at: number, shifts: Shifts, segment: Segment) => void;

function editingTimestamps(edit: TimestampEdit): Defect['apply'] {
  return editing((octets, segment, passage) => {
    const places = optionsOf(segment).filter(
      ({ kind, length }) => kind === OPTION.timestamps && length === 10,
    );
    for (const { at } of places) edit(octets, at, shiftsOf(passage), segment);
  });
}

const timestampDefects: readonly Defect[] = [
  {
    name: 'tsecr-not-shifted',
    sentence: 'The echoed timestamp leaves as it came.',
    breaks: 'PRISM-SEQ-10',
    apply: editingTimestamps((octets, at, { echo }, segment) => {
      if (hasFlag(segment, 'ACK')) add32(octets, at + 6, -echo);
    }),
  },
  {
    name: 'tsval-shifted-by-echo-delta',
    sentence: 'Both timestamps are shifted by the delta of the echoed one.',
    breaks: 'PRISM-SEQ-10',
    apply: editingTimestamps((octets, at, { timestamp, echo }) => {
      add32(octets, at + 2, echo - timestamp);
    }),
  },
  {
    name: 'timestamps-after-mss-kept',
    sentence: 'Timestamps that do not begin at the third octet of a word are not shifted.',
    breaks: 'PRISM-SEQ-10',
    apply: editingTimestamps((octets, at, { timestamp, echo }, segment) => {
      if ((at - segment.tcp) % 4 === 2) return;
      add32(octets, at + 2, -timestamp);
      if (hasFlag(segment, 'ACK')) add32(octets, at + 6, -echo);
    }),
  },
  {
    name: 'timestamps-shifted-by-sequence-deltas',
    sentence: 'Timestamps are shifted by the deltas of sequence numbers where they have none.',
    breaks: 'PRISM-SEQ-10',
    apply: editingTimestamps((octets, at, { timestamp, seq }) => {
      if (timestamp === 0) add32(octets, at + 2, seq);
    }),
  },
  {
    name: 'tsval-of-syn-not-shifted',
    sentence: 'The timestamp of a segment with SYN is not shifted.',
    breaks: 'PRISM-SEQ-10',
    apply: editingTimestamps((octets, at, { timestamp }, segment) => {
      if (hasFlag(segment, 'SYN')) add32(octets, at + 2, -timestamp);
    }),
  },
];

/** Shifts numbers that are none as if they were SACK edges. */
function shiftingAlso(find: (segment: Segment) => readonly number[]): Defect['apply'] {
  return editing((octets, segment, passage) => {
    if (!hasFlag(segment, 'ACK')) return;
    for (const at of find(segment)) add32(octets, at, shiftsOf(passage).ack);
  });
}

/** Where the options that can be read end. */
function readableEnd(segment: Segment): number {
  const last = optionsOf(segment).at(-1);
  return last === undefined ? segment.options : last.at + last.length;
}

/** What looks like a SACK option somewhere in the options from `from` on. */
function likeSack({ frame, payload }: Segment, from: number): readonly OptionPlace[] {
  const places = Array.from(
    { length: Math.max(0, payload - from - 9) },
    (_, index) => from + index,
  );
  return places
    .map((at) => ({ kind: frame[at] ?? 0, at, length: frame[at + 1] ?? 0 }))
    .filter(({ kind, length }) => kind === OPTION.sack && length % 8 === 2)
    .filter(({ at, length }) => at + length <= payload);
}

function edgesOf(places: readonly OptionPlace[]): readonly number[] {
  return places.flatMap(({ at, length }) => numbersIn(at, length));
}

function isKnown({ kind }: OptionPlace): boolean {
  return kind <= 8;
}

const otherOptionDefects: readonly Defect[] = [
  {
    name: 'kind-69-taken-for-sack',
    sentence: 'Only six bits of an option kind are looked at, so that 69 is taken for SACK.',
    breaks: 'PRISM-SEQ-07',
    apply: shiftingAlso((segment) =>
      edgesOf(
        optionsOf(segment).filter(({ kind }) => kind !== OPTION.sack && kind % 64 === OPTION.sack),
      ),
    ),
  },
  {
    name: 'unknown-option-ends-search',
    sentence: 'SACK behind an option of an unknown kind is not found.',
    breaks: 'PRISM-SEQ-07',
    apply: editing((octets, segment, passage) => {
      const first = optionsOf(segment).find((option) => !isKnown(option))?.at ?? segment.payload;
      if (!hasFlag(segment, 'ACK')) return;
      for (const at of sackEdges(segment))
        if (at > first) add32(octets, at, -shiftsOf(passage).ack);
    }),
  },
  {
    name: 'unknown-option-read-as-options',
    sentence: 'The content of an option of an unknown kind is searched for SACK.',
    breaks: 'PRISM-SEQ-07',
    apply: shiftingAlso((segment) =>
      edgesOf(
        optionsOf(segment)
          .filter((option) => !isKnown(option))
          .flatMap((option) =>
            likeSack(segment, option.at + 2).filter(
              ({ at, length }) => at + length <= option.at + option.length,
            ),
          ),
      ),
    ),
  },
  {
    name: 'experimental-option-blanked',
    sentence: 'An option of kind 254 leaves as padding.',
    breaks: 'PRISM-SEQ-07',
    apply: editing((octets, segment) => {
      for (const { kind, at, length } of optionsOf(segment)) {
        if (kind !== 254) continue;
        for (let place = at; place < at + length; place += 1) octets.setUint8(place, OPTION.nop);
      }
    }),
  },
  {
    name: 'end-of-options-ignored',
    sentence: 'SACK is searched for also behind the end of the options.',
    breaks: 'PRISM-SEQ-07',
    apply: shiftingAlso((segment) => {
      const end = readableEnd(segment);
      return segment.frame[end] === 0 ? edgesOf(likeSack(segment, end + 1)) : [];
    }),
  },
];

const malformedDefects: readonly Defect[] = [
  {
    name: 'sack-length-unchecked',
    sentence: 'A SACK option whose length is not 2 + 8n is shifted as far as it goes.',
    breaks: 'PRISM-SEQ-08',
    apply: shiftingAlso((segment) =>
      edgesOf(
        optionsOf(segment).filter(({ kind, length }) => kind === OPTION.sack && length % 8 !== 2),
      ),
    ),
  },
  {
    name: 'sack-past-header-shifted',
    sentence: 'A SACK option that runs past the header is shifted as far as the header goes.',
    breaks: 'PRISM-SEQ-08',
    apply: shiftingAlso((segment) => {
      const { frame, payload } = segment;
      const at = readableEnd(segment);
      const runsPast = frame[at] === OPTION.sack && at + (frame[at + 1] ?? 0) > payload;
      return runsPast ? numbersIn(at, payload - at) : [];
    }),
  },
  {
    name: 'option-of-length-0-blanked',
    sentence: 'From an option of length 0 on, the options leave as zeros.',
    breaks: 'PRISM-SEQ-08',
    apply: editing((octets, segment) => {
      const end = readableEnd(segment);
      if (end >= segment.payload || segment.frame[end + 1] !== 0) return;
      for (let at = end; at < segment.payload; at += 1) octets.setUint8(at, 0);
    }),
  },
  {
    name: 'option-of-length-0-hangs',
    sentence: 'After an option of length 0, no segment of the connection leaves any more.',
    breaks: 'PRISM-SEQ-08',
    apply: droppingAfter(() => {
      const hanging = new Set<string>();
      return (segment, { rule }) => {
        const end = readableEnd(segment);
        const isStuck = end + 1 < segment.payload && segment.frame[end + 1] === 0;
        const wasHanging = hanging.has(keyText(rule));
        if (isStuck && segment.frame[end] !== 0) hanging.add(keyText(rule));
        return wasHanging;
      };
    }),
  },
];

/** Defects of options. */
export const optionDefects: readonly Defect[] = [
  ...timestampDefects,
  ...otherOptionDefects,
  ...malformedDefects,
];

/**
 * The ways in which a device gets a segment of a rule's connection wrong: it edits it, spoils it,
 * drops it, or overlooks that the rule is for it.
 */
import type { Device, PortFrame } from '../driver/device.ts';
import { edited, overwritten, segmentOf, type Segment } from './edit.ts';
import type { Passage, Passages } from './passage.ts';
import { tapped } from './tap.ts';

/** Puts a defect on a device. */
export type Mutation = (device: Device) => Device;

/** What becomes of a segment under a rule: other octets, or nothing at all. */
export type Change = (segment: Segment, passage: Passage) => Uint8Array | undefined;

/** Writes to a segment's frame. */
export type Edit = (octets: DataView, segment: Segment, passage: Passage) => void;

/** Where a segment comes in, and what the device knows then. */
export interface Arrival extends Passages {
  readonly port: number;
}

/** Whether something happens to a segment. */
export type Choice = (segment: Segment, passage: Passage, arrival: Arrival) => boolean;

/** The segment in a frame and the rule that `find` gives for it. */
export function underRule(
  { frame }: PortFrame,
  find: Passages['arriving'],
): { readonly segment: Segment; readonly passage: Passage } | undefined {
  const segment = segmentOf(frame);
  const passage = segment === undefined ? undefined : find(segment);
  return segment === undefined || passage === undefined ? undefined : { segment, passage };
}

function through(
  input: PortFrame,
  find: Passages['arriving'],
  change: Change,
): readonly PortFrame[] {
  const found = underRule(input, find);
  if (found === undefined) return [input];
  const frame = change(found.segment, found.passage);
  return frame === undefined ? [] : [{ port: input.port, frame }];
}

/** A device whose translated segments are changed on their way out. */
export function onLeaving(change: Change): Mutation {
  return (device) =>
    tapped(device, () => ({
      output: (output, { leaving }) => through(output, leaving, change),
    }));
}

/** A device that takes segments of a rule's connection for others than they are. */
export function onArriving(change: Change): Mutation {
  return (device) =>
    tapped(device, () => ({
      input: (input, { arriving }) => through(input, arriving, change),
    }));
}

/** A device that writes wrong values into what it translates; the checksums follow them. */
export function editing(edit: Edit): Mutation {
  return onLeaving((segment, passage) =>
    edited(segment, (octets) => {
      edit(octets, segment, passage);
    }),
  );
}

/** A device that writes wrong values into what it translates, and the checksums stay behind. */
export function spoiling(edit: Edit): Mutation {
  return onLeaving((segment, passage) =>
    overwritten(segment.frame, (octets) => {
      edit(octets, segment, passage);
    }),
  );
}

/** A device that drops some segments of a rule's connection; `makeChoice` is called at each reset. */
export function droppingAfter(makeChoice: () => Choice): Mutation {
  return (device) =>
    tapped(device, () => {
      const choice = makeChoice();
      return {
        input: (input, passages) =>
          through(input, passages.arriving, (segment, passage) =>
            choice(segment, passage, { ...passages, port: input.port }) ? undefined : segment.frame,
          ),
      };
    });
}

/** A device that drops some segments of a rule's connection. */
export function dropping(choice: Choice): Mutation {
  return droppingAfter(() => choice);
}

/** A device that does not see that a rule is for some segments, and bridges them. */
export function overlooking(choice: Choice): Mutation {
  return (device) =>
    tapped(device, () => ({
      past: (input, passages) => {
        const found = underRule(input, passages.arriving);
        const isOverlooked =
          found !== undefined &&
          choice(found.segment, found.passage, { ...passages, port: input.port });
        return isOverlooked ? input.frame : undefined;
      },
    }));
}

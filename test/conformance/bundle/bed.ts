/** Small parts that the tests of bundles share: a failing device, its sequence, its bundle. */
import {
  BUNDLE_FORMAT,
  writeBundle,
  type BundledVerdict,
} from '../../../conformance/bundle/bundle.ts';
import { perform, type Bench } from '../../../conformance/bundle/perform.ts';
import {
  judge,
  type Judgement,
  type Operation,
  type RecordedStimulus,
  type Sequence,
} from '../../../conformance/bundle/sequence.ts';
import type { Budget } from '../../../conformance/bundle/shrink.ts';
import type { Device, PortFrame, Rule } from '../../../conformance/driver/device.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { createObserver } from '../../../conformance/observe/observer.ts';
import type { Fingerprint } from '../../../conformance/run/fingerprint.ts';
import { pattern, type SegmentFields } from '../../../conformance/traffic/segment.ts';
import { fromClient, passes, SPLICE } from '../bed.ts';

/** Enough for any sequence of these tests. */
export const BUDGET: Budget = { trials: 500, hasTime: () => true };

/** Changes or drops what leaves a device. */
export type Spoil = (left: readonly PortFrame[]) => readonly PortFrame[];

/** A reference switch whose frames pass through `spoil`, ready to be asked. */
export async function benchWith(spoil: Spoil): Promise<Bench> {
  const inner = openInProcess();
  const device: Device = {
    ...inner,
    async collect() {
      const { frames, notices } = await inner.collect();
      return { frames: spoil(frames), notices };
    },
  };
  const hello = await device.hello();
  return { device, hello, observer: createObserver(device, hello) };
}

const ETHER_TYPE_AT = 12;
const PROTOCOL_AT = 23;

/** Whether a frame carries a TCP segment in plain IPv4. */
export function isTcp({ frame }: PortFrame): boolean {
  return frame[ETHER_TYPE_AT] === 0x08 && frame[PROTOCOL_AT] === 6;
}

/** `frame` with the lowest bit of one octet turned over. */
export function flipped({ port, frame }: PortFrame, at: number): PortFrame {
  return { port, frame: frame.map((octet, index) => (index === at ? octet ^ 1 : octet)) };
}

/** A segment of the client that has to pass `rule`, and is judged. */
export function judgedSegment(fields: SegmentFields, rule: Rule = SPLICE): RecordedStimulus {
  const frame = fromClient(rule, fields);
  return { role: 'client0', frame, expectation: passes(frame, rule), judged: true };
}

/** `count` segments with everything in them that can be left out. */
export function richSegments(count: number): readonly RecordedStimulus[] {
  return Array.from({ length: count }, (_, index) =>
    judgedSegment({
      seq: 0x01020304 + index,
      ack: 0x11121314,
      flags: 'PAU',
      urgent: 7,
      options: [
        { kind: 'timestamps', value: 1, echo: 2 },
        { kind: 'nop' },
        { kind: 'sack', blocks: [{ left: 1, right: 2 + index }] },
      ],
      payload: pattern(100 + index),
      ipv4: { dscp: 5, id: index },
    }),
  );
}

const LOOK: Operation = {
  kind: 'observe',
  observation: { outputs: [], notices: [], proof: 'none' },
};

/** An add of `rule`. */
export function added(rule: Rule, epoch = 1): Operation {
  return { kind: 'command', command: { op: 'add', rule, epoch }, reply: { ok: true } };
}

/** A scenario: reset, a look by which a bridge learns, `commands`, frames, a look. */
export function operationsWith(
  stimuli: readonly RecordedStimulus[],
  commands: readonly Operation[] = [added(SPLICE)],
): readonly Operation[] {
  return [{ kind: 'reset' }, LOOK, ...commands, { kind: 'inject', stimuli }, LOOK];
}

/** `operations` as they go on `bench`, judged. */
export async function sequenceOn(
  bench: Bench,
  operations: readonly Operation[],
  judgement: Judgement = { kind: 'delivery', scope: 'musts' },
): Promise<Sequence> {
  const done = await perform(operations, bench);
  const sequence = { operations: done, complete: true, judgement, findings: [] };
  return { ...sequence, findings: judge(sequence, bench.hello) ?? [] };
}

/** The verdict of a bundle about `fingerprint`. */
export function verdictWith(parts: Partial<BundledVerdict> = {}): BundledVerdict {
  const fingerprint: Fingerprint = {
    requirement: 'PRISM-REW-05',
    field: 'tcp.checksum',
    direction: 'client-to-owner',
  };
  return {
    format: BUNDLE_FORMAT,
    suite: '0.1.0',
    scenario: {
      uri: 'features/rewriting/checksums.feature',
      line: 7,
      name: 'PRISM-REW-05 a name',
      step: 'its TCP checksum is right',
    },
    requirements: ['PRISM-REW-05'],
    level: 'MUST',
    verdict: 'fail',
    fingerprint,
    expected: 'a',
    observed: 'b',
    seed: 1,
    effort: 1,
    target: { name: 'reference' },
    hello: { name: 'reference', vendor: 'prismspec', version: '0.1.0' },
    ...parts,
  };
}

/** The octets of a bundle of `sequence`. */
export function bundleWith(
  sequence: Sequence,
  verdict: BundledVerdict = verdictWith(),
): Uint8Array {
  return writeBundle(verdict, { original: sequence, shrunk: sequence, trials: 0 }, 'x.prismbug');
}

/** Shrinking on devices with a fault: little is left, it fails in the same way, and it is needed. */
import test from 'ava';
import { layer, parse } from 'scapy-ts';
import { judge, stimuliOf, type Sequence } from '../../../conformance/bundle/sequence.ts';
import { recurs, shrink, type Budget } from '../../../conformance/bundle/shrink.ts';
import { DriverFault, type PortFrame } from '../../../conformance/driver/device.ts';
import type { Fingerprint } from '../../../conformance/run/fingerprint.ts';
import { SPLICE } from '../bed.ts';
import {
  added,
  benchWith,
  BUDGET,
  flipped,
  isTcp,
  judgedSegment,
  operationsWith,
  richSegments,
  sequenceOn,
  type Spoil,
} from './bed.ts';

const CHECKSUM: Fingerprint = {
  requirement: 'PRISM-REW-05',
  field: 'tcp.checksum',
  direction: 'client-to-owner',
};
const TCP_CHECKSUM_AT = 51;
const FLAGS_AT = 47;

/** Spoils the checksum of every segment for which `when` is true. */
function spoilChecksum(when: (frame: Uint8Array) => boolean): Spoil {
  return (left) =>
    left.map((each) => (isTcp(each) && when(each.frame) ? flipped(each, TCP_CHECKSUM_AT) : each));
}

const ALWAYS = spoilChecksum(() => true);

function framesOf({ operations }: Sequence): readonly Uint8Array[] {
  return stimuliOf(operations).map(({ frame }) => frame);
}

function commandsOf({ operations }: Sequence): number {
  return operations.filter(({ kind }) => kind === 'command').length;
}

test('of forty segments one is left, without payload and options', async (t) => {
  const bench = await benchWith(ALWAYS);
  const original = await sequenceOn(bench, operationsWith(richSegments(40)));
  t.is(original.findings.length, 40);
  const { sequence, trials } = await shrink(original, CHECKSUM, bench, BUDGET);
  const [frame, ...others] = framesOf(sequence);
  t.deepEqual(others, []);
  const { layers } = parse(frame ?? new Uint8Array(0));
  t.like(layer(layers, 'tcp'), { options: [], flags: 0x10, urgent: 0, seq: 1000, ack: 2000 });
  t.is(layer(layers, 'raw'), undefined);
  t.true(recurs(sequence.findings, CHECKSUM));
  t.true(recurs(judge(sequence, bench.hello) ?? [], CHECKSUM));
  t.true(trials < 10, `${trials} trials`);
});

test('what makes the device fail stays in the frame', async (t) => {
  const urgent = await benchWith(spoilChecksum((frame) => ((frame[FLAGS_AT] ?? 0) & 0x20) !== 0));
  const fromUrgent = await sequenceOn(urgent, operationsWith(richSegments(5)));
  const shrunk = await shrink(fromUrgent, CHECKSUM, urgent, BUDGET);
  const [frame = new Uint8Array(0)] = framesOf(shrunk.sequence);
  t.is((layer(parse(frame).layers, 'tcp')?.flags ?? 0) & 0x20, 0x20);
  t.deepEqual(layer(parse(frame).layers, 'tcp')?.options, []);

  const long = await benchWith(spoilChecksum((octets) => octets.length > 60));
  const fromLong = await sequenceOn(long, operationsWith(richSegments(5)));
  const { sequence } = await shrink(fromLong, CHECKSUM, long, BUDGET);
  const [rest = new Uint8Array(0)] = framesOf(sequence);
  t.true(rest.length > 60 && rest.length < 100, `${rest.length} octets`);
});

test('every frame that is needed stays: a device that loses each third', async (t) => {
  let count = 0;
  const inner = await benchWith((left) =>
    left.filter((each: PortFrame) => {
      if (!isTcp(each)) return true;
      count += 1;
      return count % 3 !== 0;
    }),
  );
  const reset = async (): Promise<void> => {
    count = 0;
    await inner.device.reset();
  };
  const bench = { ...inner, device: { ...inner.device, reset } };
  const missing: Fingerprint = { ...CHECKSUM, field: 'frame' };
  const original = await sequenceOn(bench, operationsWith(richSegments(30)));
  const { sequence } = await shrink(original, missing, bench, BUDGET);
  t.is(framesOf(sequence).length, 3);
});

test('rules of other connections go, the rule of the failing one stays', async (t) => {
  const others = Array.from({ length: 50 }, (_, index) => {
    const client = { ...SPLICE.client, port: 1000 + index };
    return added({ ...SPLICE, client }, index + 2);
  });
  const bench = await benchWith(ALWAYS);
  const commands = [...others.slice(25), added(SPLICE), ...others.slice(0, 25)];
  const original = await sequenceOn(bench, operationsWith(richSegments(3), commands));
  const { sequence } = await shrink(original, CHECKSUM, bench, BUDGET);
  t.is(commandsOf(sequence), 1);
  t.deepEqual(
    sequence.operations.find(({ kind }) => kind === 'command'),
    added(SPLICE),
  );
});

test('commands for the failing connection all stay, needed or not', async (t) => {
  const again = Array.from({ length: 4 }, (_, index) => added(SPLICE, index + 1));
  const bench = await benchWith(ALWAYS);
  const original = await sequenceOn(bench, operationsWith(richSegments(3), again));
  const { sequence } = await shrink(original, CHECKSUM, bench, BUDGET);
  t.is(commandsOf(sequence), 4);
});

test('pauses and looks in between go, the first and the last look stay', async (t) => {
  const bench = await benchWith(ALWAYS);
  const [reset, look, add, inject, last] = operationsWith(richSegments(2));
  if (!reset || !look || !add || !inject || !last) throw new Error('a sequence has five parts');
  const pause = { kind: 'advance', seconds: 1 } as const;
  const all = [reset, look, pause, add, look, pause, inject, last];
  const { sequence } = await shrink(await sequenceOn(bench, all), CHECKSUM, bench, BUDGET);
  t.deepEqual(
    sequence.operations.map(({ kind }) => kind),
    ['reset', 'observe', 'command', 'inject', 'observe'],
  );
});

test('another failure is not taken for the one that is wanted', async (t) => {
  // The urgent pointer is wrong in one segment, the checksum in all of them.
  const bench = await benchWith((left) =>
    left.map((each) => {
      if (!isTcp(each)) return each;
      const marked = (each.frame[FLAGS_AT] ?? 0) === 0x38;
      return marked ? flipped(each, 53) : flipped(each, TCP_CHECKSUM_AT);
    }),
  );
  const marked = judgedSegment({ seq: 9, flags: 'PAU', urgent: 3 });
  const plain = [1, 2, 3].map((seq) => judgedSegment({ seq }));
  const original = await sequenceOn(bench, operationsWith([...plain, marked]));
  const wanted: Fingerprint = { ...CHECKSUM, field: 'tcp.urgent' };
  const { sequence } = await shrink(original, wanted, bench, BUDGET);
  t.is(framesOf(sequence).length, 1);
  t.true(sequence.findings.some(({ field }) => field === 'tcp.urgent'));
});

test('a budget is kept, and what was found until then is returned', async (t) => {
  const bench = await benchWith(ALWAYS);
  const original = await sequenceOn(bench, operationsWith(richSegments(10)));
  const two = await shrink(original, CHECKSUM, bench, { ...BUDGET, trials: 2 });
  t.is(two.trials, 2);
  t.is(framesOf(two.sequence).length, 1);
  const none: Budget = { ...BUDGET, hasTime: () => false };
  t.deepEqual(await shrink(original, CHECKSUM, bench, none), { sequence: original, trials: 0 });
});

test('a device that dies ends the search with the smallest failure so far', async (t) => {
  const bench = await benchWith(ALWAYS);
  const original = await sequenceOn(bench, operationsWith(richSegments(10)));
  let resets = 0;
  const reset = async (): Promise<void> => {
    resets += 1;
    if (resets > 1) throw new DriverFault('gone', 'the device has ended');
    await bench.device.reset();
  };
  const dying = { ...bench, device: { ...bench.device, reset } };
  const { sequence, trials } = await shrink(original, CHECKSUM, dying, BUDGET);
  t.is(trials, 2);
  t.is(framesOf(sequence).length, 1);
});

test('our own fault is not hidden', async (t) => {
  const bench = await benchWith(ALWAYS);
  const original = await sequenceOn(bench, operationsWith(richSegments(2)));
  const reset = async (): Promise<void> => Promise.reject(new TypeError('ours'));
  const broken = { ...bench, device: { ...bench.device, reset } };
  await t.throwsAsync(shrink(original, CHECKSUM, broken, BUDGET), { instanceOf: TypeError });
});

test('a sequence that was judged by more than frames stays whole and is not done again', async (t) => {
  const bench = await benchWith(ALWAYS);
  const judgement = { kind: 'recorded' } as const;
  const original = await sequenceOn(bench, operationsWith(richSegments(4)), judgement);
  t.deepEqual(await shrink(original, CHECKSUM, bench, BUDGET), { sequence: original, trials: 0 });
});

test('frames that are missing without proof are no failure', async (t) => {
  const bench = await benchWith((left) => left.filter((each) => !isTcp(each)));
  const missing: Fingerprint = { ...CHECKSUM, field: 'frame' };
  const original = await sequenceOn(bench, operationsWith(richSegments(4)));
  t.true(recurs(original.findings, missing));
  const observer = {
    observe: async () => ({ ...(await bench.observer.observe()), proof: 'none' as const }),
  };
  const { sequence } = await shrink(original, missing, { ...bench, observer }, BUDGET);
  t.is(sequence, original);
});

/** What had to leave and what left, paired. */
import test from 'ava';
import fc from 'fast-check';
import type { Aspect } from '../../../conformance/observe/aspect.ts';
import {
  judgeDelivery,
  type Expectation,
  type Output,
  type Stimulus,
} from '../../../conformance/observe/delivery.ts';
import { runs } from '../../runs.ts';
import { fromClient, passes, patched, rightOutputs, SPLICE, stimuliOf } from '../bed.ts';

const THREE = stimuliOf(3);
const [FIRST, SECOND, THIRD] = rightOutputs(THREE);

function counts(
  stimuli: readonly Stimulus[],
  outputs: readonly (Output | undefined)[],
): Partial<Record<Aspect, number>> {
  const told: Partial<Record<Aspect, number>> = {};
  const present = outputs.flatMap((output) => output ?? []);
  for (const { aspect } of judgeDelivery(stimuli, present)) told[aspect] = (told[aspect] ?? 0) + 1;
  return told;
}

function expecting(stimuli: readonly Stimulus[], change: Partial<Expectation>): Stimulus[] {
  return stimuli.map(({ role, frame, expectation }) =>
    expectation.kind === 'nothing'
      ? { role, frame, expectation }
      : { role, frame, expectation: { ...expectation, ...change, kind: 'frame' } },
  );
}

function sequence({ role, frame }: Output): Output {
  return { role, frame: patched(frame, 41) };
}

test('all right', (t) => {
  t.deepEqual(judgeDelivery(THREE, rightOutputs(THREE)), []);
  t.deepEqual(judgeDelivery([], []), []);
});

test('a device that answers nothing misses every frame', (t) => {
  t.deepEqual(counts(THREE, []), { delivery: 3 });
  const [finding] = judgeDelivery(THREE, []);
  t.is(finding?.observed, 'no such frame at any port');
  t.is(finding?.injected, THREE[0]?.frame);
});

test('missing towards the client is told apart', (t) => {
  t.deepEqual(counts(expecting(THREE, { direction: 'owner-to-client' }), []), {
    'delivery-to-client': 3,
  });
});

test('one missing among others', (t) => {
  t.deepEqual(counts(THREE, [FIRST, THIRD]), { delivery: 1 });
});

test('doubled', (t) => {
  t.deepEqual(counts(THREE, [FIRST, FIRST, SECOND, THIRD]), { duplicate: 1 });
  t.deepEqual(counts(THREE, [FIRST, SECOND, THIRD, FIRST, FIRST]), { duplicate: 2 });
});

test('at the wrong port', (t) => {
  const strayed: Output = { role: 'backend1', frame: FIRST?.frame ?? new Uint8Array() };
  t.deepEqual(counts(THREE, [strayed, SECOND, THIRD]), { delivery: 1 });
  const [finding] = judgeDelivery(THREE.slice(0, 1), [strayed]);
  t.regex(finding?.observed ?? '', /at backend1$/u);
  t.deepEqual(counts(THREE, [strayed, FIRST, SECOND, THIRD]), { port: 1 });
});

test('swapped frames are both there', (t) => {
  t.deepEqual(counts(THREE, [THIRD, FIRST, SECOND]), {});
});

test('a wrong frame is likened to the wanted one that it is nearest to', (t) => {
  const outputs = rightOutputs(THREE);
  const wrong = outputs.map((output, index) => (index === 1 ? sequence(output) : output));
  const findings = judgeDelivery(THREE, wrong);
  t.deepEqual(
    findings.map(({ aspect }) => aspect),
    ['sequence', 'tcp-checksum'],
  );
  t.is(findings[0]?.injected, THREE[1]?.frame);
  t.is(findings[0]?.output, wrong[1]?.frame);
});

test('optional frames may be missing, but not wrong, not doubled, not elsewhere', (t) => {
  const optional = expecting(THREE, { optional: true });
  t.deepEqual(counts(optional, []), {});
  t.deepEqual(counts(optional, [SECOND]), {});
  t.deepEqual(counts(optional, [FIRST, SECOND, THIRD, FIRST]), { duplicate: 1 });
  t.deepEqual(counts(optional, FIRST === undefined ? [] : [sequence(FIRST)]), {
    sequence: 1,
    'tcp-checksum': 1,
  });
  t.deepEqual(counts(optional, FIRST === undefined ? [] : [{ ...FIRST, role: 'client1' }]), {
    port: 1,
  });
});

test('where nothing may leave, whatever leaves is a finding', (t) => {
  const silent = THREE.map((each): Stimulus => ({ ...each, expectation: { kind: 'nothing' } }));
  t.deepEqual(counts(silent, []), {});
  t.deepEqual(counts(silent, [FIRST]), { port: 1 });
  t.deepEqual(counts([], [FIRST, SECOND]), { port: 2 });
});

test('an unexpected frame beside the right one is a finding', (t) => {
  const leaked: Output = { role: 'controller', frame: THREE[0]?.frame ?? new Uint8Array() };
  t.deepEqual(counts(THREE, [FIRST, SECOND, THIRD, leaked]), { port: 1 });
});

test('two equal frames are wanted twice', (t) => {
  const [one] = THREE;
  const twice = one === undefined ? [] : [one, one];
  t.deepEqual(counts(twice, [FIRST]), { delivery: 1 });
  t.deepEqual(counts(twice, [FIRST, FIRST]), {});
});

test('what was corrupt and leaves right is repaired, also when it equals the wanted frame', (t) => {
  const corrupt = expecting(THREE, {
    optional: true,
    leeway: { ttl: 'unchanged', corruptTcp: true },
  });
  t.deepEqual(counts(corrupt, rightOutputs(THREE)), { 'repaired-checksum': 3 });
  t.deepEqual(counts(corrupt, []), {});
});

const MANY = stimuliOf(1000);
const MANY_RIGHT = rightOutputs(MANY);

test('1000 frames of one flow, right, reversed, and with another source MAC address', (t) => {
  t.deepEqual(counts(MANY, MANY_RIGHT), {});
  t.deepEqual(counts(MANY, MANY_RIGHT.toReversed()), {});
  const mac = MANY_RIGHT.map(({ role, frame }) => ({ role, frame: patched(frame, 11) }));
  t.deepEqual(counts(MANY, mac), {});
});

test('1000 frames that a router sends on', (t) => {
  const routed = expecting(MANY, { leeway: { ttl: 'decrement' } });
  // TTL − 1, and the checksum's high octet + 1 with it; no carry for these frames.
  const less = MANY_RIGHT.map(({ role, frame }): Output => {
    const copy = frame.slice();
    copy[22] = (copy[22] ?? 0) - 1;
    copy[24] = (copy[24] ?? 0) + 1;
    return { role, frame: copy };
  });
  t.deepEqual(counts(routed, less), {});
  t.deepEqual(counts(MANY, less), { ttl: 1000 });
});

test('a device that repeats 1000 frames is told so, and soon', (t) => {
  const limitMs = 5000;
  const began = performance.now();
  t.deepEqual(counts(MANY, [...MANY_RIGHT, ...MANY_RIGHT]), { duplicate: 1000 });
  t.deepEqual(
    counts(
      MANY,
      MANY_RIGHT.flatMap((output) => [output, { ...output }]),
    ),
    {
      duplicate: 1000,
    },
  );
  t.true(performance.now() - began < limitMs);
});

test('1000 frames at the wrong port, and 1000 that were not rewritten', (t) => {
  const port = MANY_RIGHT.map((output): Output => ({ ...output, role: 'backend1' }));
  t.deepEqual(counts(MANY, port), { delivery: 1000 });
  const raw = MANY.map(({ frame }): Output => ({ role: 'controller', frame }));
  t.deepEqual(counts(MANY, raw), { delivery: 1000, port: 1000 });
});

/** One segment in each of `count` connections. */
function flows(count: number): readonly Stimulus[] {
  return Array.from({ length: count }, (_, index): Stimulus => {
    const rule = { ...SPLICE, client: { ...SPLICE.client, port: 1024 + index } };
    const frame = fromClient(rule);
    return { role: 'client0', frame, expectation: passes(frame, rule) };
  });
}

test('flows may overtake each other in any order', (t) => {
  const stimuli = expecting(flows(60), { leeway: { ttl: 'decrement' } });
  const outputs = rightOutputs(stimuli).map(({ role, frame }) => ({
    role,
    frame: patched(frame, 11),
  }));
  const property = fc.property(
    fc.shuffledSubarray([...outputs.keys()], { minLength: outputs.length }),
    (order) => {
      t.deepEqual(
        counts(
          stimuli,
          order.map((index) => outputs[index]),
        ),
        {},
      );
    },
  );
  fc.assert(property, runs(20));
});

test('of any outputs, as many findings as frames are missing, doubled or unasked for', (t) => {
  const property = fc.property(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), (copies) => {
    const all = [FIRST, SECOND, THIRD];
    const outputs = all.flatMap((output, index) =>
      Array.from({ length: copies[index] ?? 0 }, () => output),
    );
    const missing = copies.filter((count) => count === 0).length;
    const doubled = copies.filter((count) => count === 2).length;
    const told = counts(THREE, outputs);
    // A doubled frame may stand in for a missing one: then it is a wrong one.
    const stood = Math.min(missing, doubled);
    t.is(told.delivery ?? 0, missing - stood);
    t.is(told.duplicate ?? 0, doubled - stood);
    t.is(
      Object.keys(told).length === 0,
      copies.every((count) => count === 1),
    );
  });
  fc.assert(property, runs(60));
});

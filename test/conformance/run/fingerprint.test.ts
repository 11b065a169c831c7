/** What makes a failure the same failure again. */
import test from 'ava';
import fc from 'fast-check';
import { ASPECTS } from '../../../conformance/observe/aspect.ts';
import type { Fault } from '../../../conformance/run/evidence.ts';
import {
  fingerprintOf,
  formatFingerprint,
  isFaultOf,
  parseFingerprint,
  sameFingerprint,
  type Fingerprinted,
} from '../../../conformance/run/fingerprint.ts';
import { FAIL, type Verdict } from '../../../conformance/verdict/verdict.ts';
import { runs } from '../../runs.ts';

const ID = 'PRISM-SEQ-04';

function failure(faults: readonly Fault[], step = 'it leaves'): Fingerprinted {
  return { requirements: [ID], verdict: FAIL, step, faults, broken: [] };
}

function textOf(result: Fingerprinted, id = ID): string {
  return formatFingerprint(fingerprintOf(result, id));
}

const SACK = {
  aspect: 'sack',
  field: 'tcp.options[3]',
  direction: 'owner-to-client',
  own: false,
} as const;

const NAMED: readonly (readonly [string, Fault, string])[] = [
  ['an option by its kind, wherever it stands', SACK, 'owner-to-client tcp.options.sack'],
  ['a field by its name', { aspect: 'ttl', field: 'ipv4.ttl', own: true }, '- ipv4.ttl'],
  [
    'a checksum that was repaired apart from one that is wrong',
    { aspect: 'repaired-checksum', field: 'tcp.checksum', own: true },
    '- tcp.checksum.repaired',
  ],
  ['a frame twice', { aspect: 'duplicate', field: 'frame', own: false }, '- frame.duplicate'],
  ['a frame that is missing', { aspect: 'delivery', field: 'frame', own: false }, '- frame'],
];

for (const [name, fault, text] of NAMED) {
  test(`a fingerprint names ${name}`, (t) => {
    t.is(textOf(failure([fault])), `${ID} ${text}`);
    t.true(isFaultOf(fault, fingerprintOf(failure([fault]), ID)));
  });
}

test('a step that looked at no field stands for itself, without its numbers', (t) => {
  const step = 'in 50 rounds of "add",  backend 1 gets 0x1f frames';
  t.is(textOf(failure([], step)), `${ID} - in N rounds of …, backend N gets N frames`);
});

test('what is undecided is known by its reason', (t) => {
  const verdict: Verdict = { kind: 'inconclusive', reason: 'no-barrier' };
  t.is(textOf({ ...failure([SACK]), verdict }), `${ID} - inconclusive(no-barrier)`);
});

test('a fault of the requirement itself comes before those that were come upon', (t) => {
  const own: Fault = { aspect: 'window', field: 'tcp.window', own: true };
  t.is(textOf(failure([SACK, own])), `${ID} - tcp.window`);
});

test('a replay has the fault that it blames on the requirement', (t) => {
  const other: Fault = { aspect: 'other', field: 'ipv4.flags', own: false };
  const broken = [
    { requirement: 'PRISM-REW-03', field: 'ipv4.flags', expected: '', observed: '' },
    { requirement: ID, field: SACK.field, direction: SACK.direction, expected: '', observed: '' },
  ] as const;
  const result = { ...failure([other, SACK]), broken };
  t.is(textOf(result), `${ID} owner-to-client tcp.options.sack`);
  t.is(textOf(result, 'PRISM-REW-03'), 'PRISM-REW-03 - ipv4.flags');
});

const fault: fc.Arbitrary<Fault> = fc
  .record({
    aspect: fc.constantFrom(...ASPECTS),
    field: fc.constantFrom('tcp.seq', 'frame', 'tcp.options[0]', 'tcp.options[7]', 'ipv4.ttl'),
    own: fc.boolean(),
    direction: fc.constantFrom('client-to-owner', 'owner-to-client', undefined),
  })
  .map(({ direction, ...rest }) => (direction === undefined ? rest : { ...rest, direction }));

test('the order in which faults were met makes no difference', (t) => {
  const faults = fc.array(fault, { minLength: 1, maxLength: 6 });
  const property = fc.property(faults, fc.integer({ min: 0, max: 5 }), (all, turn) => {
    const turned = [...all.slice(turn), ...all.slice(0, turn)].toReversed();
    t.is(textOf(failure(turned)), textOf(failure(all)));
  });
  fc.assert(property, runs(300));
  t.pass();
});

test('a fingerprint is read as it was written', (t) => {
  const word = fc.stringMatching(/^[a-z.…N]+( [a-z.…N]+){0,4}$/u);
  const property = fc.property(fault, word, (one, step) => {
    for (const result of [failure([one]), failure([], step)]) {
      const fingerprint = fingerprintOf(result, ID);
      const again = parseFingerprint(formatFingerprint(fingerprint));
      t.deepEqual(again, { ok: true, value: fingerprint });
      t.true(again.ok && sameFingerprint(again.value, fingerprint));
    }
  });
  fc.assert(property, runs(300));
  t.pass();
});

for (const text of ['', 'PRISM-SEQ-04', 'PRISM-SEQ-04 sideways tcp.seq', 'SEQ-04 - tcp.seq']) {
  test(`"${text}" is no fingerprint`, (t) => {
    const parsed = parseFingerprint(text);
    t.false(parsed.ok);
    t.regex(parsed.ok ? '' : parsed.error, /expected "ID DIRECTION FIELD"/u);
  });
}

test('another field, direction or requirement is another failure', (t) => {
  const one = fingerprintOf(failure([SACK]), ID);
  t.false(sameFingerprint(one, { ...one, field: 'tcp.seq' }));
  t.false(sameFingerprint(one, { ...one, direction: 'client-to-owner' }));
  t.false(sameFingerprint(one, { ...one, requirement: 'PRISM-SEQ-05' }));
});

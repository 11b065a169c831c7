import test from 'ava';
import fc from 'fast-check';
import {
  checkHealth,
  createHealth,
  nextTickMs,
  WORK_PER_STEP,
} from '../../../reference/health/checker.ts';
import { runs } from '../../runs.ts';
import type { Reaction } from './bed.ts';
import { changesOf, CLOSED, drawFrom, NEVER, open, targetOf, WELL, WELL_OUTCOME } from './bed.ts';

const BROKEN: Reaction = { afterMs: 5, outcome: { kind: 'answered', status: 500 } };
const CONNECTED: Reaction = { afterMs: 2, outcome: { kind: 'connected' } };

test('PRISM-HC-2 PRISM-HC-3 a server that refuses is out at the third probe, and in at the second', (t) => {
  const clinic = open([targetOf('a')], (_, nowMs) =>
    nowMs >= 2000 && nowMs < 6000 ? CLOSED : WELL,
  );
  clinic.pass(10_000);
  t.deepEqual(changesOf(clinic), ['a down at 4001', 'a up at 7005']);
});

test('PRISM-HC-4 a server whose check fails is out, though it accepts connections', (t) => {
  const clinic = open([targetOf('a'), targetOf('b', { probe: { kind: 'connect' } })], () => BROKEN);
  clinic.pass(5000);
  t.deepEqual(changesOf(clinic), ['a down at 2005']);
});

test('PRISM-HC-9 a server that accepts and says nothing is out after its timeouts', (t) => {
  const clinic = open([targetOf('a')], () => CONNECTED);
  clinic.pass(2500);
  t.deepEqual(changesOf(clinic), ['a down at 2300']);
  const givenUp = clinic.said.filter(({ effect }) => effect.kind === 'give-up');
  t.deepEqual(
    givenUp.map(({ atMs }) => atMs),
    [300, 1300, 2300],
  );
});

test('an answer at the moment of the timeout is too late, and one after it is nobody’s', (t) => {
  const late = (afterMs: number): Reaction => ({ afterMs, outcome: WELL_OUTCOME });
  for (const [afterMs, isUp] of [
    [299, true],
    [300, false],
    [301, false],
  ] as const) {
    const clinic = open([targetOf('a', { fall: 1 })], () => late(afterMs));
    clinic.pass(900);
    t.is(changesOf(clinic).length === 0, isUp, `${afterMs} ms`);
  }
});

const silence: Reaction = 'silent';
const failure = fc.oneof(
  fc.constant(silence),
  fc.record({ afterMs: fc.nat(40), outcome: fc.constant({ kind: 'refused' as const }) }),
  fc.record({
    afterMs: fc.nat(40),
    outcome: fc.constant({ kind: 'answered' as const, status: 503 }),
  }),
);

test('PRISM-HC-3 whatever the jitter, a crashed server is out within the bounds, and back within its', (t) => {
  fc.assert(
    fc.property(
      fc.record({
        intervalMs: fc.integer({ min: 100, max: 3000 }),
        timeoutMs: fc.integer({ min: 41, max: 60 }),
        jitterMs: fc.nat(40),
        fall: fc.integer({ min: 1, max: 6 }),
        rise: fc.integer({ min: 1, max: 6 }),
      }),
      fc.array(fc.nat(5000), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 4000, max: 12_000 }),
      failure,
      (check, draws, crashMs, broken) => {
        const { intervalMs, timeoutMs, fall, rise } = check;
        const backMs = crashMs + (fall + 2) * intervalMs;
        const clinic = open(
          [targetOf('a', check)],
          (_, nowMs) => (nowMs >= crashMs && nowMs < backMs ? broken : WELL),
          drawFrom(draws),
        );
        clinic.pass(backMs + (rise + 2) * intervalMs);
        const changes = clinic.said.flatMap(({ atMs, effect }) =>
          effect.kind === 'health' ? [atMs] : [],
        );
        t.is(changes.length, 2);
        const [outMs = 0, inMs = 0] = changes;
        t.true(outMs - crashMs >= (fall - 1) * intervalMs);
        t.true(outMs - crashMs <= fall * intervalMs + timeoutMs);
        t.true(inMs - backMs >= (rise - 1) * intervalMs);
        t.true(inMs - backMs <= rise * intervalMs + timeoutMs);
      },
    ),
    runs(300),
  );
});

test('jitter shortens an interval by its most at most, and none while results are counted', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.array(fc.nat(5000), { minLength: 1, maxLength: 20 }),
      (answers, draws) => {
        let count = 0;
        const react = (): Reaction => {
          count += 1;
          return answers[count - 1] === true ? WELL : CLOSED;
        };
        const clinic = open([targetOf('a', { jitterMs: 500 })], react, drawFrom(draws));
        clinic.pass(20_000);
        const begins = clinic.said.flatMap(({ atMs, effect }) =>
          effect.kind === 'begin' ? [atMs] : [],
        );
        t.true(begins.length >= 19);
        // The oracle counts what the answers say, with fall 3 and rise 2.
        let isUp = true;
        let against = 0;
        for (const [index, atMs] of begins.entries()) {
          const next = begins[index + 1];
          if (next === undefined) break;
          against = answers[index] === isUp ? 0 : against + 1;
          if (against === (isUp ? 3 : 2)) {
            isUp = !isUp;
            against = 0;
          }
          const gap = next - atMs;
          if (against > 0) t.is(gap, 1000);
          t.true(gap >= 500 && gap <= 1000);
        }
      },
    ),
    runs(100),
  );
});

test('probes of many servers do not begin together: chance says when the first is', (t) => {
  const clinic = open(
    [targetOf('a'), targetOf('b'), targetOf('c')],
    () => WELL,
    drawFrom([7, 9, 400]),
  );
  clinic.pass(999);
  const begins = clinic.said.filter(({ effect }) => effect.kind === 'begin');
  t.deepEqual(
    begins.map(({ atMs }) => atMs),
    [7, 9, 400],
  );
});

test('a step begins or gives up a bounded number of probes, and asks for the next at once', (t) => {
  const count = WORK_PER_STEP + 10;
  const targets = Array.from({ length: count }, (_, index) => targetOf(`s${index}`));
  const state = createHealth(NEVER);
  const first = checkHealth(state, { kind: 'configure', targets }, 0);
  t.is(first.length, WORK_PER_STEP);
  t.is(nextTickMs(state), 0);
  t.is(checkHealth(state, { kind: 'tick' }, 0).length, 10);
  t.is(nextTickMs(state), 300);
  const ended = checkHealth(state, { kind: 'tick' }, 300);
  t.is(ended.filter(({ kind }) => kind === 'give-up').length, WORK_PER_STEP);
  t.is(nextTickMs(state), 300);
});

test('where as many probes are under way as may be, the next waits for its turn', (t) => {
  const state = createHealth(NEVER, 1);
  const targets = [targetOf('a'), targetOf('b')];
  const [begun] = checkHealth(state, { kind: 'configure', targets }, 0);
  t.is(begun?.kind === 'begin' ? begun.target.server : undefined, 'a');
  t.is(nextTickMs(state), 300);
  const effects = checkHealth(state, { kind: 'tick' }, 300);
  t.deepEqual(
    effects.map(({ kind }) => kind),
    ['give-up', 'begin'],
  );
});

test('a clock that stood still is not made up for', (t) => {
  const state = createHealth(NEVER);
  checkHealth(state, { kind: 'configure', targets: [targetOf('a')] }, 0);
  checkHealth(state, { kind: 'outcome', probe: 0, outcome: WELL_OUTCOME }, 10);
  t.is(checkHealth(state, { kind: 'tick' }, 60_000).length, 1);
  checkHealth(state, { kind: 'outcome', probe: 1, outcome: WELL_OUTCOME }, 60_010);
  t.is(nextTickMs(state), 61_000);
});

test('what clients see counts where it is declared, and the next probes bring the server back', (t) => {
  const clinic = open([targetOf('a', { trafficFall: 2 }), targetOf('b')], () => WELL);
  clinic.pass(100);
  for (const server of ['a', 'b', 'a', 'b']) {
    clinic.tell({ kind: 'traffic', service: 'web', server, isServed: false });
  }
  clinic.pass(3000);
  t.deepEqual(changesOf(clinic), ['a down at 100', 'a up at 2005']);
});

test('PRISM-POL-7 the load that a server reports beside its answer goes to the balancer', (t) => {
  const loads = [0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 3];
  let count = 0;
  const clinic = open([targetOf('a')], (): Reaction => {
    const load = loads[count] ?? 0;
    count += 1;
    return { afterMs: 1, outcome: { kind: 'answered', status: 200, load } };
  });
  clinic.pass(4500);
  const reports = clinic.said.filter(({ effect }) => effect.kind === 'load');
  t.deepEqual(
    reports.map(({ atMs, effect }) => [atMs, effect]),
    [
      [1, { kind: 'load', service: 'web', server: 'a', load: 0.5 }],
      [4001, { kind: 'load', service: 'web', server: 'a', load: 3 }],
    ],
  );
});

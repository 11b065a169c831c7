import test from 'ava';
import fc from 'fast-check';
import { createLightestLoad } from '../../../reference/policy/lightest-load.ts';
import { runs } from '../../runs.ts';
import { poolOf, turnsOf } from './bed.ts';

test('POL-7 the lightest of the reports that are young enough counts', (t) => {
  const scheduler = createLightestLoad(poolOf(1, 1, 1), 1000);
  scheduler.report({ place: 0, load: 0.5, atMs: 0 });
  scheduler.report({ place: 1, load: 0.2, atMs: 100 });
  scheduler.report({ place: 2, load: 0.9, atMs: 600 });
  t.is(turnsOf(scheduler, 2, { nowMs: 1000 }), 'bb');
  t.is(turnsOf(scheduler, 2, { nowMs: 1100 }), 'bb');
  t.is(turnsOf(scheduler, 2, { nowMs: 1101 }), 'cc');
});

test('POL-7 when all reports are too old, all take turns', (t) => {
  const scheduler = createLightestLoad(poolOf(1, 1, 1), 1000);
  t.is(turnsOf(scheduler, 4), 'abca');
  scheduler.report({ place: 1, load: 0, atMs: 0 });
  t.is(turnsOf(scheduler, 2, { nowMs: 1000 }), 'bb');
  t.is(turnsOf(scheduler, 3, { nowMs: 2000 }), 'cab');
});

test('servers with equal loads take turns', (t) => {
  const scheduler = createLightestLoad(poolOf(1, 1, 1), 1000);
  for (const place of [0, 1, 2]) scheduler.report({ place, load: place === 1 ? 2 : 1, atMs: 0 });
  t.is(turnsOf(scheduler, 4), 'acac');
});

test('a report that was overtaken by a younger one is not taken', (t) => {
  const scheduler = createLightestLoad(poolOf(1, 1), 1000);
  scheduler.report({ place: 0, load: 3, atMs: 50 });
  scheduler.report({ place: 1, load: 4, atMs: 50 });
  scheduler.report({ place: 1, load: 1, atMs: 40 });
  t.is(turnsOf(scheduler, 1, { nowMs: 60 }), 'a');
});

test('what is no load is refused', (t) => {
  const scheduler = createLightestLoad(poolOf(1), 1000);
  for (const load of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    t.throws(() => scheduler.report({ place: 0, load, atMs: 0 }), { instanceOf: RangeError });
  }
});

test('POL-7 the chosen server is the one that a model of the reports names', (t) => {
  const report = fc.record({ place: fc.nat(3), load: fc.nat(5), atMs: fc.nat(3000) });
  fc.assert(
    fc.property(fc.array(report), fc.nat(4000), (reports, nowMs) => {
      const scheduler = createLightestLoad(poolOf(1, 1, 1, 1), 500);
      for (const each of reports) scheduler.report(each);
      const latest = [0, 1, 2, 3].map((place) =>
        reports
          .filter((each) => each.place === place)
          .reduce((last, each) => (each.atMs >= last.atMs ? each : last), {
            place,
            load: 0,
            atMs: Number.NEGATIVE_INFINITY,
          }),
      );
      const fresh = latest.filter(({ atMs }) => nowMs - atMs <= 500);
      const least = Math.min(...fresh.map(({ load }) => load));
      const lightest = fresh.filter(({ load }) => load === least).map(({ place }) => place);
      const chosen = scheduler.choose({
        nowMs,
        key: new Uint8Array(0),
        isAble: () => true,
        active: () => 0,
      });
      t.is(chosen, lightest[0] ?? 0);
    }),
    runs(300),
  );
});

import test from 'ava';
import fc from 'fast-check';
import type { HealthEvent } from '../../../reference/health/checker.ts';
import { checkHealth, createHealth, nextTickMs } from '../../../reference/health/checker.ts';
import { runs } from '../../runs.ts';
import { NEVER, targetOf, WELL_OUTCOME } from './bed.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const anyEvent: fc.Arbitrary<HealthEvent | 'wait'> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('wait' as const) },
  { weight: 2, arbitrary: fc.constant<HealthEvent>({ kind: 'tick' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('outcome' as const),
      probe: fc.nat(30),
      outcome: fc.constantFrom(
        { kind: 'connected' as const },
        WELL_OUTCOME,
        { kind: 'answered' as const, status: 500 },
        { kind: 'refused' as const },
        { kind: 'timed-out' as const },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('traffic' as const),
      service: fc.constant('web'),
      server: fc.constantFrom(...names),
      isServed: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('configure' as const),
      targets: fc
        .subarray(names)
        .chain((some) =>
          fc
            .constantFrom(100, 200)
            .map((intervalMs) =>
              some.map((name) => targetOf(name, { intervalMs, timeoutMs: 100, trafficFall: 2 })),
            ),
        ),
    }),
  },
);

test('whatever happens, a server has one probe under way at most, all have no more than allowed', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyEvent, fc.nat(150)), { maxLength: 80, size: 'max' }),
      fc.integer({ min: 1, max: 5 }),
      (events, most) => {
        const state = createHealth(NEVER, most);
        const underWay = new Map<number, string>();
        const down = new Set<string>();
        let nowMs = 0;
        let targets: readonly string[] = [];
        for (const [event, ms] of events) {
          nowMs += ms;
          const what: HealthEvent = event === 'wait' ? { kind: 'tick' } : event;
          if (what.kind === 'configure') targets = what.targets.map(({ server }) => server);
          const isOver = what.kind === 'outcome' && what.outcome.kind !== 'connected';
          const ended = isOver && underWay.delete(what.probe) ? what.probe : undefined;
          for (const effect of checkHealth(state, what, nowMs)) {
            if (effect.kind === 'begin') {
              t.false([...underWay.values()].includes(effect.target.server));
              t.true(targets.includes(effect.target.server));
              underWay.set(effect.probe, effect.target.server);
            } else if (effect.kind === 'give-up') {
              t.true(underWay.delete(effect.probe) || effect.probe === ended);
            } else if (effect.kind === 'health') {
              if (effect.isUp) t.true(down.delete(effect.server));
              else down.add(effect.server);
            }
          }
          t.true(underWay.size <= most);
          t.is(underWay.size, state.underWay.size);
          // Whom the balancer takes for down is checked, so that somebody can bring it back.
          t.true([...down].every((server) => targets.includes(server)));
          t.is(nextTickMs(state) === undefined, targets.length === 0);
        }
      },
    ),
    runs(300),
  );
});

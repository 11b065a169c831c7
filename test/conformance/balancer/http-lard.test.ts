/** The judge of LARD: it permits what the algorithm permits, and nothing else. */
import test from 'ava';
import fc from 'fast-check';
import {
  lardFault,
  mostActive,
  type Decision,
  type LardRules,
} from '../../../conformance/balancer/http-lard.ts';
import { SERVERS, type ServerName } from '../../../conformance/driver/balancer.ts';
import { createLard, UNABLE } from '../../../reference/policy/lard.ts';
import { createReplicatedLard } from '../../../reference/policy/lard-replicated.ts';
import { runs } from '../../runs.ts';

const BASIC: LardRules = { kind: 'lard', low: 2, high: 4 };
const REPLICATED: LardRules = { kind: 'lard-r', low: 2, high: 4, replicaMs: 1000 };
const THREE: readonly ServerName[] = ['s1', 's2', 's3'];

/** Requests that are still being served; one each millisecond. */
function open(...choices: readonly (readonly [target: string, server: ServerName])[]): Decision[] {
  return choices.map(([target, server], fromMs) => ({ target, server, fromMs, untilMs: 1e6 }));
}

function observed(decisions: readonly Decision[], rules: LardRules = BASIC): string | undefined {
  return lardFault(decisions, { rules, servers: THREE, outages: [] })?.observed;
}

test('what is new goes to who has least to do, and stays there', (t) => {
  t.is(observed(open(['a', 's2'], ['a', 's2'], ['b', 's1'], ['c', 's3'])), undefined);
  t.is(observed(open(['a', 's2'], ['b', 's2'])), 's2');
  t.is(observed(open(['a', 's2'], ['a', 's1'])), 's1');
});

const FIVE = open(['a', 's1'], ['a', 's1'], ['a', 's1'], ['a', 's1'], ['a', 's1']);

test('above the upper threshold a target leaves if another has less than the lower one', (t) => {
  t.is(observed([...FIVE, { target: 'a', server: 's2', fromMs: 5, untilMs: 9 }]), undefined);
  t.is(observed([...FIVE, { target: 'a', server: 's1', fromMs: 5, untilMs: 9 }]), 's1');
  const four = FIVE.slice(1);
  t.is(observed([...four, { target: 'a', server: 's2', fromMs: 5, untilMs: 9 }]), 's2');
  const busy = open(['b', 's2'], ['b', 's2'], ['c', 's3'], ['c', 's3']);
  const later = FIVE.map((each) => ({ ...each, fromMs: each.fromMs + 10 }));
  const sixth = { target: 'a', fromMs: 20, untilMs: 30 };
  t.is(observed([...busy, ...later, { ...sixth, server: 's1' }]), undefined);
  t.is(observed([...busy, ...later, { ...sixth, server: 's2' }]), 's2');
  const eight = [...later, ...later.slice(2).map((each) => ({ ...each, fromMs: each.fromMs + 5 }))];
  t.is(observed([...busy, ...eight, { ...sixth, server: 's2' }]), undefined);
  t.is(observed([...busy, ...eight, { ...sixth, server: 's1' }]), 's1');
});

test('a server that was out has lost its targets, and is not chosen while it is', (t) => {
  const outages = [{ server: 's1', fromMs: 10, untilMs: 20 }] as const;
  const judge = (server: ServerName, fromMs: number): string | undefined =>
    lardFault(
      [
        { target: 'a', server: 's1', fromMs: 0, untilMs: 5 },
        { target: 'b', server: 's2', fromMs: 6, untilMs: 90 },
        { target: 'c', server: 's1', fromMs: 7, untilMs: 9 },
        { target: 'a', server, fromMs, untilMs: 100 },
      ],
      { rules: BASIC, servers: ['s1', 's2'], outages },
    )?.observed;
  t.is(judge('s2', 15), undefined);
  t.is(judge('s1', 15), 's1');
  t.is(judge('s1', 25), undefined);
  t.is(judge('s2', 25), 's2');
  t.is(judge('s2', 8), 's2');
});

test('with replication a target gets a second server, and loses one in time', (t) => {
  const grown = [...FIVE, { target: 'a', server: 's2', fromMs: 5, untilMs: 100 }] as const;
  t.is(observed(grown, REPLICATED), undefined);
  const again = { target: 'a', untilMs: 100 };
  t.is(observed([...grown, { ...again, server: 's2', fromMs: 6 }], REPLICATED), undefined);
  t.is(observed([...grown, { ...again, server: 's1', fromMs: 6 }], REPLICATED), 's1');
  t.is(observed([...grown, { ...again, server: 's3', fromMs: 6 }], REPLICATED), 's3');
  // All is over; then the one with most to do goes, and the other is left.
  const idle = grown.map((each) => ({ ...each, untilMs: 100 }));
  const late = (server: ServerName, fromMs: number): Decision => {
    return { target: 'a', server, fromMs, untilMs: fromMs + 1 };
  };
  t.is(observed([...idle, late('s1', 900), late('s2', 910)], REPLICATED), undefined);
  const both = [
    ...idle,
    { ...late('s1', 900), untilMs: 2000 },
    { ...late('s2', 910), untilMs: 2000 },
  ];
  t.is(observed([...both, late('s1', 920)], REPLICATED), undefined);
  t.is(observed([...both, late('s2', 920)], REPLICATED), undefined);
  const after = [...idle, { ...late('s1', 1200), untilMs: 2000 }];
  t.is(observed([...after, late('s2', 1300)], REPLICATED), undefined);
  t.is(observed([...after, late('s2', 1300), late('s1', 1400)], REPLICATED), 's1');
});

test('those that are active at once are counted', (t) => {
  t.is(mostActive([]), 0);
  t.is(mostActive(FIVE), 5);
  const [one] = open(['a', 's1']);
  t.is(mostActive(FIVE.map((each, nth) => ({ ...one, ...each, untilMs: nth + 0.5 }))), 1);
});

test('whatever the reference chooses is permitted', (t) => {
  const steps = fc.array(
    fc.record({
      target: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.integer({ min: 1, max: 400 }),
      lastMs: fc.integer({ min: 1, max: 3000 }),
    }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, fc.boolean(), (requests, isReplicated) => {
      const options = { nodes: 4, targets: 10, low: 2, high: 4 };
      const lard = isReplicated
        ? createReplicatedLard<string>({ ...options, keepMs: 1000 })
        : createLard<string>(options);
      const decisions: Decision[] = [];
      let nowMs = 0;
      for (const { target, afterMs, lastMs } of requests) {
        nowMs += afterMs;
        const active = decisions.filter(({ untilMs }) => untilMs > nowMs);
        const loads = Int32Array.from(SERVERS, (name) => {
          return active.filter(({ server }) => server === name).length;
        });
        t.true(loads.every((load) => load < UNABLE));
        const server = SERVERS[lard.choose(target, loads, nowMs)];
        if (server === undefined) return;
        decisions.push({ target, server, fromMs: nowMs, untilMs: nowMs + lastMs });
      }
      const rules = isReplicated ? REPLICATED : BASIC;
      t.is(lardFault(decisions, { rules, servers: SERVERS, outages: [] }), undefined);
    }),
    runs(200),
  );
});

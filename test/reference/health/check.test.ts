import test from 'ava';
import type { Check, Outcome } from '../../../reference/health/check.ts';
import { completeCheck, findCheckFaults, isGood } from '../../../reference/health/check.ts';
import { CHECK, HTTP } from './bed.ts';

const ANSWERS: readonly (readonly [
  Outcome,
  byConnecting: boolean,
  byAsking: boolean | undefined,
])[] = [
  [{ kind: 'connected' }, true, undefined],
  [{ kind: 'answered', status: 200 }, true, true],
  [{ kind: 'answered', status: 299 }, true, true],
  [{ kind: 'answered', status: 199 }, true, false],
  [{ kind: 'answered', status: 300 }, true, false],
  [{ kind: 'refused' }, false, false],
  [{ kind: 'timed-out' }, false, false],
];

for (const [outcome, byConnecting, byAsking] of ANSWERS) {
  test(`PRISM-HC-1 what ${JSON.stringify(outcome)} means to both kinds of probe`, (t) => {
    t.is(isGood({ kind: 'connect' }, outcome), byConnecting);
    t.is(isGood(HTTP, outcome), byAsking);
  });
}

test('PRISM-HC-10 where servers have the virtual address it is probed, unless said otherwise', (t) => {
  t.deepEqual(
    (['nat', 'dsr', 'ipip'] as const).map((mode) => completeCheck({ probe: HTTP }, mode).at),
    ['server', 'virtual', 'virtual'],
  );
  t.is(completeCheck({ probe: HTTP, at: 'server' }, 'dsr').at, 'server');
});

test('a check of which only the probe is said is sound', (t) => {
  for (const mode of ['nat', 'dsr', 'ipip'] as const) {
    t.deepEqual(findCheckFaults(completeCheck({ probe: HTTP }, mode), mode), []);
  }
});

function http(fields: object): Partial<Check> {
  return { probe: { ...HTTP, ...fields } };
}

const REFUSED: readonly (readonly [field: string, Partial<Check>])[] = [
  ['probe.path', http({ path: 'health' })],
  ['probe.path', http({ path: '/a b' })],
  ['probe.path', http({ path: '/\r\nHost: x' })],
  ['probe.path', http({ path: `/${'a'.repeat(8000)}` })],
  ['probe.host', http({ host: 'a\nb' })],
  ['probe.host', http({ host: '' })],
  ['probe.statuses', http({ statuses: [] })],
  ['probe.statuses', http({ statuses: [{ first: 300, last: 200 }] })],
  ['probe.statuses', http({ statuses: [{ first: 99, last: 200 }] })],
  ['probe.statuses', http({ statuses: [{ first: 200, last: 600 }] })],
  ['port', { port: 0 }],
  ['port', { port: 65_536 }],
  ['at', { at: 'virtual' }],
  ['intervalMs', { intervalMs: 2 ** 31 }],
  ['intervalMs', { intervalMs: 1000.5 }],
  ['jitterMs', { jitterMs: -1 }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: 1001 }],
  ['timeoutMs', { timeoutMs: 900, jitterMs: 101 }],
  ['fall', { fall: 0 }],
  ['fall', { fall: 1001 }],
  ['rise', { rise: 0 }],
  ['trafficFall', { trafficFall: 0 }],
];

for (const [index, [field, fields]] of REFUSED.entries()) {
  test(`check ${index} of those that are refused is, for its ${field}`, (t) => {
    const faults = findCheckFaults({ ...CHECK, ...fields }, 'nat');
    t.deepEqual(
      faults.map((fault) => fault.field),
      [field],
    );
  });
}

test('all that a check lacks is said', (t) => {
  const faults = findCheckFaults({ ...CHECK, fall: 0, rise: 0, port: 0 }, 'nat');
  t.deepEqual(
    faults.map(({ field }) => field),
    ['port', 'fall', 'rise'],
  );
});

test('a timeout that with the jitter is as long as the interval is sound', (t) => {
  t.deepEqual(findCheckFaults({ ...CHECK, timeoutMs: 900, jitterMs: 100 }, 'nat'), []);
});

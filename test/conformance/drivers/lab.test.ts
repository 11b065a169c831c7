/** The reference Prism on this kernel: what its driver tells of a story, and that the judge sees. */
import test, { type ExecutionContext } from 'ava';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import type { Line, Observation, Story } from '../../../conformance/driver/system.ts';
import { openLab } from '../../../conformance/drivers/lab/lab.ts';
import type { CaseResult } from '../../../conformance/run/collect.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { closeSystemSession, openSystemSession } from '../../../conformance/run/system-session.ts';
import { segmentsAt } from '../../../conformance/system/taps.ts';
import { answerTo } from '../../../conformance/traffic/site.ts';
import { isBpfOurs } from '../../host/bpf-bed.ts';
import { isKernelOurs } from '../../host/bed.ts';

const SCENARIOS = scenariosFor('system', readScenarios(readFeatures()));
const TWO = 'GET /a/100 HTTP/1.1\r\nHost: s\r\n\r\nGET /b/200 HTTP/1.1\r\nHost: s\r\n\r\n';
const ANSWERS = Buffer.concat([answerTo('b1', 'GET', '/a/100'), answerTo('b2', 'GET', '/b/200')]);

function told(lines: readonly Line[], story: Partial<Story> = {}): Story {
  return {
    seed: 1,
    clients: [lines],
    policy: [
      { pathPrefix: '/a', backends: ['b1'] },
      { pathPrefix: '/b', backends: ['b2'] },
    ],
    lock: 'drop',
    way: 'hand-off',
    mishaps: [],
    weather: { loss: 0, duplication: 0, jitterUs: 0 },
    patienceMs: 20_000,
    ...story,
  };
}

const VISIT: readonly Line[] = [
  { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } },
  { cue: { kind: 'opened' }, act: { kind: 'write', octets: Buffer.from(TWO), cuts: [] } },
  { cue: { kind: 'received', octets: ANSWERS.length }, act: { kind: 'close' } },
];

/** A machine that is too busy is told so, and nothing is decided. */
function isLate(t: ExecutionContext, { lateMs }: Observation): boolean {
  if (lateMs !== undefined) t.log(`too late by ${lateMs} ms`);
  return lateMs !== undefined;
}

test.serial(
  'a story on the kernel is told as it was: answers, logs, frames, messages',
  async (t) => {
    if (!isBpfOurs(t) || !isKernelOurs(t)) return;
    t.timeout(120_000);
    const lab = openLab();
    t.teardown(() => lab.close());
    const seen = await lab.play(told(VISIT));
    if (isLate(t, seen)) return;
    t.deepEqual(Buffer.from(seen.clients[0]?.[0]?.received ?? []), ANSWERS);
    t.deepEqual(
      seen.executions.map(({ backend, method, target, content }) => [
        backend,
        method,
        target,
        content?.length,
      ]),
      [
        ['b1', 'GET', '/a/100', 0],
        ['b2', 'GET', '/b/200', 0],
      ],
    );
    t.is(seen.rules, 0);
    const names = seen.messages.map(({ message, what }) => `${message} ${what}`);
    t.deepEqual(names.slice(0, 2), ['add sent', 'add arrived']);
    t.true(names.indexOf('reply to add arrived') > names.indexOf('reply to add sent'));
    const commits = seen.messages.filter(({ message }) => message === 'commit');
    t.deepEqual([...new Set(commits.map(({ to }) => to))], ['b1', 'b2']);
    const payloads = segmentsAt(seen).filter(({ payload }) => payload.length > 0);
    t.deepEqual(
      [
        ...new Set(payloads.map(({ tap, host, direction }) => `${tap} ${host} ${direction}`)),
      ].toSorted(),
      [
        'backend b1 in',
        'backend b2 in',
        'client client 0 in',
        'client client 0 out',
        'controller controller out',
      ],
    );
    const add = seen.messages.find(({ message }) => message === 'add')?.atMs ?? 0;
    const asked = payloads.find(({ direction }) => direction === 'in')?.atMs ?? 0;
    t.true(asked > 0 && asked < add, `the request at ${asked} ms, the first command at ${add} ms`);
    for (const { atMs } of seen.executions) t.true(atMs > add && atMs < seen.endMs);

    // The same parts, where nothing was touched; one that died is there again.
    const again = await lab.play(
      told(VISIT, { mishaps: [{ kind: 'death', part: 'b2', at: { kind: 'time', ms: 0 } }] }),
    );
    if (isLate(t, again)) return;
    t.deepEqual(
      again.executions.map(({ target }) => target),
      ['/a/100'],
    );
    const last = await lab.play(told(VISIT));
    if (isLate(t, last)) return;
    t.deepEqual(Buffer.from(last.clients[0]?.[0]?.received ?? []), ANSWERS);
  },
);

const ONE = 'GET /a/3000 HTTP/1.1\r\nHost: s\r\n\r\n';
const ANSWER = Buffer.from(answerTo('b1', 'GET', '/a/3000'));
const PLAIN: readonly Line[] = [
  { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } },
  { cue: { kind: 'opened' }, act: { kind: 'write', octets: Buffer.from(ONE), cuts: [] } },
  { cue: { kind: 'received', octets: ANSWER.length }, act: { kind: 'close' } },
];

test.serial('a plain story is told by a scripted TCP, by a socket and by curl alike', async (t) => {
  if (!isBpfOurs(t) || !isKernelOurs(t)) return;
  t.timeout(120_000);
  const lab = openLab();
  t.teardown(() => lab.close());
  const speakers: string[] = [];
  for (const _ of ['one', 'after', 'the other']) {
    const seen = await lab.play(told(PLAIN));
    if (isLate(t, seen)) return;
    speakers.push(seen.notes[0] ?? '');
    const [outcome] = seen.clients[0] ?? [];
    t.deepEqual(Buffer.from(outcome?.received ?? []), ANSWER);
    t.is(outcome?.end, 'finished');
    t.is(seen.executions.length, 1);
    t.is(seen.rules, 0);
    const sent = segmentsAt(seen).filter(
      ({ host, direction }) => host === 'client 0' && direction === 'in',
    );
    t.true(sent.some(({ isSyn }) => isSyn) && sent.some(({ isFin }) => isFin));
  }
  t.deepEqual(speakers.toSorted(), ['clients: curl', 'clients: scripted', 'clients: socket']);
});

const BROKEN: readonly {
  readonly what: string;
  readonly breaks: string;
  readonly scenario: string;
  readonly misread: (story: Story) => Story;
}[] = [
  {
    what: 'whose commits never arrive',
    breaks: 'PRISM-MIG-01',
    scenario: 'the answer to GET /b/100000 is whole',
    misread: (story) => ({
      ...story,
      mishaps: [...story.mishaps, { kind: 'message', message: 'commit', fate: { kind: 'lost' } }],
    }),
  },
  {
    what: 'that takes one backend for the other',
    breaks: 'PRISM-MIG-12',
    scenario: 'are answered by two backends on one connection, 1 times',
    misread: (story) => ({
      ...story,
      policy: story.policy.map((route) => ({ ...route, backends: ['b2'] })),
    }),
  },
];

for (const { what, breaks, scenario, misread } of BROKEN) {
  test.serial(`a Prism on the kernel ${what} is failed by ${breaks}`, async (t) => {
    if (!isBpfOurs(t) || !isKernelOurs(t)) return;
    t.timeout(120_000);
    const scenarios = SCENARIOS.filter(
      ({ name }) => name.includes(breaks) && name.includes(scenario),
    );
    t.is(scenarios.length, 1);
    await openSystemSession(openLab({ misread }), { seed: 1, effort: 1, evidence: false });
    const cases: CaseResult[] = [];
    try {
      await execute({ scenarios, onResult: (result) => cases.push(result) });
    } finally {
      await closeSystemSession();
    }
    const [verdict] = cases.map((each) => each.verdict);
    // A machine that is too busy is told so, and nothing is decided.
    if (verdict?.kind === 'inconclusive' && verdict.reason === 'late') t.log('too late');
    else t.is(verdict?.kind, 'fail');
  });
}

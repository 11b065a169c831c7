/** Known failures and repeated runs, from the command line: what a CI job does. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { prismspecHere as prismspec } from './here.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
/** The path of a file in the folder of these tests. */
const at = (...names: readonly string[]): string => join(folder, ...names);

/** A device that hands every frame of a capture on, unless `code` writes something else. */
function target(name: string, code: string, version = '1.2.0'): string {
  const script = `const f = require('fs'), [, i, o] = process.argv, b = f.readFileSync(i); f.writeFileSync(o, b); ${code}`;
  const path = at(`${name}.yaml`);
  writeFileSync(
    path,
    `driver: pcap-files
name: box
version: ${version}
ports: { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 }
egress: destination-mac
claims: []
cmd: ${JSON.stringify([process.execPath, '-e', script, '{in}', '{out}'])}
`,
  );
  return path;
}

/** Keeps the header of the capture and not one frame. */
const DROP = 'f.writeFileSync(o, b.subarray(0, 24));';
const HUB = target('hub', '');
const DROPS = target('drops', DROP);
const DROPS_1_3 = target('drops-1-3', DROP, '1.3.0');
/** Two requirements that both devices fail in a few directed scenarios. */
const SPECS = ['PRISM-REW-09', 'PRISM-REW-10', '!PRISM-REW-03'];
const UNTIL = ['--issue', 'https://example.org/1', '--expires', '2999-12-31'];

function words(out: string, device: string, ...more: readonly string[]): readonly string[] {
  return ['run', ...SPECS, '--target', device, '--report', 'json', '--out', at(out), ...more];
}

function runJson(out: string): ReturnType<typeof Object> {
  return Object(JSON.parse(readFileSync(at(out, 'run.json'), 'utf8')));
}

function verdictsIn(out: string): readonly string[] {
  const { requirements } = runJson(out);
  return requirements.map(({ id, verdict }: { id: string; verdict: string }) => `${id} ${verdict}`);
}

let known = '';
const baselineOf = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};

test.before('a first run fails, and its failures become known', async (t) => {
  t.is((await prismspec(words('first', DROPS))).exit, 1);
  const update = [
    'baseline',
    'update',
    '--run',
    at('first'),
    '--baseline',
    at('first.yaml'),
    ...UNTIL,
  ];
  const { exit, stdout, stderr } = await prismspec(update);
  t.is(exit, 0, stderr);
  t.regex(stdout, /^ {2}added: 2\n {4}PRISM-REW-09 .*, box 1\.2\.0\n {4}PRISM-REW-10 /u);
  known = readFileSync(at('first.yaml'), 'utf8');
});

test.serial(
  'with a baseline the same run ends with 0, and not with the word conformant',
  async (t) => {
    const baseline = baselineOf('known.yaml', known);
    const { exit, stdout } = await prismspec(words('known', DROPS, '--baseline', baseline));
    t.is(exit, 0, stdout);
    t.regex(stdout, /\n {2}no new failure: box 1\.2\.0/u);
    t.notRegex(stdout, /conformant/u);
    t.deepEqual(verdictsIn('known'), [
      'PRISM-REW-09 known-failure(https://example.org/1)',
      'PRISM-REW-10 known-failure(https://example.org/1)',
    ]);
    t.like(runJson('known'), { format: 'prismspec-run/1', exit: 0, meaning: 'no new failure' });
    const same = await prismspec(['diff', at('first'), at('known')]);
    t.is(same.exit, 0, same.stdout);
    t.regex(same.stdout, /changed, requirements: 2\n {4}PRISM-REW-09: fail -> known-failure/u);
  },
);

test.serial('another version of the device has no known failures: exit 1', async (t) => {
  const baseline = baselineOf('versions.yaml', known);
  const { exit, stdout } = await prismspec(words('versions', DROPS_1_3, '--baseline', baseline));
  t.is(exit, 1);
  t.regex(stdout, /versions\.yaml, 2 entries for other devices or versions/u);
});

test.serial('another failure of the same requirement is new: exit 1', async (t) => {
  const baseline = baselineOf('other.yaml', known);
  const { exit } = await prismspec(words('other', HUB, '--baseline', baseline));
  t.is(exit, 1);
  const diff = await prismspec(['diff', at('first'), at('other', 'run.json')]);
  t.is(diff.exit, 1, diff.stdout);
  t.regex(diff.stdout, /new failures, requirements: 1\n {4}PRISM-REW-10: fail -> fail\n/u);
});

test.serial('two bundles are told apart by their fingerprints', async (t) => {
  const bundleIn = (out: string): string => {
    const names = readdirSync(at(out), { recursive: true, encoding: 'utf8' });
    return at(out, names.toSorted().find((name) => /REW-10.*\.prismbug$/u.test(name)) ?? '');
  };
  const same = await prismspec(['diff', bundleIn('first'), bundleIn('first')]);
  t.is(same.exit, 0, same.stderr);
  t.regex(same.stdout, /no difference\n$/u);
  writeFileSync(at('cut.prismbug'), readFileSync(bundleIn('first')).subarray(0, 99));
  const cut = await prismspec(['diff', bundleIn('first'), at('cut.prismbug')]);
  t.is(cut.exit, 65);
  t.regex(cut.stderr, /^prismspec: \S+cut\.prismbug: [^\n]+\n$/u);
});

test.serial('an entry that has expired excuses nothing: exit 3; an update renews it', async (t) => {
  const baseline = baselineOf('expired.yaml', known.replaceAll('2999-12-31', '2020-12-31'));
  const { exit, stdout } = await prismspec(words('expired', DROPS, '--baseline', baseline));
  t.is(exit, 3, stdout);
  t.regex(stdout, /PRISM-REW-09 MUST fail\(known until 2020-12-31\) on box/u);
  t.regex(stdout, /no new failure, but the baseline is out of date/u);
  const update = ['baseline', 'update', '--run', at('expired'), '--baseline', baseline, ...UNTIL];
  t.regex((await prismspec(update)).stdout, /^ {2}renewed: 2\n/u);
  t.is(readFileSync(baseline, 'utf8'), known);
});

/** What is known of the boxes, as if it were said of the reference. */
function ofReference(): string {
  return known.replaceAll('device: box', 'device: reference').replaceAll('1.2.0', '"*"');
}

test.serial(
  'an entry that passes is unexpected: exit 3; --prune drops it, and nothing else',
  async (t) => {
    const baseline = baselineOf('passes.yaml', ofReference());
    const some = ['run', 'PRISM-REW-09', '--report', 'json', '--out', at('passes')];
    const { exit, stdout } = await prismspec([...some, '--baseline', baseline]);
    t.is(exit, 3, stdout);
    t.regex(stdout, /unexpected-pass: remove these from the baseline\n.*: REW-09\n/u);
    const update = ['baseline', 'update', '--run', at('passes'), '--baseline', baseline, ...UNTIL];
    t.regex((await prismspec(update)).stdout, /passed, --prune drops them: 1\n {4}PRISM-REW-09/u);
    t.is(readFileSync(baseline, 'utf8'), ofReference());
    t.regex((await prismspec([...update, '--prune'])).stdout, /dropped, for they passed: 1\n/u);
    const left = readFileSync(baseline, 'utf8');
    t.notRegex(left, /REW-09/u);
    t.regex(left, /REW-10/u);
  },
);

test.serial('a run of some scenarios of a requirement makes no pass unexpected', async (t) => {
  const baseline = baselineOf('partial.yaml', ofReference().replaceAll('REW-10', 'SEQ-03'));
  const some = ['run', 'PRISM-SEQ-03', 'PRISM-REW-09', '!PRISM-REW-03', '--report', 'json'];
  const { exit } = await prismspec([...some, '--out', at('partial'), '--baseline', baseline]);
  t.is(exit, 3);
  t.deepEqual(verdictsIn('partial'), [
    'PRISM-REW-09 unexpected-pass(https://example.org/1)',
    'PRISM-SEQ-03 pass',
  ]);
});

test.serial('a device whose answers change is told from one that fails: exit 2', async (t) => {
  // It drops everything at first, as it may, and at some time begins to hand everything on.
  const starts = at('starts');
  const changing = (after: number): string =>
    target(
      'changing',
      `f.appendFileSync(${JSON.stringify(starts)}, 'x'); if (f.readFileSync(${JSON.stringify(starts)}).length <= ${after}) ${DROP}`,
    );
  const run = ['run', 'PRISM-REW-12', '--report', 'json', '--target'];
  const once = await prismspec([...run, changing(1e9), '--out', at('once')]);
  t.is(once.exit, 0, once.stdout);
  const { length } = readFileSync(starts, 'utf8');
  rmSync(starts);
  const twice = [...run, changing(length), '--out', at('twice'), '--repeat', '2'];
  const { exit, stdout, stderr } = await prismspec(twice);
  t.is(exit, 2, stdout);
  t.regex(stderr, /round 2\/2, /u);
  t.regex(stdout, /PRISM-REW-12 MUST inconclusive\(nondeterministic\)/u);
  t.regex(stdout, /in rounds 1 to 2: pass, fail/u);
  const { cases } = runJson('twice');
  t.true(cases.some(({ rounds }: { rounds?: unknown }) => String(rounds) === 'pass,fail'));
  const rounds = readFileSync(at('twice', 'cases.ndjson'), 'utf8').trimEnd().split('\n');
  t.is(rounds.length, 2 * cases.length);
  // The evidence of the failure is kept, though the verdict is another.
  const kept = readdirSync(at('twice'), { recursive: true, encoding: 'utf8' });
  t.true(
    kept.some((name) => /PRISM-REW-12\.fields-\d+\./u.test(name)),
    kept.join(' '),
  );
});

test.serial('what cannot be a baseline, or a run, is said in one line', async (t) => {
  writeFileSync(at('bad.yaml'), 'entries:\n  - device: box\n');
  writeFileSync(at('bad.json'), '{"format":"prismspec-run/1"}');
  writeFileSync(
    at('faulty.json'),
    JSON.stringify({
      format: 'prismspec-run/1',
      suite: '1',
      hello: { name: 'box', version: '1' },
      settings: { target: 'x', seed: 1 },
      exit: 70,
      requirements: [],
      cases: [],
    }),
  );
  const update = ['baseline', 'update'];
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['run', '--baseline', at('none.yaml')], 64, /no baseline can be read from \S+none\.yaml/u],
    [['run', '--baseline', at('bad.yaml')], 65, /bad\.yaml:2:5 entries\.0\.fingerprint: /u],
    [['run', '--baseline', '/'], 64, /no baseline can be read from \//u],
    [[...update, '--run', at('first'), ...UNTIL, '--baseline', '/'], 64, /no baseline can/u],
    [['diff', at('nowhere'), at('bad.json')], 64, /no run is at \S+nowhere/u],
    [['diff', at('bad.json'), at('bad.json')], 65, /bad\.json: suite: /u],
    [[...update, '--run', at('bad.json'), ...UNTIL], 65, /bad\.json: suite: /u],
    [[...update, '--run', at('faulty.json'), ...UNTIL], 65, /ended with status 70: no verdicts/u],
    [[...update, '--run', 'x', '--issue', 'https://example.org/1'], 64, /--expires/u],
    [[...update, '--run', 'x', '--expires', '2999-01-01'], 64, /--issue/u],
    [
      [...update, '--run', 'x', '--expires', 'soon', '--issue', 'https://a.b'],
      64,
      /expected a day/u,
    ],
    [
      [...update, '--run', 'x', '--expires', '2020-01-01', '--issue', 'https://a.b'],
      64,
      /is over/u,
    ],
    [[...update, '--run', 'x', '--expires', '2999-01-01', '--issue', '17'], 64, /the address/u],
  ];
  for (const [given, exit, told] of cases) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    const ended = await prismspec(given);
    t.is(ended.exit, exit, given.join(' '));
    t.regex(ended.stderr, told);
    t.regex(ended.stderr, /^(?:prismspec: [^\n]+\n)+$/u);
  }
});

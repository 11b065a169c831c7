/** Bundles of a whole Prism: a failing story leaves one, and it can be told again. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { unzipSync, zipSync } from 'fflate';
import { bundleContext, readAnyBundle, storyOf } from '../../../conformance/cli/bundle-file.ts';
import { replayStory } from '../../../conformance/cli/commands/replay-story.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import type { System } from '../../../conformance/driver/system.ts';
import { SYSTEM_DEFECTS } from '../../../conformance/drivers/sim/defects/defects.ts';
import { openSim, type Alteration } from '../../../conformance/drivers/sim/sim.ts';
import type { StoryBundle } from '../../../conformance/bundle/story.ts';
import type { Conclusion } from '../../../conformance/bundle/replay.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { closeSystemSession, openSystemSession } from '../../../conformance/run/system-session.ts';
import { prismspecHere as prismspec } from './here.ts';

const SCENARIOS = scenariosFor('system', readScenarios(readFeatures()));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-story-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function defect(name: string): Alteration {
  const found = SYSTEM_DEFECTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no defect is called ${name}`);
  return found;
}

const OPTIONS = { seed: 1, effort: 1 / 4, evidence: true } as const;

/** The path of the bundle that the scenario called `name` leaves on a Prism. */
async function bundleFrom(system: System, name: string): Promise<string> {
  const scenarios = SCENARIOS.filter((each) => each.name.startsWith(name)).slice(0, 1);
  const session = await openSystemSession(system, OPTIONS);
  let path = '';
  try {
    await execute({
      scenarios,
      onResult(result): void {
        const { bundle } = storyOf(result, bundleContext(session, 'sim'), false);
        if (bundle === undefined) return;
        path = join(folder, bundle.name.replace('bugs/', ''));
        writeFileSync(path, bundle.octets);
      },
    });
  } finally {
    await closeSystemSession();
  }
  return path;
}

function storyIn(path: string): StoryBundle {
  const bundle = readAnyBundle(path);
  if (!('story' in bundle)) throw new Error(`${path} has no story`);
  return bundle;
}

/** What a replay on a Prism comes to, and the stories that it played. */
async function replayOn(
  alteration: Alteration,
  bundle: StoryBundle,
): Promise<Conclusion & { readonly stories: number }> {
  const sim = openSim(alteration);
  let stories = 0;
  const counting: System = { ...sim, play: async (story) => ((stories += 1), sim.play(story)) };
  await openSystemSession(counting, { ...OPTIONS, path: bundle.path });
  try {
    return { ...(await replayStory(bundle)), stories };
  } finally {
    await closeSystemSession();
  }
}

/** The bundle in `path` with a member changed, in a file of its own. */
function changed(path: string, member: string, change: (text: string) => string): string {
  const members = unzipSync(readFileSync(path));
  const text = new TextDecoder().decode(members[member]);
  const other = path.replace('.prismbug', '-changed.prismbug');
  writeFileSync(other, zipSync({ ...members, [member]: new TextEncoder().encode(change(text)) }));
  return other;
}

const MIXED = defect('backends-mixed-up');
const PROPERTY =
  'PRISM-MIG-01 whatever is asked, lost, doubled and reordered, the streams are whole';
let path = '';

test.serial('a story that fails leaves what was told, what was said, and its frames', async (t) => {
  path = await bundleFrom(openSim(MIXED), 'PRISM-CTRL-03');
  t.regex(path, /PRISM-CTRL-03\.[\w-]+-\d+\.prismbug$/u);
  const members = unzipSync(readFileSync(path));
  t.deepEqual(Object.keys(members).toSorted(), ['story.json', 'story.pcapng', 'verdict.json']);
  const told = JSON.parse(Buffer.from(members['story.json'] ?? []).toString());
  t.like(told, { rules: 0, story: { seed: 1, lock: 'drop', mishaps: [] } });
  const [line] = told.story.clients[0].filter(
    (each: { act: { kind: string } }) => each.act.kind === 'write',
  );
  t.regex(Buffer.from(line.act.octets, 'base64').toString(), /^GET \S+ HTTP\/1\.1\r\n/u);
  t.true(told.messages.some(({ message }: { message: string }) => message === 'commit'));
  t.true(told.notes.length > 0 && told.executions.length > 0);
  t.like(storyIn(path).verdict, { verdict: 'fail', target: { name: 'sim' }, seed: 1 });
});

test.serial('on the Prism that failed the same failure is there again', async (t) => {
  const again = await replayOn(MIXED, storyIn(path));
  t.deepEqual(again, { sentence: 'reproduces: same fingerprint', exit: 1, stories: 1 });
});

test.serial('on the correct one it is gone, and the target is that of the bundle', async (t) => {
  const { exit, stdout, stderr } = await prismspec(['replay', path]);
  t.is(exit, 0, stderr);
  t.regex(stdout, / {2}failure +PRISM-CTRL-03 - .*, MUST fail\n/u);
  t.regex(stdout, / {2}story +as in the bundle\n {2}verdict +no failure; pass\n/u);
  t.true(stdout.endsWith('\n  does not fail any more\n'));
});

test.serial('on a Prism that fails in another way it is said how', async (t) => {
  const bundle = storyIn(path);
  const field = 'another step';
  const other = { ...bundle.verdict, fingerprint: { ...bundle.verdict.fingerprint, field } };
  const { sentence, exit } = await replayOn(MIXED, { ...bundle, verdict: other });
  t.is(exit, 1);
  t.regex(
    sentence,
    /^fails differently: PRISM-CTRL-03 - .*; it was PRISM-CTRL-03 - another step$/u,
  );
});

test.serial('of a property that one story is told, made as small as it was', async (t) => {
  t.is(await bundleFrom(openSim(), PROPERTY), '', 'a property that holds leaves none');
  const oneForAll = defect('one-backend-for-all');
  const file = await bundleFrom(openSim(oneForAll), PROPERTY);
  const bundle = storyIn(file);
  t.regex(bundle.path ?? '', /^\d+(?::\d+)+$/u);
  const same = await replayOn(oneForAll, bundle);
  t.deepEqual(same, { sentence: 'reproduces: same fingerprint', exit: 1, stories: 1 });
  const gone = await replayOn({}, bundle);
  t.deepEqual(gone, { sentence: 'does not fail any more', exit: 0, stories: 1 });
  const { exit, stdout } = await prismspec(['replay', file]);
  t.is(exit, 0, stdout);
  t.regex(stdout, /story +as in the bundle\n/u);
});

test.serial('where this suite tells another story, a pass decides nothing', async (t) => {
  const other = changed(path, 'story.json', (text) => text.replace('"seed": 1', '"seed": 2'));
  const { exit, stdout } = await prismspec(['replay', other]);
  t.is(exit, 2, stdout);
  t.regex(stdout, /story +another one: the suite has changed since\n/u);
  t.regex(stdout, /undecided; of another story: no failure; pass\n\n {2}cannot be decided\n$/u);
  t.like(await replayOn(MIXED, storyIn(other)), { exit: 1 });
});

test.serial('where this suite has no such scenario, that is said: exit 2', async (t) => {
  const other = changed(path, 'verdict.json', (text) =>
    text.replace(/"name": "PRISM-CTRL-03[^"]*"/u, '"name": "PRISM-CTRL-03 of another time"'),
  );
  const { exit, stdout } = await prismspec(['replay', other]);
  t.is(exit, 2, stdout);
  t.regex(stdout, /verdict +none of that name here/u);
});

test.serial('a path that leads nowhere, or for ever, is told of or refused', async (t) => {
  const bundle = storyIn(path);
  const property = SCENARIOS.find(({ name }) => name === PROPERTY);
  if (property === undefined) throw new Error('there is no such property');
  const scenario = { uri: property.uri, line: property.line, name: property.name };
  const verdict = { ...bundle.verdict, scenario };
  const { exit, stories } = await replayOn({}, { ...bundle, verdict, path: '0:99999:0:0' });
  t.deepEqual([exit, stories], [2, 0]);
  const bad = changed(path, 'story.json', (text) => text.replace('{', '{"path": "123456789",'));
  const { exit: refused, stderr } = await prismspec(['replay', bad]);
  t.is(refused, 65);
  t.regex(stderr, /story\.json: path: expected a path such as/u);
});

test.serial('a story is told to a whole Prism, and is not made smaller', async (t) => {
  const onSwitch = await prismspec(['replay', path, '--target', 'reference']);
  t.is(onSwitch.exit, 64);
  t.regex(onSwitch.stderr, /reference is no whole Prism: --target sim, or lab\n$/u);
  const shrunk = await prismspec(['shrink', path]);
  t.is(shrunk.exit, 65);
  t.regex(shrunk.stderr, /has the story of a whole Prism, and no packets/u);
  t.deepEqual(
    readdirSync(folder).filter((name) => name.includes('shrunk')),
    [],
  );
});

test.serial('an archive that is neither kind is refused', async (t) => {
  const members = unzipSync(readFileSync(path));
  const nothing = new Uint8Array(0);
  const packets = { 'original.json': nothing, 'shrunk.json': nothing };
  for (const [wrong, told] of [
    [{ ...members, ...packets }, /5 members, expected 3/u],
    [{ ...members, 'story.pcapng': undefined, ...packets }, /members, expected 3/u],
    [{ 'story.json': nothing }, /verdict\.json: missing/u],
    [{ ...members, '../story.pcapng': nothing }, /4 members, expected 3/u],
    [{ 'story.json': nothing, '../../x': nothing }, /unknown member "\.\.\/\.\.\/x"/u],
  ] as const) {
    const file = join(folder, 'wrong.prismbug');
    const present = Object.entries(wrong).flatMap(([name, octets]) =>
      octets === undefined ? [] : [[name, octets] as const],
    );
    writeFileSync(file, zipSync(Object.fromEntries(present)));
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    const { exit, stderr } = await prismspec(['replay', file]);
    t.is(exit, 65);
    t.regex(stderr, told);
  }
});

/** Bundles of server switches: a failing story leaves one, and it can be told again. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { unzipSync, zipSync } from 'fflate';
import { balancerStorySchema } from '../../../conformance/bundle/balancer-schema.ts';
import { takePlayed } from '../../../conformance/bundle/played.ts';
import type { Conclusion } from '../../../conformance/bundle/replay.ts';
import { plainStory, type StoryBundle } from '../../../conformance/bundle/story.ts';
import { bundleContext, readAnyBundle, storyOf } from '../../../conformance/cli/bundle-file.ts';
import { replayStory } from '../../../conformance/cli/commands/replay-story.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import type { Balancer } from '../../../conformance/driver/balancer.ts';
import {
  openBalancerSim,
  type BalancerAlteration,
} from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import { BALANCER_DEFECTS } from '../../../conformance/drivers/balancer-sim/defects/defects.ts';
import { openUrlSwitchSim } from '../../../conformance/drivers/url-switch-sim/url-switch-sim.ts';
import {
  closeBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { prismspecHere as prismspec } from './here.ts';

const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures()));
const OPTIONS = { seed: 1, effort: 1, evidence: true } as const;
const folder = mkdtempSync(join(tmpdir(), 'prismspec-balancer-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function defect(name: string): BalancerAlteration {
  const found = BALANCER_DEFECTS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no defect is called ${name}`);
  return found;
}

/** The path of the bundle that the scenario whose name begins so leaves; none when it passes. */
async function bundleFrom(alteration: BalancerAlteration, name: string): Promise<string> {
  const scenarios = SCENARIOS.filter((each) => each.name.startsWith(name)).slice(0, 1);
  const session = await openBalancerSession(openBalancerSim(alteration), OPTIONS);
  let path = '';
  try {
    await execute({
      scenarios,
      onResult(result): void {
        const { bundle } = storyOf(result, bundleContext(session, 'balancer-sim'), false);
        if (bundle === undefined) return;
        path = join(folder, bundle.name.replace('bugs/', ''));
        writeFileSync(path, bundle.octets);
      },
    });
  } finally {
    await closeBalancerSession();
  }
  return path;
}

function storyIn(path: string): StoryBundle & { readonly kind: 'balancer' } {
  const bundle = readAnyBundle(path);
  if (!('story' in bundle) || bundle.kind !== 'balancer') throw new Error('another kind');
  return bundle;
}

/** What a replay comes to, and how many stories it played. */
async function replayOn(
  alteration: BalancerAlteration,
  bundle: StoryBundle,
): Promise<Conclusion & { readonly stories: number }> {
  const sim = openBalancerSim(alteration);
  let stories = 0;
  const counting: Balancer = { ...sim, play: async (story) => ((stories += 1), sim.play(story)) };
  await openBalancerSession(counting, { ...OPTIONS, path: bundle.path });
  try {
    return { ...(await replayStory(bundle)), stories };
  } finally {
    await closeBalancerSession();
  }
}

/** The bundle in `path` with its story changed, in a file of its own. */
function changed(path: string, change: (text: string) => string): string {
  const members = unzipSync(readFileSync(path));
  const text = new TextDecoder().decode(members['story.json']);
  const told = new TextEncoder().encode(change(text));
  const other = path.replace('.prismbug', '-changed.prismbug');
  writeFileSync(other, zipSync({ ...members, 'story.json': told }));
  return other;
}

const LEAKING = defect('leaks-server');
const DIRECTED = 'PRISM-SLB-03 the client gets';
const PROPERTY = 'PRISM-SLB-03 any segments towards clients';
let path = '';

test.serial('a story that fails leaves what was told, and what came of it', async (t) => {
  path = await bundleFrom(LEAKING, DIRECTED);
  t.regex(path, /PRISM-SLB-03\.[\w-]+-\d+\.prismbug$/u);
  const members = unzipSync(readFileSync(path));
  t.deepEqual(Object.keys(members).toSorted(), ['story.json', 'story.pcapng', 'verdict.json']);
  const told = JSON.parse(Buffer.from(members['story.json'] ?? []).toString());
  t.like(told, { kind: 'balancer', story: { seed: 1 }, setups: ['taken'] });
  t.regex(told.served[0].head, /^GET \S+ HTTP\/1\.1\r\n/u);
  t.true(told.visitors[0][0].receivedOctets > 0);
  const { verdict, story } = storyIn(path);
  t.like(verdict, { verdict: 'fail', target: { name: 'balancer-sim' }, seed: 1 });
  const [write] = story.visitors[0]?.lines.filter(({ act }) => act.kind === 'write') ?? [];
  const octets = write?.act.kind === 'write' ? write.act.octets : undefined;
  t.regex(new TextDecoder().decode(octets), /^GET \S+ HTTP\/1\.1\r\n/u);
});

test.serial('on the switch that failed the same failure is there again', async (t) => {
  const again = await replayOn(LEAKING, storyIn(path));
  t.deepEqual(again, { sentence: 'reproduces: same fingerprint', exit: 1, stories: 1 });
});

test.serial('on the correct one it is gone, and the target is that of the bundle', async (t) => {
  const { exit, stdout, stderr } = await prismspec(['replay', path]);
  t.is(exit, 0, stderr);
  t.regex(stdout, / {2}failure +PRISM-SLB-03 - .*, MUST fail\n/u);
  t.regex(stdout, / {2}story +as in the bundle\n {2}verdict +no failure; pass\n/u);
  t.true(stdout.endsWith('\n  does not fail any more\n'));
});

test.serial('of a property that one story is told, made as small as it was', async (t) => {
  t.is(await bundleFrom({}, PROPERTY), '', 'a property that holds leaves none');
  const file = await bundleFrom(LEAKING, PROPERTY);
  const bundle = storyIn(file);
  t.regex(bundle.path ?? '', /^\d+(?::\d+)+$/u);
  const same = await replayOn(LEAKING, bundle);
  t.deepEqual(same, { sentence: 'reproduces: same fingerprint', exit: 1, stories: 1 });
  const gone = await replayOn({}, bundle);
  t.deepEqual(gone, { sentence: 'does not fail any more', exit: 0, stories: 1 });
});

test.serial('where this suite tells another story, a pass decides nothing', async (t) => {
  const other = changed(path, (text) => text.replace('"client": 1,', '"client": 77,'));
  const { exit, stdout } = await prismspec(['replay', other]);
  t.is(exit, 2, stdout);
  t.regex(stdout, /story +another one: the suite has changed since\n/u);
  t.true(stdout.endsWith('\n  cannot be decided\n'));
  t.like(await replayOn(LEAKING, storyIn(other)), { exit: 1 });
});

test.serial(
  'a story with what is no word of this suite is refused, and it is said where',
  async (t) => {
    for (const [from, to, told] of [
      ['"client": 1,', '"client": 101,', /story\.visitors\.0\.client: /u],
      ['"client": 1,', '"client": 1, "shoes": 2,', /story\.visitors\.0: .*shoes/u],
      ['"mode": "nat"', '"mode": "magic"', /story\.setup\.services\.0\.mode: /u],
      ['"octets": "', '"octets": "!', /lines\.1\.act\.octets: expected base64/u],
      ['"seed": 1', '"seed": -1', /story\.seed: /u],
      ['"kind": "balancer"', '"kind": "tale"', /story\.json: kind: /u],
    ] as const) {
      const other = changed(path, (text) => text.replace(from, to));
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      const { exit, stderr } = await prismspec(['replay', other]);
      t.is(exit, 65, to);
      t.regex(stderr, told);
    }
  },
);

test.serial('the story of a server switch is told to one, and is not made smaller', async (t) => {
  for (const target of ['sim', 'reference']) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    const { exit, stderr } = await prismspec(['replay', path, '--target', target]);
    t.is(exit, 64);
    t.true(stderr.includes(`${target} is no server switch: --target balancer-sim,`), stderr);
  }
  const { exit, stderr } = await prismspec(['shrink', path]);
  t.is(exit, 65);
  t.regex(stderr, /has the story of a server switch, and no packets/u);
});

for (const [name, open, least] of [
  ['balancer-sim', () => openBalancerSim(), 60],
  ['url-switch-sim', () => openUrlSwitchSim(), 30],
] as const) {
  test.serial(`every story that the suite tells ${name} can be read back`, async (t) => {
    await openBalancerSession(open(), { ...OPTIONS, effort: 1 / 20 });
    let count = 0;
    try {
      await execute({
        scenarios: SCENARIOS,
        onResult(result): void {
          const played = takePlayed();
          if (played === undefined) return;
          count += 1;
          const told = plainStory(played.story);
          const { data: read, error } = balancerStorySchema.safeParse(told);
          t.is(error?.message, undefined, result.name);
          t.deepEqual(read && plainStory(read), told, result.name);
        },
      });
    } finally {
      await closeBalancerSession();
    }
    t.true(count >= least, `${count} stories`);
  });
}

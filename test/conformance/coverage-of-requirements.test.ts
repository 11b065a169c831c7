/** The feature files and the catalogue agree: no requirement without a scenario, nor the reverse. */
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { IdGenerator, PickleStepType, type Pickle } from '@cucumber/messages';
import test from 'ava';
import { CAPABILITIES } from '../../conformance/catalogue/capability.ts';
import { requirementOf, requirements } from '../../conformance/catalogue/catalogue.ts';
import { readFeatures } from '../../conformance/cli/suite.ts';
import { fixtureNames, readFixture } from '../../conformance/drivers/fixture-files.ts';

interface Scenario {
  readonly where: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly pickle: Pickle;
}

function scenariosOf(uri: string, text: string): readonly Scenario[] {
  const newId = IdGenerator.incrementing();
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher());
  return compile(parser.parse(text), uri, newId).map((pickle) => ({
    where: `${uri}:${pickle.location?.line} ${pickle.name}`,
    name: pickle.name,
    tags: pickle.tags.map(({ name }) => name.slice(1)),
    pickle,
  }));
}

const SCENARIOS = readFeatures().flatMap(({ uri, text }) => scenariosOf(uri, text));
const CAPTURED = SCENARIOS.filter(({ where }) => where.startsWith('features/captures/'));

/** The places of the scenarios for which `wrong` holds. */
function offenders(wrong: (scenario: Scenario) => boolean): readonly string[] {
  return SCENARIOS.filter(wrong).map(({ where }) => where);
}

function ownOf({ name }: Scenario): string {
  return name.split(' ')[0] ?? '';
}

test('there are scenarios', (t) => {
  t.true(SCENARIOS.length > 500);
});

test('every scenario names a requirement of the catalogue first', (t) => {
  t.deepEqual(
    offenders((scenario) => requirementOf(ownOf(scenario)) === undefined),
    [],
  );
});

test('every scenario judges the switch, or is tagged and judges what its tag says', (t) => {
  t.deepEqual(
    offenders((scenario) => {
      const tagged = (['system', 'balancer'] as const).find((tag) => scenario.tags.includes(tag));
      const wanted = tagged ?? 'switch';
      return requirementOf(ownOf(scenario))?.scope !== wanted;
    }),
    [],
  );
});

test('every scenario says something behind the requirement', (t) => {
  t.deepEqual(
    offenders(({ name }) => !/^PRISM-[A-Z]+-\d\d \S.*\S$/u.test(name)),
    [],
  );
});

test('every scenario has a Then', (t) => {
  t.deepEqual(
    offenders(({ pickle }) => !pickle.steps.some(({ type }) => type === PickleStepType.OUTCOME)),
    [],
  );
});

test('every tag that looks like a requirement is one', (t) => {
  t.deepEqual(
    offenders(({ tags }) =>
      tags.some((tag) => /^prism/iu.test(tag) && requirementOf(tag) === undefined),
    ),
    [],
  );
});

test('every need that is a tag is a capability', (t) => {
  const known = new Set<string>(CAPABILITIES.map((name) => `needs-${name}`));
  t.deepEqual(
    offenders(({ tags }) => tags.some((tag) => /^needs?\b/iu.test(tag) && !known.has(tag))),
    [],
  );
});

/** What no scenario of a whole Prism judges yet, and why. */
const NOT_YET: Readonly<Record<string, string>> = {
  'PRISM-MIG-17': 'no Prism here carries TLS',
};

for (const { id, level } of requirements.filter(({ scope }) => scope !== 'performance')) {
  test(`${id} (${level}) has a scenario of its own, or a reason to have none`, (t) => {
    // The reason goes when the scenario comes.
    t.is(
      NOT_YET[id] === undefined,
      SCENARIOS.some((scenario) => ownOf(scenario) === id),
    );
  });
}

/** The fixture that a scenario replays under a rule, from its steps. */
function replayed({ pickle }: Scenario, kind: string): string | undefined {
  const step = new RegExp(
    `^the captured connection "(?<name>[^"]+)" passes under a ${kind} rule$`,
    'u',
  );
  return pickle.steps.flatMap(({ text }) => step.exec(text)?.groups?.['name'] ?? [])[0];
}

for (const kind of ['HANDOFF', 'SPLICE']) {
  test(`every fixture is replayed once under ${kind}, and nothing that is none`, (t) => {
    const names = CAPTURED.flatMap((scenario) => replayed(scenario, kind) ?? []);
    t.deepEqual(names.toSorted(), [...fixtureNames()]);
  });

  for (const name of fixtureNames()) {
    test(`${name} under ${kind} needs what its description says`, async (t) => {
      const { needs } = await readFixture(name);
      const scenario = CAPTURED.find((each) => replayed(each, kind) === name);
      const tags = scenario?.tags.filter((tag) => tag.startsWith('needs-')) ?? [];
      const wanted = [...needs, ...(kind === 'SPLICE' ? ['SPLICE'] : [])];
      t.deepEqual(tags.toSorted(), wanted.map((need) => `needs-${need}`).toSorted());
    });
  }
}

test('no two scenarios have the same name', (t) => {
  const names = SCENARIOS.map(({ name }) => name);
  t.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

import { readFileSync } from 'node:fs';
import test from 'ava';
import { CAPABILITIES, capabilityTexts } from '../../conformance/catalogue/capability.ts';
import {
  groups,
  requirementOf,
  requirements,
  requirementsFrom,
} from '../../conformance/catalogue/catalogue.ts';
import type { Scope } from '../../conformance/catalogue/requirement.ts';
import { sourceNames } from '../../conformance/catalogue/requirement.ts';
import { requirementsFile, requirementsPage } from '../../tools/requirements.ts';

// How many the starting catalogue has: corrections change sentences, they lose none.
const SIZES = {
  REW: 18,
  SEQ: 17,
  RULE: 24,
  MIG: 17,
  PIPE: 10,
  RST: 10,
  FIN: 9,
  CTRL: 17,
  FWD: 13,
  SEC: 9,
  PERF: 6,
  SLB: 14,
  POL: 12,
  HC: 10,
  SES: 7,
  URL: 17,
  LARD: 8,
  DSR: 7,
  ACL: 4,
  QOS: 1,
  VIP: 3,
  HA: 4,
};

/** Groups of which only some are in this version: an id stays what it is. */
const PARTIAL: ReadonlySet<string> = new Set(['DSR', 'POL', 'URL', 'LARD', 'HA']);

/** What the switch alone is judged on; the rest is the system's. */
const SWITCH: readonly string[] = [
  ...numbered('REW', 1, 18),
  ...numbered('SEQ', 1, 10),
  ...numbered('SEQ', 12, 13),
  'PRISM-SEQ-16',
  ...numbered('RULE', 1, 24),
  ...numbered('RST', 1, 4),
  'PRISM-RST-07',
  ...numbered('RST', 9, 10),
  ...numbered('FIN', 1, 3),
  ...numbered('FWD', 1, 13),
  ...numbered('SEC', 1, 8),
];

function numbered(group: string, from: number, to: number): readonly string[] {
  return Array.from(
    { length: to - from + 1 },
    (_, index) => `PRISM-${group}-${String(from + index).padStart(2, '0')}`,
  );
}

function idsOf(scope: Scope): readonly string[] {
  return requirements.filter((each) => each.scope === scope).map(({ id }) => id);
}

function idsFrom(source: string): readonly string[] {
  return requirementsFrom(source).map(({ id }) => id);
}

test('the groups have the sizes of the starting catalogue', (t) => {
  const sizes = Object.fromEntries(groups.map(({ id, requirements: own }) => [id, own.length]));
  t.deepEqual(sizes, SIZES);
  t.is(requirements.length, 237);
});

test('ids are unique and count from 01 in each group', (t) => {
  for (const { id, requirements: own } of groups) {
    const ids = own.map((requirement) => requirement.id);
    t.deepEqual(ids, PARTIAL.has(id) ? ids.toSorted() : numbered(id, 1, own.length));
    t.true(own.every(({ group }) => group === id));
  }
  t.is(new Set(requirements.map(({ id }) => id)).size, requirements.length);
});

test('every id is found, and no other', (t) => {
  for (const requirement of requirements) t.is(requirementOf(requirement.id), requirement);
  t.is(requirementOf('PRISM-REW-19'), undefined);
  t.is(requirementOf('toString'), undefined);
});

test('a section of an RFC finds what cites it or a part of it', (t) => {
  t.deepEqual(idsFrom('RFC2018/3'), ['PRISM-SEQ-04']);
  t.deepEqual(idsFrom('RFC2018'), ['PRISM-SEQ-04', 'PRISM-MIG-08']);
  t.deepEqual(idsFrom('RFC9293/3.7'), ['PRISM-MIG-09']);
  t.deepEqual(idsFrom('RFC201'), []);
  t.deepEqual(idsFrom('Capybara'), ['PRISM-RULE-13']);
});

for (const { id, level, text, sources, needs, observed, note } of requirements) {
  test(`${id} is complete`, (t) => {
    t.regex(text, /^[A-Z].*[^.]\.$/u);
    t.false(/\. [A-Z]/u.test(text), 'one sentence');
    // The sentence carries the keyword of its level, and none of another.
    const keywords = text.match(/\b(MUST|SHOULD|MAY)\b/gu);
    t.deepEqual([...new Set(keywords)], [level]);
    t.true(sources.length > 0);
    for (const { ref } of sources) {
      const name = Object.hasOwn(sourceNames, ref);
      t.true(name || /^RFC\d{3,4}(\/\d+(\.\d+)*)?$/u.test(ref), ref);
    }
    t.true(needs.every((need) => CAPABILITIES.includes(need)));
    t.is(new Set(needs).size, needs.length);
    t.regex(observed, /^\S.*\.$/u);
    if (note !== undefined) t.regex(note, /^\S.*\.$/u);
  });
}

test('scopes are those of the conformance model', (t) => {
  t.deepEqual(new Set(idsOf('switch')), new Set(SWITCH));
  t.deepEqual(idsOf('performance'), numbered('PERF', 1, 6));
  const first = groups.findIndex(({ id }) => id === 'SLB');
  const servers = groups.slice(first);
  t.deepEqual(
    idsOf('balancer'),
    servers.flatMap((group) => group.requirements.map(({ id }) => id)),
  );
});

test('a device that only rewrites a static connection is judged on the base alone', (t) => {
  const claims = new Set(['SPLICE']);
  const judged = requirements
    .filter(({ scope, needs }) => scope === 'switch' && needs.every((need) => claims.has(need)))
    .map(({ id }) => id);
  const base = [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
  t.deepEqual(judged, [
    ...base.flatMap((n) => numbered('REW', n, n)),
    ...numbered('SEQ', 1, 9),
    ...numbered('RST', 1, 3),
    'PRISM-RST-10',
    'PRISM-FWD-04',
    'PRISM-FWD-05',
    'PRISM-FWD-11',
    'PRISM-FWD-13',
    'PRISM-SEC-04',
  ]);
});

test('every capability has a sentence', (t) => {
  t.deepEqual(Object.keys(capabilityTexts), [...CAPABILITIES]);
  for (const text of Object.values(capabilityTexts)) t.regex(text, /^[A-Z].*\.$/u);
});

test('docs/requirements.md is up to date', (t) => {
  t.is(readFileSync(requirementsFile, 'utf8'), requirementsPage());
});

test('docs/requirements.md has one anchor for each requirement', (t) => {
  const anchors = [...requirementsPage().matchAll(/<a id="(prism-[^"]+)">/gu)].map(([, id]) => id);
  t.deepEqual(
    anchors,
    requirements.map(({ id }) => id.toLowerCase()),
  );
});

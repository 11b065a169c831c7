import test from 'ava';
import { clusterOf } from '../../../reference/study/cluster.ts';
import { studyMarkdown } from '../../../reference/study/markdown.ts';
import { studyPage } from '../../../reference/study/page/page.ts';
import type { Passage, Section } from '../../../reference/study/passage.ts';
import { performRun, type RunResult } from '../../../reference/study/run.ts';
import {
  clustersOf,
  createResultTable,
  lardSections,
  passagesOf,
  type ResultTable,
} from '../../../reference/study/study.ts';
import { synthesise } from '../../../reference/study/synthetic.ts';

/** Enough for figures; what they say is held elsewhere. */
const CONNECTIONS = 2000;
const HEAD = { title: 'A study', about: ['of <that> & "this"'] };

/** Results that say of which cluster they are, by a rate that the caller chooses. */
function resultsOf(
  sections: readonly Section[],
  result: (place: number) => Partial<RunResult>,
): ResultTable {
  const trace = synthesise({ requests: 2000, seed: 1, files: 100, octets: 1_000_000 });
  const some = performRun(trace, clusterOf('LARD', 1));
  const table = createResultTable();
  for (const [place, cluster] of clustersOf(sections).entries()) {
    table.add(cluster, { ...some, ...result(place) });
  }
  return table;
}

function passages(nodes: readonly number[]): readonly Passage[] {
  const sections = lardSections(nodes, { seed: 1, connections: CONNECTIONS });
  return passagesOf(
    sections,
    resultsOf(sections, (place) => ({ perSecond: 1000 + place })),
  );
}

test('each run is asked for once, however many sections want it', (t) => {
  const clusters = clustersOf(lardSections([4, 8, 16], { seed: 1 }));
  const keys = clusters.map((cluster) => JSON.stringify(cluster));
  t.is(new Set(keys).size, keys.length);
  t.true(keys.includes(JSON.stringify(clusterOf('LB/GC', 16))));
  t.deepEqual(clustersOf(lardSections([4, 8, 16], { seed: 1 })), clusters);
});

test('for any numbers of nodes sections ask for all that they tell of', (t) => {
  for (const nodes of [[1], [2, 3], [8], [4, 8, 64]]) {
    const told = passages(nodes);
    t.is(told.length, 11);
    const texts = told.flatMap(({ text, tables, findings }) => [
      ...text,
      ...tables.flatMap(({ rows }) => rows.flat()),
      ...findings.map(({ figures }) => figures),
    ]);
    t.deepEqual(
      texts.filter((text) => /NaN|undefined|Infinity|\b-\d/u.test(text)),
      [],
    );
    for (const { tables } of told) {
      for (const { head, rows } of tables) t.true(rows.every((row) => row.length === head.length));
    }
  }
});

test('a result that nobody asked for is a mistake of ours, and is named', (t) => {
  t.throws(() => createResultTable().get(clusterOf('LB', 3)), { message: /"kind":"LB"/u });
});

test('conclusions are drawn from the figures: with other figures they do not hold', (t) => {
  const sections = lardSections([8], { seed: 1, connections: CONNECTIONS }).slice(0, 1);
  const order = ['WRR', 'WRR/GMS', 'LB', 'LB/GC', 'LARD', 'LARD/R'];
  const verdicts = (
    rates: readonly number[],
    misses: readonly number[],
    idle: readonly number[],
  ): readonly boolean[] => {
    const results = resultsOf(sections, () => ({}));
    const base = results.get(clusterOf('LARD', 8));
    for (const [place, kind] of (
      ['WRR', 'WRR/GMS', 'LB', 'LB/GC', 'LARD', 'LARD/R'] as const
    ).entries()) {
      results.add(clusterOf(kind, 8), {
        ...base,
        perSecond: rates[place] ?? 0,
        missShare: misses[place] ?? 0,
        idleShare: idle[place] ?? 0,
      });
    }
    const [first] = passagesOf(sections, results);
    t.is(first?.findings.length, 4, order.join(' '));
    return first?.findings.map(({ holds }) => holds) ?? [];
  };
  const rates = [700, 1400, 1600, 1700, 1900, 1870];
  const misses = [0.3, 0.15, 0.1, 0.1, 0.12, 0.11];
  const idle = [0, 0, 0.5, 0.2, 0.1, 0.1];
  t.deepEqual(verdicts(rates, misses, idle), [true, true, true, true]);
  t.deepEqual(verdicts(rates.with(5, 1861), misses, idle), [false, true, true, true]);
  t.deepEqual(verdicts(rates.with(2, 1900), misses, idle), [false, true, true, true]);
  t.deepEqual(verdicts(rates.with(0, 940), misses, idle), [true, true, true, false]);
  t.deepEqual(verdicts(rates, misses.with(5, 0.1), idle), [true, false, true, true]);
  t.deepEqual(verdicts(rates, misses, idle.with(4, 0.11)), [true, true, false, true]);
  t.deepEqual(verdicts(rates, misses, idle.fill(0)), [true, true, false, true]);
});

test('the Markdown has every section, and a row of its table for every row', (t) => {
  const told = passages([4, 8]);
  const text = studyMarkdown(HEAD, told);
  for (const { title, tables } of told) {
    t.true(text.includes(`\n## ${title}\n`), title);
    for (const { rows } of tables) {
      for (const row of rows) t.true(text.includes(`| ${row.join(' | ')} |`), row.join(' '));
    }
  }
});

test('what would end a cell of Markdown does not', (t) => {
  const passage: Passage = {
    title: 'T',
    text: [],
    findings: [],
    tables: [{ title: 'a|b', head: ['x', 'y'], rows: [['1|2', '3\\4\n5']] }],
    charts: [],
  };
  t.true(studyMarkdown(HEAD, [passage]).includes('| 1\\|2 | 3\\\\4 5 |'));
});

test('the page has all of it, and neither script nor anything to load', (t) => {
  const told = passages([4, 8]);
  const html = studyPage(HEAD, told);
  t.true(html.includes('of &lt;that&gt; &amp; &quot;this&quot;'));
  t.is(html.match(/<svg/gu)?.length, told.flatMap(({ charts }) => charts).length);
  t.is(html.match(/<table>/gu)?.length, told.flatMap(({ tables }) => tables).length);
  for (const { title } of told) t.true(html.includes(`<h2>${title}</h2>`), title);
  t.notRegex(html, /<script|<link|<img|\bsrc=|@import|url\((?!#)/u);
  const addresses = html.match(/https?:\/\/[^"\s)]*/gu) ?? [];
  t.deepEqual(
    addresses.filter((address) => !address.startsWith('http://www.w3.org/')),
    [],
  );
});

/** The page that shows which server switch was found to do what. */
import { groups } from '../../conformance/catalogue/catalogue.ts';
import type { Requirement, RequirementGroup } from '../../conformance/catalogue/requirement.ts';
import type { Evidence } from './evidence.ts';

const INTRODUCTION = `Each column is a server switch that the suite was run on, whole or in part, each row a requirement
of [the catalogue](requirements.md). A verdict is about what was seen, with the configuration that
\`hardware/\` gives a product and the choices that its target file declares; another configuration
may do otherwise. What a product does not claim is not held against it.

| sign | meaning |
| --- | --- |
| ✓ | passed in all scenarios |
| ✗ | failed in one; what was seen is below |
| ? | could not be told |
| – | needs what the product does not claim |
| | was not asked |`;

const SIGNS: Readonly<Record<string, string>> = {
  pass: '✓',
  'unexpected-pass': '✓',
  fail: '✗',
  'known-failure': '✗',
  inconclusive: '?',
  'not-applicable': '–',
};

/** Longest text of what was expected or observed that is printed. */
const SEEN_MAX = 300;

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function heads(first: readonly string[], products: readonly Evidence[]): readonly string[] {
  const names = products.map(({ name }) => name);
  return [row([...first, ...names]), row([...first.map(() => '---'), ...names.map(() => ':-:')])];
}

function countOf({ verdicts }: Evidence, sign: string): string {
  return String(Object.values(verdicts).filter((each) => SIGNS[each] === sign).length);
}

/** Who the products are, and how many requirements each has met. */
function summary(products: readonly Evidence[]): readonly string[] {
  return [
    row(['product', 'version', 'vendor', 'target', 'claims', '✓', '✗', '?', '–']),
    row(['---', '---', '---', '---', '---', '--:', '--:', '--:', '--:']),
    ...products.map((each) => {
      const counts = ['✓', '✗', '?', '–'].map((sign) => countOf(each, sign));
      const { name, version, vendor, target, claims } = each;
      return row([name, version, vendor, `\`${target}\``, claims.join(' '), ...counts]);
    }),
  ];
}

function requirementRow({ id, level }: Requirement, products: readonly Evidence[]): string {
  const link = `[${id}](requirements.md#${id.toLowerCase()})`;
  const signs = products.map(({ verdicts }) => {
    const verdict = verdicts[id];
    return verdict === undefined ? '' : (SIGNS[verdict] ?? verdict);
  });
  return row([link, level, ...signs]);
}

function groupSection(group: RequirementGroup, products: readonly Evidence[]): readonly string[] {
  const rows = group.requirements.map((each) => requirementRow(each, products));
  return ['', `### ${group.id}: ${group.title}`, '', ...heads(['', ''], products), ...rows];
}

/** Printed as code: what products say is no Markdown. */
function code(text: string): string {
  const [first = ''] = text.split('\n');
  const shown = first.length > SEEN_MAX ? `${first.slice(0, SEEN_MAX)} …` : first;
  return shown === '' ? '' : `\`${shown.replaceAll('`', "'")}\``;
}

function failureSection(product: Evidence): readonly string[] {
  const { name, failures } = product;
  if (failures.length === 0) return [];
  return [
    '',
    `### ${name} ${product.version}`,
    '',
    row(['requirement', 'scenario', 'expected', 'seen', 'known']),
    row(['---', '---', '---', '---', '---']),
    ...failures.map(({ requirement, scenario, expected, observed, known = '' }) =>
      row([requirement, scenario, code(expected), code(observed), known]),
    ),
  ];
}

/** The text of docs/products.md. */
export function productsPage(products: readonly Evidence[]): string {
  const judged = groups.filter(({ requirements }) =>
    requirements.some(({ scope }) => scope === 'balancer'),
  );
  const failed = products.flatMap(failureSection);
  return [
    '<!-- Written by tools/products.ts from reports/products. Do not edit. -->',
    '',
    '# What server switches were found to do',
    '',
    INTRODUCTION,
    '',
    '## Products',
    '',
    ...summary(products),
    '',
    '## Verdicts',
    ...judged.flatMap((group) => groupSection(group, products)),
    '',
    '## What failed',
    ...(failed.length === 0 ? ['', 'Nothing.'] : failed),
    '',
  ].join('\n');
}

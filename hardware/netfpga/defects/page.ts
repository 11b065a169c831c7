/** The defects of the core as a Markdown page. */
import type { Finder, RtlDefect } from './defect.ts';

const BENCH = '../../../test/hardware/netfpga/checks';

/** The page: what each defect is, where it stands, and what has to find it. */
export function defectsPage(defects: readonly RtlDefect[]): string {
  const suite = defects.filter(({ foundBy }) => foundBy.kind === 'suite');
  return [
    '# Defects of the core',
    '',
    'Written by `node --import ./tools/register.mjs tools/netfpga-defects.ts`. Each defect is one',
    'expression that is another. In the gate one design is built that has all of them, and a register',
    'chooses which is in force; the requirement has to fail that the core passes without it, or a',
    'check of the test bench where no switch would be judged by it: back-pressure, frames that are',
    'ill, registers. `… tools/netfpga-defects.ts NAME FOLDER` writes the core with one of them, and a',
    'target file for `prismspec run --target`.',
    '',
    `There are ${defects.length}: ${suite.length} are found by the suite, ${defects.length - suite.length} by the bench.`,
    '',
    '| defect | what the core does wrong | edit | found by |',
    '| --- | --- | --- | --- |',
    ...defects.map(row),
    '',
    '## Not to be found',
    '',
    'One bit of the key left out of the comparison in `prism_flows` changes nothing: the hash is',
    'linear, and of two keys that differ in one bit no way has both in one row. With more bits left',
    'out it shows (`source-port-not-compared`).',
    '',
  ].join('\n');
}

function row({ name, sentence, module, find, replace, foundBy }: RtlDefect): string {
  const edit = `${module}: ${code(find)} becomes ${code(replace)}`;
  return `| \`${name}\` | ${sentence} | ${edit} | ${finderText(foundBy)} |`;
}

function finderText(finder: Finder): string {
  if (finder.kind === 'bench') return `[${finder.check}](${BENCH})`;
  const { requirement } = finder;
  return `[${requirement}](../../../docs/requirements.md#${requirement.toLowerCase()})`;
}

function code(text: string): string {
  const line = text.trim().replaceAll(/\s+/gu, ' ').replaceAll('|', '\\|');
  return line.includes('`') ? `\`\` ${line} \`\`` : `\`${line}\``;
}

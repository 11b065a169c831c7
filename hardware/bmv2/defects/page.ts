/** The program defects as a Markdown page. */
import type { ProgramDefect } from './defect.ts';

/** The page: what each defect is, where it stands in the program, and what has to find it. */
export function defectsPage(defects: readonly ProgramDefect[]): string {
  return [
    '# Defects of the program',
    '',
    'Written by `npm run p4`. Each defect is one edit of the program, and what p4c makes of it is',
    'kept as a difference to `prism.json` in `compiled`. In the gate each is loaded into the model,',
    'and the requirement has to fail that the program passes without it.',
    '',
    `There are ${defects.length}.`,
    '',
    '| defect | what the switch does wrong | edit | killed by |',
    '| --- | --- | --- | --- |',
    ...defects.map(row),
    '',
  ].join('\n');
}

function row({ name, sentence, file, find, replace, breaks }: ProgramDefect): string {
  const becomes = replace.trim() === '' ? 'is left out' : `becomes ${code(replace)}`;
  const edit = `${file}: ${code(find)} ${becomes}`;
  const requirement = `[${breaks}](../../../docs/requirements.md#${breaks.toLowerCase()})`;
  return `| \`${name}\` | ${sentence} | ${edit} | ${requirement} |`;
}

function code(text: string): string {
  return `\`${text.trim().replaceAll(/\s+/gu, ' ').replaceAll('|', '\\|')}\``;
}

/** A study as Markdown: text and tables; the charts are in the page. */
import type { Finding, Passage, Table } from './passage.ts';

/** What stands at the head of a study. */
export interface StudyHead {
  readonly title: string;
  /** What was run: trace, seed, costs; a sentence each. */
  readonly about: readonly string[];
}

function cell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

function tableText({ title, head, rows }: Table): string {
  const rule = row(head.map((_, column) => (column === 0 ? '---' : '---:')));
  return [`**${cell(title)}**`, '', row(head), rule, ...rows.map(row), ''].join('\n');
}

/** A finding in words. */
export function verdictOf({ holds }: Finding): string {
  return holds ? 'holds' : 'does not hold';
}

function findingText(finding: Finding, place: number): string {
  return `${place + 1}. ${finding.text} **${verdictOf(finding)}** (${finding.figures})`;
}

function passageText({ title, text, findings, tables }: Passage): string {
  return [
    `## ${title}`,
    '',
    ...text.flatMap((each) => [each, '']),
    ...(findings.length > 0 ? [findings.map(findingText).join('\n'), ''] : []),
    ...tables.map(tableText),
  ].join('\n');
}

/** The whole study. */
export function studyMarkdown({ title, about }: StudyHead, passages: readonly Passage[]): string {
  const head = [`# ${title}`, '', ...about.map((each) => `- ${each}`), ''];
  return [...head, ...passages.map(passageText)].join('\n');
}

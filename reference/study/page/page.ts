/** A study as one page of HTML that needs nothing else: no script, no file, no network. */
import { verdictOf, type StudyHead } from '../markdown.ts';
import type { Chart, Finding, Passage, Table } from '../passage.ts';
import { drawChart } from './chart.ts';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #ddd; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
.holds { color: #00664d; } .fails { color: #a33c00; }
figure { margin: 1.5rem 0; } svg { max-width: 100%; height: auto; }
`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/gu, (letter) => ESCAPES[letter] ?? letter);
}

function cells(tag: 'th' | 'td', texts: readonly string[]): string {
  return `<tr>${texts.map((text) => `<${tag}>${escape(text)}</${tag}>`).join('')}</tr>`;
}

function tableHtml({ title, head, rows }: Table): string {
  const body = rows.map((each) => cells('td', each)).join('\n');
  return `<div class="wide"><table><caption>${escape(title)}</caption>
<thead>${cells('th', head)}</thead>
<tbody>${body}</tbody></table></div>`;
}

function findingHtml(finding: Finding): string {
  const kind = finding.holds ? 'holds' : 'fails';
  const verdict = `<strong class="${kind}">${verdictOf(finding)}</strong>`;
  return `<li>${escape(finding.text)} ${verdict}<br><small>${escape(finding.figures)}</small></li>`;
}

function chartHtml(chart: Chart): string {
  return `<figure role="img" aria-label="${escape(chart.title)}">${drawChart(chart)}</figure>`;
}

function passageHtml({ title, text, findings, tables, charts }: Passage): string {
  const list = findings.length === 0 ? [] : [`<ol>${findings.map(findingHtml).join('\n')}</ol>`];
  return [
    `<h2>${escape(title)}</h2>`,
    ...text.map((each) => `<p>${escape(each)}</p>`),
    ...list,
    ...tables.map(tableHtml),
    ...charts.map(chartHtml),
  ].join('\n');
}

/** The whole study. */
export function studyPage({ title, about }: StudyHead, passages: readonly Passage[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
<ul>${about.map((each) => `<li>${escape(each)}</li>`).join('\n')}</ul>
${passages.map(passageHtml).join('\n')}
</body>
</html>
`;
}

/** The kill table: every defect with what found it, and every variation with what blamed it. */
import type { Defect, Variation } from '../defects/defect.ts';
import {
  blameOf,
  isKilled,
  killersBy,
  type DefectOutcome,
  type Killer,
  type VariationOutcome,
} from '../run/kill.ts';
import type { PacketSource } from '../run/evidence.ts';

/** A defect and what became of it. */
export interface DefectRow {
  readonly defect: Defect;
  readonly outcome: DefectOutcome;
}

/** A variation and what became of it. */
export interface VariationRow {
  readonly variation: Variation;
  readonly outcome: VariationOutcome;
}

/** Everything that was tried. */
export interface KillTable {
  readonly defects: readonly DefectRow[];
  readonly variations: readonly VariationRow[];
  readonly seeds: readonly number[];
}

const SOURCES: readonly PacketSource[] = ['directed', 'generated', 'fixture'];

/** Defects that nothing found, though they can be found. */
export function survivors({ defects }: KillTable): readonly DefectRow[] {
  return defects.filter(
    ({ defect, outcome }) => defect.equivalent === undefined && !isKilled(defect.breaks, outcome),
  );
}

/** Correct devices that the suite blamed. */
export function blamed({ variations }: KillTable): readonly VariationRow[] {
  return variations.filter(
    ({ variation, outcome }) => blameOf(outcome, variation.departs).length > 0,
  );
}

/** The scenarios of the defect's own requirement that found it, under any seed. */
function ownKillers({ defect, outcome }: DefectRow): readonly Killer[] {
  const all = outcome.looks.flatMap((each) => killersBy(defect.breaks, each));
  const byScenario = new Map(all.map((killer) => [killer.scenario, killer]));
  return [...byScenario.values()];
}

function sourceCell(killers: readonly Killer[], source: PacketSource): string {
  const count = killers.filter((killer) => killer.source === source).length;
  return count === 0 ? '' : String(count);
}

/** What else failed on the device, without the group's common head. */
function others({ defect, outcome }: DefectRow): string {
  const all = [...outcome.looks, ...(outcome.whole === undefined ? [] : [outcome.whole])];
  const ids = new Set(all.flatMap(({ killers }) => killers.map(({ requirement }) => requirement)));
  ids.delete(defect.breaks);
  return [...ids].map((id) => id.replace('PRISM-', '')).join(' ');
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function defectRow(row: DefectRow): string {
  const { defect, outcome } = row;
  const killers = ownKillers(row);
  const killed = isKilled(defect.breaks, outcome);
  const verdict = killed
    ? 'killed'
    : defect.equivalent === undefined
      ? '**SURVIVED**'
      : 'equivalent';
  const first = killers[0]?.scenario ?? defect.equivalent ?? '';
  const cells = [
    `\`${defect.name}\``,
    defect.sentence,
    defect.breaks,
    verdict,
    ...SOURCES.map((source) => sourceCell(killers, source)),
    first.replace(/^features\//u, ''),
    others(row),
  ];
  return `| ${cells.map(inCell).join(' | ')} |`;
}

function variationRow({ variation, outcome }: VariationRow): string {
  const told = blameOf(outcome, variation.departs);
  const verdict = told.length === 0 ? 'passes' : `**BLAMED**: ${told.join('; ')}`;
  return `| \`${variation.name}\` | ${inCell(variation.sentence)} | ${inCell(verdict)} |`;
}

/** How many scenarios of each source found a defect in all. */
function totals(rows: readonly DefectRow[]): string {
  return SOURCES.map((source) => {
    const count = rows.filter((row) => ownKillers(row).some((killer) => killer.source === source));
    return `${count.length} by ${source} packets`;
  }).join(', ');
}

/** One line on what came of it all. */
export function killSummary(table: KillTable): string {
  const killable = table.defects.filter(({ defect }) => defect.equivalent === undefined);
  const killed = killable.length - survivors(table).length;
  const passed = table.variations.length - blamed(table).length;
  return (
    `${killed} of ${killable.length} defects killed by the requirement that names them ` +
    `under seeds ${table.seeds.join(', ')}; ` +
    `${passed} of ${table.variations.length} correct devices pass`
  );
}

/** The table as a Markdown page; the same for the same suite, whatever the machine. */
export function killPage(table: KillTable): string {
  return [
    '# The kill table',
    '',
    'Written by `prismspec doctor --kill-table`. Each defect is a correct device with one thing wrong;',
    'each variation is a device that is as correct as the reference and does something otherwise. The',
    'columns count the scenarios of the named requirement that failed, by the source of their packets.',
    '',
    `${killSummary(table)}.`,
    '',
    `Defects found by their requirement: ${totals(table.defects)}.`,
    '',
    '## Defects',
    '',
    '| defect | what the device does wrong | requirement | verdict | directed | generated | fixture | first scenario that failed | other requirements that failed |',
    '| --- | --- | --- | --- | --: | --: | --: | --- | --- |',
    ...table.defects.map(defectRow),
    '',
    '## Correct devices',
    '',
    '| variation | what the device does | verdict |',
    '| --- | --- | --- |',
    ...table.variations.map(variationRow),
    '',
  ].join('\n');
}

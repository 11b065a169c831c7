/** `prismspec doctor --kill-table`: the suite measured, on devices that must fail and must not. */
import { readFileSync } from 'node:fs';
import type { Defect, Variation } from '../../defects/defect.ts';
import { DEFECTS } from '../../defects/defects.ts';
import { VARIATIONS } from '../../defects/variations/variations.ts';
import {
  blamed,
  killPage,
  killSummary,
  survivors,
  type DefectRow,
  type KillTable,
  type VariationRow,
} from '../../report/kill-table.ts';
import { blameOf, SEEDS } from '../../run/kill.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { countedProgress } from '../progress.ts';
import type { Outcome } from '../trial-worker.ts';
import { tryAll } from '../try-all.ts';
import { tryPlace, writeWhole } from '../write-file.ts';

/** How much is told of what blamed a correct device; the page has it all. */
const MAX_TOLD = 5;

/** Options of `doctor --kill-table`. */
export interface KillTableOptions {
  /** Where the page is written. */
  readonly out: string;
  /** Compare with the page that is there instead of writing it. */
  readonly check: boolean;
  /** Run the whole suite on each defect, and not only what names it; slow. */
  readonly whole: boolean;
  /** Names of the only ones to try; all when empty. */
  readonly only: readonly string[];
}

function chosen<T extends Variation>(all: readonly T[], only: readonly string[]): readonly T[] {
  return only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
}

function complainOfUnknown(only: readonly string[]): void {
  const known = [...DEFECTS, ...VARIATIONS].map(({ name }) => name);
  const unknown = only.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Complaint(
    EXIT.usage,
    `no defect or variation is called ${unknown}: known are ${known.join(' ')}`,
  );
}

function tableOf(
  defects: readonly Defect[],
  variations: readonly Variation[],
  outcomes: ReadonlyMap<string, Outcome>,
): KillTable {
  return {
    seeds: SEEDS,
    defects: defects.flatMap((defect): readonly DefectRow[] => {
      const outcome = outcomes.get(defect.name);
      return outcome?.kind === 'defect' ? [{ defect, outcome }] : [];
    }),
    variations: variations.flatMap((variation): readonly VariationRow[] => {
      const outcome = outcomes.get(variation.name);
      return outcome?.kind === 'variation' ? [{ variation, outcome }] : [];
    }),
  };
}

function tell(table: KillTable): void {
  const say = (line: string): boolean => process.stdout.write(`${line}\n`);
  for (const { defect } of survivors(table)) {
    say(`  survived: ${defect.name}, which ${defect.breaks} should find`);
    say(`            ${defect.sentence}`);
  }
  for (const { variation, outcome } of blamed(table)) {
    say(`  blamed:   ${variation.name}. ${variation.sentence}`);
    const told = blameOf(outcome, variation.departs);
    for (const line of told.slice(0, MAX_TOLD)) say(`            ${line}`);
    if (told.length > MAX_TOLD) say(`            and ${told.length - MAX_TOLD} more`);
  }
  say(`  ${killSummary(table)}`);
}

/** Compares the page with the one in `path`; complains when that is another. */
function compare(page: string, path: string): void {
  let known = '';
  try {
    known = readFileSync(path, 'utf8');
  } catch {
    // A page that is not there is not this one.
  }
  if (known === page) return;
  throw new Complaint(
    EXIT.unreachable,
    `${path} is not what the suite finds now: write it anew with prismspec doctor --kill-table`,
  );
}

/** Tries every defect and every variation; exit 69 when a defect survives or a device is blamed. */
export async function killTableCommand(options: KillTableOptions): Promise<ExitCode> {
  complainOfUnknown(options.only);
  const isWhole = options.only.length === 0;
  if (isWhole && !options.check) tryPlace(options.out);
  const defects = chosen(DEFECTS, options.only);
  const variations = chosen(VARIATIONS, options.only);
  const names = [...variations, ...defects].map(({ name }) => name);
  const outcomes = new Map<string, Outcome>();
  const progress = countedProgress(names.length, 'devices', process.stderr);
  try {
    const { whole } = options;
    await tryAll(
      names.map((name) => ({ name, whole })),
      (outcome) => {
        outcomes.set(outcome.name, outcome);
        progress.show(outcome.name);
      },
    );
  } finally {
    progress.end();
  }
  const table = tableOf(defects, variations, outcomes);
  tell(table);
  if (isWhole) {
    const page = killPage(table);
    if (options.check) compare(page, options.out);
    else writeWhole(options.out, page);
  }
  const sound = survivors(table).length === 0 && blamed(table).length === 0;
  return sound ? EXIT.conformant : EXIT.unreachable;
}

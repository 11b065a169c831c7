/**
 * The committed limits of each size.
 *
 *   made:   the machine and the versions that made the figures
 *   sizes:  by name; of each figure what it is and what it may be at the most, the longest path,
 *           and the figures of each part, from which one sees what grew
 */
import type { Result } from 'scapy-ts';
import { Document, isMap, parse, visit } from 'yaml';
import { z } from 'zod';
import { describePath, KINDS, NO_COUNTS, type Counts, type Figures } from './figures.ts';

/** A figure, and what it may be at the most. */
export interface Limited {
  readonly figure: number;
  readonly limit: number;
}

/** The budget of one size. */
export interface Entry {
  /** What synthesis took of a processor. */
  readonly processorSeconds: number;
  readonly limits: Readonly<Record<keyof Counts | 'delayPs', Limited>>;
  /** The longest path, as {@link describePath} tells it. */
  readonly path: string;
  readonly parts: Readonly<Record<string, Counts>>;
}

/** All of the file. */
export interface Budget {
  readonly made: { readonly machine: string; readonly node: string; readonly yosys: string };
  readonly sizes: Readonly<Record<string, Entry>>;
}

/** What was measured of one size, and how long it took. */
export interface Measured {
  readonly figures: Figures;
  readonly processorSeconds: number;
}

/** Any change of the core moves what abc9 finds, 1 % of the LUTs and more of the path. */
const MARGIN = 1.03;
const PATH_MARGIN = 1.05;
/** Memories are arithmetic, and do not move. */
const EXACT: ReadonlySet<string> = new Set(['ramb18', 'ramb36']);
/** A limit further away from its figure would notice little. */
const MARGIN_MAX = 1.05;

const Natural = z.int().nonnegative();
const LimitedShape = z
  .strictObject({ figure: Natural, limit: Natural })
  .refine(({ figure, limit }) => figure <= limit && limit <= Math.ceil(figure * MARGIN_MAX), {
    error: 'expected a limit from the figure to 5 % above it',
  });
const CountsShape = z
  .partialRecord(z.enum(KINDS), Natural)
  .transform((some): Counts => ({ ...NO_COUNTS, ...some }));
const EntryShape = z.strictObject({
  processorSeconds: z.number().nonnegative(),
  limits: z.record(z.enum([...KINDS, 'delayPs']), LimitedShape),
  path: z.string(),
  parts: z.record(z.string(), CountsShape),
});
const BudgetShape = z.strictObject({
  made: z.strictObject({ machine: z.string(), node: z.string(), yosys: z.string() }),
  sizes: z.record(z.string(), EntryShape),
});

/** Reads the text of `budget.yaml`; the error names the field, and what was expected of it. */
export function parseBudget(text: string): Result<Budget, string> {
  let plain: unknown;
  try {
    plain = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    return { ok: false, error: `budget.yaml: ${String(cause)}` };
  }
  const parsed = BudgetShape.safeParse(plain);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  return { ok: false, error: `budget.yaml: ${field}: ${issue?.message ?? 'not a budget'}` };
}

function limitOf(figure: number, margin: number): Limited {
  return { figure, limit: Math.ceil(figure * margin) };
}

/** The budget of a size that was measured: limits a little above its figures. */
export function entryOf({ figures, processorSeconds }: Measured): Entry {
  const { counts, parts, path } = figures;
  const limited = KINDS.map(
    (kind) => [kind, limitOf(counts[kind], EXACT.has(kind) ? 1 : MARGIN)] as const,
  );
  const limits = { ...Object.fromEntries(limited), delayPs: limitOf(path.ps, PATH_MARGIN) };
  return EntryShape.parse({ processorSeconds, limits, path: describePath(path), parts });
}

/** `{ luts: 12, flipFlops: 3 }`: what is 0 is left out. */
function withoutNothing(counts: Counts): Partial<Counts> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function plainOf({ parts, ...rest }: Entry): object {
  const lines = Object.entries(parts).map(([part, counts]) => [part, withoutNothing(counts)]);
  return { ...rest, parts: Object.fromEntries(lines) };
}

const PROGRAM = 'node --import ./tools/register.mjs hardware/netfpga/synth/synth.ts';
const HEAD = ` Written by: ${PROGRAM} --update`;
/** Of maps around a map that stands on one line. */
const DEPTH_OF_LINES = 4;

/** The text of `budget.yaml`. */
export function budgetText({ made, sizes }: Budget): string {
  const entries = Object.entries(sizes).map(([name, entry]) => [name, plainOf(entry)]);
  const document = new Document({ made, sizes: Object.fromEntries(entries) });
  document.commentBefore = HEAD;
  visit(document, {
    Map(_, map, around) {
      map.flow = around.filter((node) => isMap(node)).length === DEPTH_OF_LINES;
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true });
}

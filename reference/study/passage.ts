/** What a study has to say: sections of text, tables and charts, as data. */
import type { Cluster } from './cluster.ts';
import type { RunResult } from './run.ts';

/** A statement with the figures that decide it. */
export interface Finding {
  readonly text: string;
  readonly holds: boolean;
  readonly figures: string;
}

/** A table; all of it is text, the first column names the row. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A chart over categories, with a line or with bars for each series. */
export interface Chart {
  readonly title: string;
  /** A curve is a line whose categories are numbers, drawn as far apart as they are. */
  readonly kind: 'line' | 'bar' | 'curve';
  readonly categories: readonly string[];
  readonly categoryName: string;
  readonly valueName: string;
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** One section of the page. */
export interface Passage {
  readonly title: string;
  readonly text: readonly string[];
  readonly findings: readonly Finding[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
}

/** Looks a result up; throws for a cluster that nobody asked for. */
export type Results = (cluster: Cluster) => RunResult;

/** A section before its runs: what it wants to know, and what it makes of it. */
export interface Section {
  readonly clusters: readonly Cluster[];
  tell(results: Results): Passage;
}

/** Requests in a second, without a fraction. */
export function rateText(perSecond: number): string {
  return Math.round(perSecond).toString();
}

/** A share of 0 … 1 in per cent. */
export function percentText(share: number): string {
  return (100 * share).toFixed(1);
}

/** How many times as much `a` is as `b`. */
export function ratioText(a: number, b: number): string {
  return b === 0 ? '–' : (a / b).toFixed(2);
}

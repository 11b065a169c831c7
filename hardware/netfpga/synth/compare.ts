/** What is over its limit, in sentences. */
import type { Entry, Limited } from './budget.ts';
import { describePath, KINDS, NO_COUNTS, type Counts, type Figures } from './figures.ts';

const LABELS: Readonly<Record<keyof Counts, string>> = {
  luts: 'LUTs that compute',
  ramLuts: 'LUTs that are RAM',
  shiftLuts: 'LUTs that are shift registers',
  flipFlops: 'flip-flops',
  carries: 'CARRY4',
  ramb18: 'RAMB18',
  ramb36: 'RAMB36',
};

/** The part that has more than the budget says, by the most. */
function grownMost(kind: keyof Counts, before: Entry['parts'], now: Figures['parts']): string {
  const [most] = Object.entries(now)
    .map(([part, counts]) => {
      const was = (before[part] ?? NO_COUNTS)[kind];
      return { part, was, is: counts[kind] };
    })
    .toSorted((a, b) => b.is - b.was - (a.is - a.was));
  if (most === undefined || most.is <= most.was) return 'no part grew';
  return `${most.part} grew most, from ${most.was} to ${most.is}`;
}

/** A sentence for each figure of the size `name` that is over its limit. */
export function excesses(name: string, budget: Entry, now: Figures): readonly string[] {
  const { limits, parts, path } = budget;
  const over = KINDS.filter((kind) => now.counts[kind] > limits[kind].limit).map((kind) => {
    const grown = grownMost(kind, parts, now.parts);
    return `${name}: ${now.counts[kind]} ${LABELS[kind]}, limit ${limits[kind].limit}: ${grown}`;
  });
  const { ps } = now.path;
  if (ps <= limits.delayPs.limit) return over;
  const slow = `a path of ${ps} ps, limit ${limits.delayPs.limit} ps`;
  return [...over, `${name}: ${slow}: ${describePath(now.path)}; it was ${path}`];
}

/** So much smaller than the budget says that its limits would notice little. */
const SLACK = 0.95;

/** Whether the core has become much smaller or faster than its budget. */
export function isSlack({ limits }: Entry, { counts, path }: Figures): boolean {
  const isFar = (budget: Limited, figure: number): boolean => figure < budget.figure * SLACK;
  return isFar(limits.delayPs, path.ps) || KINDS.some((kind) => isFar(limits[kind], counts[kind]));
}

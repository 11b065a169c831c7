/**
 * Failures that another failure explains.
 *
 * A scenario about rules or resets sends whole frames. When a device gets every checksum wrong,
 * such a scenario sees that too, and says nothing about what it was written for. Its requirement is
 * then undecided, and the one that the wrong checksum belongs to is the one that failed.
 */
import { homesOf, type Aspect } from '../observe/aspect.ts';
import type { CaseResult } from './collect.ts';

/** A requirement that failed, and the scenarios that failed it. */
export interface Failed {
  readonly id: string;
  readonly cases: readonly CaseResult[];
}

/** The requirements that are to blame for a wrong aspect, wherever it is come upon. */
export type Culprits = ReadonlyMap<Aspect, readonly string[]>;

/**
 * Aspects in which the requirement that they belong to has failed in a scenario of its own.
 *
 * A replay of a whole connection has a reset or a close in it too: what fails there explains
 * nothing.
 */
export function culpritsAmong(failed: readonly Failed[]): Culprits {
  const culprits = new Map<Aspect, readonly string[]>();
  for (const { id, cases } of failed) {
    const alone = cases.filter(
      ({ requirements, broken }) => requirements[0] === id && broken.length === 0,
    );
    for (const { aspect } of alone.flatMap(({ faults }) => faults)) {
      const known = culprits.get(aspect) ?? [];
      if (homesOf(aspect).includes(id)) culprits.set(aspect, [...new Set([...known, id])]);
    }
  }
  return culprits;
}

/** The culprit of everything that one scenario found, if it is another than `id`. */
function culpritOf(id: string, { faults }: CaseResult, culprits: Culprits): string | undefined {
  const blamed = faults.map(({ aspect, own }) => (own ? [] : (culprits.get(aspect) ?? [])));
  const explained = blamed.every((all) => all.length > 0 && !all.includes(id));
  return explained ? blamed[0]?.[0] : undefined;
}

/** The requirement whose failure explains all that `failed` came upon; undefined if not all. */
export function explanationOf({ id, cases }: Failed, culprits: Culprits): string | undefined {
  const explained = cases.map((each) => culpritOf(id, each, culprits));
  return explained.every((each) => each !== undefined) ? explained[0] : undefined;
}

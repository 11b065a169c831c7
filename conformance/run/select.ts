/**
 * What `SPEC` on the command line selects.
 *
 *   PRISM-SEQ-04     one requirement          RFC9293/3.10.7   what a section of an RFC demands
 *   PRISM-SEQ        a group                  @client-reset    a tag of the feature files
 *   !PRISM-SEQ-04    everything but that
 */
import type { Result } from 'scapy-ts';
import { requirementsFrom } from '../catalogue/catalogue.ts';
import type { Requirement } from '../catalogue/requirement.ts';

/** What a selector looks at: a scenario's requirements and tags. */
export interface Candidate {
  readonly requirements: readonly Requirement[];
  readonly tags: readonly string[];
}

/** Whether a scenario is selected. */
export type Selector = (candidate: Candidate) => boolean;

/** What a selection may speak of. */
export interface Vocabulary {
  readonly requirements: readonly Requirement[];
  readonly tags: readonly string[];
}

function matches(requirement: Requirement, spec: string): boolean {
  return (
    requirement.id === spec ||
    requirement.group === spec.replace(/^PRISM-/u, '') ||
    requirementsFrom(spec).includes(requirement)
  );
}

function suggestion(spec: string, { requirements, tags }: Vocabulary): string {
  const group = /^(?:PRISM-)?(?<group>[A-Z]+)/u.exec(spec)?.groups?.['group'];
  const known = requirements.filter((requirement) => requirement.group === group);
  if (spec.startsWith('@')) return `known tags: ${[...new Set(tags)].toSorted().join(' ')}`;
  const [first, last] = [known[0], known.at(-1)];
  if (first !== undefined && last !== undefined) return `known: ${first.id} to ${last.id}`;
  const groups = [...new Set(requirements.map((each) => `PRISM-${each.group}`))];
  return `known groups: ${groups.join(' ')}; or RFC9293, RFC9293/3.4, @tag, !SPEC`;
}

/**
 * Reads the `SPEC` words of a command line.
 *
 * Scenarios that any plain word takes, or all if there is none, less those that a `!` word takes.
 * The error is a sentence that names the unknown word and what is known.
 */
export function parseSelection(
  specs: readonly string[],
  vocabulary: Vocabulary,
): Result<Selector, string> {
  for (const spec of specs) {
    const word = spec.replace(/^!/u, '');
    const known = word.startsWith('@')
      ? vocabulary.tags.includes(word)
      : vocabulary.requirements.some((requirement) => matches(requirement, word));
    if (!known) {
      return { ok: false, error: `unknown requirement: ${word}; ${suggestion(word, vocabulary)}` };
    }
  }
  const takes = (word: string, { requirements, tags }: Candidate): boolean =>
    word.startsWith('@')
      ? tags.includes(word)
      : requirements.some((requirement) => matches(requirement, word));
  const wanted = specs.filter((spec) => !spec.startsWith('!'));
  const unwanted = specs.filter((spec) => spec.startsWith('!')).map((spec) => spec.slice(1));
  return {
    ok: true,
    value: (candidate) =>
      (wanted.length === 0 || wanted.some((word) => takes(word, candidate))) &&
      !unwanted.some((word) => takes(word, candidate)),
  };
}

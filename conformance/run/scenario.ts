/**
 * What a scenario's name and tags say: which requirements it judges and what a device needs for it.
 *
 * The requirement stands first in the name. A replay judges more than one: the others are tags.
 */
import { CAPABILITIES, type Capability } from '../catalogue/capability.ts';
import { requirementOf } from '../catalogue/catalogue.ts';

const ID = /^PRISM-[A-Z]+-\d\d$/u;

/** Ids of the requirements that a scenario judges, its own first. */
export function requirementsOf(name: string, tags: readonly string[]): readonly string[] {
  const own = name.split(' ', 1).filter((word) => ID.test(word));
  const others = tags.map((tag) => tag.slice(1)).filter((tag) => ID.test(tag));
  return [...new Set([...own, ...others])];
}

/** Capabilities that a device needs for a scenario: its requirement's, and those of its tags. */
export function needsOf(name: string, tags: readonly string[]): readonly Capability[] {
  const [own] = requirementsOf(name, []);
  const fromTags = tags.flatMap((tag) => {
    const capability = /^@needs-(?<name>\w+)$/u.exec(tag)?.groups?.['name'];
    return CAPABILITIES.filter((each) => each === capability);
  });
  const requirement = own === undefined ? undefined : requirementOf(own);
  return [...new Set([...(requirement?.needs ?? []), ...fromTags])];
}

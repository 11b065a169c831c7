/**
 * A dictionary of texts, and which of them are in a longer text.
 *
 * At each position the first octets say whether a text of the dictionary may begin there, and which
 * lengths it may have; so what is not there is passed over with a look or two. Aho and Corasick's
 * automaton has the better bound, and a node for each octet of the dictionary.
 */

/** How many octets are looked at first. */
const HEAD_OCTETS = 4;

/** Texts to be found. */
export interface SubstringDictionary {
  /** Adds a text of one octet or more. */
  add(text: string): void;
  /** Those of its texts that are in one of `texts`. */
  presentIn(texts: readonly string[]): ReadonlySet<string>;
}

/** A dictionary of no texts. */
export function createSubstringDictionary(): SubstringDictionary {
  const known = new Set<string>();
  const lengthsByHead = new Map<string, number[]>();
  const headLengths: number[] = [];

  function* textsAt(text: string, at: number): Iterable<string> {
    for (const headLength of headLengths) {
      for (const length of lengthsByHead.get(text.slice(at, at + headLength)) ?? []) {
        const part = text.slice(at, at + length);
        if (known.has(part)) yield part;
      }
    }
  }

  return {
    add(text): void {
      known.add(text);
      const head = text.slice(0, HEAD_OCTETS);
      const lengths = lengthsByHead.get(head);
      if (lengths === undefined) lengthsByHead.set(head, [text.length]);
      else if (!lengths.includes(text.length)) lengths.push(text.length);
      if (!headLengths.includes(head.length)) headLengths.push(head.length);
    },
    presentIn(texts): ReadonlySet<string> {
      const present = new Set<string>();
      for (const text of texts) {
        for (let at = 0; at < text.length; at += 1) {
          for (const part of textsAt(text, at)) present.add(part);
        }
      }
      return present;
    },
  };
}

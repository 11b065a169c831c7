/** Texts as octets and octets as texts, one letter an octet. */

/** No octets at all: the key of what has none. */
export const NO_OCTETS: Uint8Array = new Uint8Array(0);

const ENCODER = new TextEncoder();

/** The octets of a text in which each letter stands for one octet, as in a request's path. */
export function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

/** A text with one letter an octet, so that two keys are never one. */
export function lettersOf(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

/** The octets of a name, which may have any letters. */
export function nameOctets(name: string): Uint8Array {
  return ENCODER.encode(name);
}

/** Orders octets as memcmp does, and what is shorter first. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Octets for framers, and what came of them in a form that is easy to compare. */
import type { MessageEvent } from '../../../reference/http/message.ts';

/** The octets of a text, one a character. */
export function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Events with adjacent `body` events made one. */
export function merged<Head>(events: readonly MessageEvent<Head>[]): readonly MessageEvent<Head>[] {
  const result: MessageEvent<Head>[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (event.kind === 'body' && last?.kind === 'body' && last.end === event.start) {
      result[result.length - 1] = { ...event, start: last.start };
    } else result.push(event);
  }
  return result;
}

/** `head 0-20`, `body 20-25`, `end 25`, `reject 25 400 bare-lf`. */
export function brief<Head>(event: MessageEvent<Head>): string {
  switch (event.kind) {
    case 'head':
    case 'body':
      return `${event.kind} ${event.start}-${event.end}`;
    case 'end':
    case 'tunnel':
      return `${event.kind} ${event.at}`;
    case 'reject':
      return `reject ${event.at} ${event.status} ${event.reason}`;
    default:
      return event satisfies never;
  }
}

/** `octets` in pieces that end at the given indices. */
export function cut(octets: Uint8Array, ends: readonly number[]): readonly Uint8Array[] {
  const marks = [
    ...new Set([0, ...ends.map((end) => Math.min(end, octets.length)), octets.length]),
  ];
  const sorted = marks.toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => octets.subarray(sorted[index], end));
}

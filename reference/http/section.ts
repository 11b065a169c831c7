/**
 * Lines that end in CRLF, up to a blank line, from octets that come in any portions.
 *
 *   head      [CRLF] first-line CRLF *( field-line CRLF ) CRLF
 *   trailers                         *( field-line CRLF ) CRLF
 *   line      first-line CRLF
 *
 * RFC 9112 sections 2.1 and 2.2. CR and LF stand nowhere but together, and a line has no other
 * control character than HTAB. No octet is scanned twice, and none is kept but of a section that
 * has not ended.
 */
import type { Fault, RejectReason } from './reject.ts';

/** A section that has not ended. */
export interface Section {
  /** Its octets, the first `length` of the buffer. */
  kept: Uint8Array;
  length: number;
  /** What is known of them: where scanning goes on, where its line begins, lines before it. */
  scanned: number;
  lineStart: number;
  lines: number;
  hasObsText: boolean;
}

/** What ends a section, and its limits. */
export interface SectionForm {
  readonly kind: 'head' | 'trailers' | 'line';
  /** Most empty lines before the first line of a head. */
  readonly emptyLines: 0 | 1;
  /** Most octets of the first line; CRLF not counted. */
  readonly firstLineOctets: number;
  /** Most octets in all. */
  readonly octets: number;
  readonly fields: number;
  /** The rule that a section breaks by its length. */
  readonly tooLong: RejectReason;
}

/** What reading came to; offsets of faults are from the section's first octet. */
export type SectionRead =
  | { readonly kind: 'more' }
  | {
      readonly kind: 'whole';
      /** The lines, CRLF between them, one character an octet. */
      readonly text: string;
      /** Offset of `text` from the section's first octet. */
      readonly textAt: number;
      /** Index of the first octet after the section. */
      readonly next: number;
    }
  | { readonly kind: 'fault'; readonly fault: Fault };

const CR = 13;
const LF = 10;
const EMPTY = new Uint8Array();
const MORE: SectionRead = { kind: 'more' };
const ASCII = new TextDecoder();

/** What an octet is: 1 is ASCII text with HTAB and SP, 2 is obs-text, 0 is a control character. */
const CLASS: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet >= 128) return 2;
  return octet === 9 || (octet >= 32 && octet !== 127) ? 1 : 0;
});

/** A section of which nothing has come. */
export function createSection(): Section {
  return { kept: EMPTY, length: 0, scanned: 0, lineStart: 0, lines: 0, hasObsText: false };
}

/** Forgets what has come of a section. */
export function clearSection(section: Section): void {
  section.kept = EMPTY;
  section.length = 0;
  section.scanned = 0;
  section.lineStart = 0;
  section.lines = 0;
  section.hasObsText = false;
}

/** Whether nothing has come of a section, or of an empty line before it. */
export function isEmptyLine({ kept, length }: Section): boolean {
  // A first line never begins with CR.
  return length === 0 || (length <= 2 && kept[0] === CR);
}

/**
 * Reads on in a section with `octets` from index `at`: its end, a fault, or all of them are kept.
 *
 * After its end and after a fault the section is clear.
 */
export function readSection(
  section: Section,
  form: SectionForm,
  octets: Uint8Array,
  at: number,
): SectionRead {
  const before = section.length;
  if (before > 0) {
    keep(section, form, octets, at);
    return close(section, scan(section, form, section.kept, 0, section.length), at - before);
  }
  const read = scan(section, form, octets, at, octets.length);
  if (read.kind === 'more') keep(section, form, octets, at);
  return close(section, read, 0);
}

/** Appends octets, but not more than decide that a section is too long. */
function keep(section: Section, form: SectionForm, octets: Uint8Array, at: number): void {
  const taken = Math.min(octets.length - at, form.octets + 2 - section.length);
  const length = section.length + taken;
  if (length > section.kept.length) {
    const grown = new Uint8Array(Math.min(form.octets + 2, Math.max(256, 2 * length)));
    grown.set(section.kept.subarray(0, section.length));
    section.kept = grown;
  }
  section.kept.set(octets.subarray(at, at + taken), section.length);
  section.length = length;
}

function close(section: Section, read: SectionRead, shift: number): SectionRead {
  if (read.kind === 'more') return read;
  clearSection(section);
  return read.kind === 'whole' && shift !== 0 ? { ...read, next: read.next + shift } : read;
}

/** Scans the section that begins at `start` and of which octets have come as far as `end`. */
function scan(
  section: Section,
  form: SectionForm,
  buffer: Uint8Array,
  start: number,
  end: number,
): SectionRead {
  const last = start + form.octets;
  for (;;) {
    const lineStart = start + section.lineStart;
    const isFirst = section.lines === 0 && form.kind !== 'trailers';
    const edge = isFirst ? Math.min(last - 2, lineStart + form.firstLineOctets) : last - 2;
    const at = skipText(section, buffer, start + section.scanned, Math.min(end, edge));
    section.scanned = at - start;
    if (at >= end) return MORE;
    const octet = buffer[at] ?? 0;
    if (octet !== CR || at + 2 > last) {
      return fault(at >= last - 2 ? form.tooLong : notLineEnd(octet), at - start);
    }
    if (at + 1 === end) return MORE;
    if (buffer[at + 1] !== LF) return fault('bare-cr', at - start);
    if (form.kind === 'line') return whole(section, buffer, start, at, at + 2);
    const isEmpty = at === lineStart;
    if (isEmpty && !isFirst) return whole(section, buffer, start, at - 2, at + 2);
    const reason = isEmpty ? tooManyEmpty(section, form) : tooManyFields(section, form);
    if (reason !== undefined) return fault(reason, section.lineStart);
    section.scanned += 2;
    section.lineStart = section.scanned;
    if (!isEmpty) section.lines += 1;
  }
}

/** The index of the first control character from `at` on, or `stop`. */
function skipText(section: Section, buffer: Uint8Array, at: number, stop: number): number {
  let classes = 0;
  let index = at;
  for (; index < stop; index += 1) {
    const found = CLASS[buffer[index] ?? 0] ?? 0;
    if (found === 0) break;
    classes |= found;
  }
  if ((classes & 2) !== 0) section.hasObsText = true;
  return index;
}

function fault(reason: RejectReason, at: number): SectionRead {
  return { kind: 'fault', fault: { reason, at } };
}

function notLineEnd(octet: number): RejectReason {
  if (octet === LF) return 'bare-lf';
  return CLASS[octet] === 0 ? 'control-octet' : 'start-line-octets';
}

function tooManyEmpty(section: Section, form: SectionForm): RejectReason | undefined {
  return section.lineStart / 2 < form.emptyLines ? undefined : 'empty-line';
}

function tooManyFields(section: Section, form: SectionForm): RejectReason | undefined {
  const fields = form.kind === 'head' ? section.lines : section.lines + 1;
  return fields > form.fields ? 'field-count' : undefined;
}

/** The section whose text ends at `end`, and the octets after which begin at `next`. */
function whole(
  section: Section,
  buffer: Uint8Array,
  start: number,
  end: number,
  next: number,
): SectionRead {
  // A first line never begins with CR: this is an empty line before it.
  const textAt = section.lines > 0 && buffer[start] === CR ? 2 : 0;
  const octets = buffer.subarray(start + textAt, Math.max(start + textAt, end));
  const text = section.hasObsText ? decodeLatin1(octets) : ASCII.decode(octets);
  return { kind: 'whole', text, textAt, next };
}

/** One character an octet; the decoder of that name would read windows-1252. */
function decodeLatin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

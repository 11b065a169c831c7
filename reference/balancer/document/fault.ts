/** What is wrong in a document, where, and what to do about it. */

/** One fault of a document. */
export interface DocumentFault {
  /** From 1 on. */
  readonly line: number;
  /** In letters, from 1 on. */
  readonly column: number;
  /** The field, as `services[0].servers[1].weight`; empty for the whole. */
  readonly field: string;
  /** What is there, shortened. */
  readonly found: string;
  readonly expected: string;
  /** What to do. */
  readonly advice: string;
}

/** Where something is in a document: names of fields, and numbers of items. */
export type Path = readonly (string | number)[];

/** A fault whose line is not known yet. */
export interface Objection extends Pick<DocumentFault, 'expected' | 'advice'> {
  readonly path: Path;
  /** Whether the name of the field is to blame, and not what it has. */
  readonly isOfName?: boolean;
}

const FOUND_MAX = 40;

/** `switch.yaml:12:9 services[0].address: found "10.0.0", expected an IPv4 address; replace it`. */
export function formatDocumentFault(fault: DocumentFault, file: string): string {
  const { line, column, field, found, expected, advice } = fault;
  const place = [`${file}:${line}:${column}`, field].filter((part) => part !== '').join(' ');
  return `${place}: found ${found}, expected ${expected}; ${advice}`;
}

/** A path as people write it. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index > 0 ? `.${step}` : step))
    .join('');
}

/** A single value as it is found, in one short line. */
export function formatFound(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > FOUND_MAX ? `${text.slice(0, FOUND_MAX)}…` : text;
}

/** YAML text as values, and where in the text each of them stands. */
import type { Result } from 'scapy-ts';
import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type Document,
} from 'yaml';
import { formatFound, formatPath, type DocumentFault, type Objection, type Path } from './fault.ts';

/** A text that is YAML. */
export interface Source {
  /** Texts, numbers, truth values, lists and records. */
  readonly value: unknown;
  /** The fault that an objection to some part of it is. */
  readonly locate: (objection: Objection) => DocumentFault;
}

/** The longest text that is read, in letters. */
export const TEXT_MAX: number = 2 ** 24;
const DEPTH_MAX = 64;

/** Reads YAML 1.2 without aliases; never throws. */
export function readSource(text: string): Result<Source, readonly DocumentFault[]> {
  if (text.length > TEXT_MAX) {
    return refuse(`${text.length} letters`, `${TEXT_MAX} at most`, 'make two switches of it');
  }
  // Composed in spite of this, a text of brackets alone ends the process, not only the call.
  if (isDeep(text)) {
    return refuse('much in one another', `${DEPTH_MAX} levels at most`, 'close what is open');
  }
  return compose(text);
}

/** Whether lists and records are deeper in one another than who calls himself can follow. */
function isDeep(text: string): boolean {
  const left = [...new Parser().parse(text)].map((token) => ({ token, depth: 0 }));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next;
    if (depth > DEPTH_MAX) return true;
    if (token.type === 'document' && token.value !== undefined) {
      left.push({ token: token.value, depth });
    }
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      for (const inner of [key, value]) if (inner) left.push({ token: inner, depth: depth + 1 });
    }
  }
  return false;
}

function compose(text: string): Result<Source, readonly DocumentFault[]> {
  const lines = linesOf(text);
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
  const faultAt = (offset: number, rest: Omit<DocumentFault, 'line' | 'column'>): DocumentFault => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, ...rest };
  };
  const faults = [...document.errors, ...document.warnings].map(({ message, pos: [at] }) =>
    faultAt(at, { field: '', found: message, expected: 'YAML', advice: 'mend it' }),
  );
  visit(document, {
    Alias(_, { source, range }) {
      const found = `the alias *${source}`;
      const advice = 'write out what it stands for';
      faults.push(faultAt(range?.[0] ?? 0, { field: '', found, expected: 'no aliases', advice }));
    },
  });
  if (faults.length > 0) return { ok: false, error: firstOfLines(faults) };
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  return {
    ok: true,
    value: {
      value,
      locate: ({ path, isOfName = false, ...rest }) =>
        faultAt(offsetOf(document, path, isOfName), {
          field: formatPath(path),
          found: isOfName ? `the field ${JSON.stringify(path.at(-1))}` : foundAt(document, path),
          ...rest,
        }),
    },
  };
}

/** Counted here, for after an error the parser passes over lines without counting them. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1);
  }
  return lines;
}

/** What comes after an error in its line comes of it. */
function firstOfLines(faults: readonly DocumentFault[]): readonly DocumentFault[] {
  const known = new Set<number>();
  return faults
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .filter(({ line }) => !known.has(line) && known.add(line));
}

/** Where the value at `path` begins, or the name of it, or else what it is missing in. */
function offsetOf(document: Document, path: Path, isOfName: boolean): number {
  if (isOfName) {
    const parent = document.getIn(path.slice(0, -1), true);
    const pairs = isMap(parent) ? parent.items : [];
    const pair = pairs.find(({ key }) => isScalar(key) && key.value === path.at(-1));
    if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
  }
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function foundAt(document: Document, path: Path): string {
  const node = document.getIn(path, true);
  if (isMap(node)) return 'fields';
  return isScalar(node) ? formatFound(node.value) : node === undefined ? 'nothing' : 'a list';
}

function refuse(
  found: string,
  expected: string,
  advice: string,
): Result<Source, readonly DocumentFault[]> {
  return { ok: false, error: [{ line: 1, column: 1, field: '', found, expected, advice }] };
}

/**
 * Text that a person wrote: YAML against a schema, with errors that name file, line and column.
 *
 *   target.yaml:6:17 ports.client0: expected a number
 */
import type { Result } from 'scapy-ts';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** `line:column` of the node at `path`, or of the nearest one above it. */
function position(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return `${line}:${col}`;
    }
  }
  return '1:1';
}

/** What a YAML text is read as. */
export interface YamlKind<T> {
  readonly schema: z.ZodType<T>;
  /** What the whole is called where no field is to blame, e.g. `target`. */
  readonly name: string;
}

/**
 * Reads `text`, the content of the file `path`, as `kind`.
 *
 * The error is one line that says where and what was expected. Aliases are refused.
 */
export function parseYaml<T>(text: string, path: string, kind: YamlKind<T>): Result<T, string> {
  const { schema, name } = kind;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [bad] = document.errors;
  if (bad !== undefined) {
    const { line, col } = lines.linePos(bad.pos[0]);
    return { ok: false, error: `${path}:${line}:${col} not YAML: ${bad.message}` };
  }
  const complain = (at: readonly PropertyKey[], message: string): Result<T, string> => {
    const field = at.length === 0 ? name : at.join('.');
    return { ok: false, error: `${path}:${position(document, lines, at)} ${field}: ${message}` };
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 0 });
  } catch {
    return complain([], 'expected no aliases');
  }
  const parsed = schema.safeParse(plain);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return complain(issue?.path ?? [], issue?.message ?? `not a ${name}`);
}

/** Baselines as text: entries in a stable order, with the comments that people wrote at them. */
import { Document, isNode, isSeq, parseDocument, type YAMLSeq } from 'yaml';
import { formatFingerprint } from '../run/fingerprint.ts';
import { formatEntry, type BaselineEntry } from './entry.ts';
import type { Renewal } from './update.ts';

/** What is to be written over the text of a baseline file. */
export interface Rewriting {
  /** The entries of that text, in its order. */
  readonly before: readonly BaselineEntry[];
  /** Those of them that go. */
  readonly dropped: readonly BaselineEntry[];
  readonly renewed: readonly Renewal[];
  readonly added: readonly BaselineEntry[];
}

const HEAD = ' Known failures. prismspec run --baseline FILE; docs/howto/baseline.md';

function seqOf(document: Document): YAMLSeq {
  const entries = document.get('entries');
  if (!isSeq(entries)) throw new Error('a baseline without entries was not refused');
  return entries;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The text of a baseline after `rewriting`; `text` is the valid one before, if there was one. */
export function rewriteBaseline(text: string | undefined, rewriting: Rewriting): string {
  const { before, dropped, renewed, added } = rewriting;
  const document = text === undefined ? new Document({ entries: [] }) : parseDocument(text);
  if (text === undefined) document.commentBefore = HEAD;
  const entries = seqOf(document);
  entries.flow = false;
  const [first] = entries.items;
  // What stands above the first entry is read as a comment on the list, and would stay behind.
  if (isNode(first) && entries.commentBefore) {
    first.commentBefore = entries.commentBefore;
    entries.commentBefore = null;
  }
  renewed.forEach(({ before: old, after }) => {
    document.setIn(['entries', before.indexOf(old), 'issue'], after.issue);
    document.setIn(['entries', before.indexOf(old), 'expires'], after.expires);
  });
  const nodes = [
    ...before.map((entry, index) => ({ entry, node: entries.items[index] })),
    ...added.map((entry) => {
      const { fingerprint, ...rest } = entry;
      const plain = { fingerprint: formatFingerprint(fingerprint), ...rest };
      return { entry, node: document.createNode(plain) };
    }),
  ];
  entries.items = nodes
    .filter(({ entry }) => !dropped.includes(entry))
    .toSorted((a, b) => compareText(formatEntry(a.entry), formatEntry(b.entry)))
    .map(({ node }) => node);
  return document.toString({ lineWidth: 0 });
}

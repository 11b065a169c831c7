/** P4Info: what is read of it, and that what is wrong with it is named. */
import test from 'ava';
import { lostPath } from '../../../hardware/p4runtime/lost.ts';
import { parseP4Info } from '../../../hardware/p4runtime/p4info.ts';
import { P4INFO } from './program.ts';

const FORWARD = {
  id: 16777217,
  name: 'Ingress.forward',
  params: [
    { id: 1, name: 'to', bits: 9 },
    { id: 2, name: 'mac', bits: 48 },
  ],
};
const DROP = { id: 16777218, name: 'Ingress.drop', params: [] };

/** `P4INFO` with the value at `path` replaced, or removed. */
function changed(path: readonly (string | number)[], value?: unknown): unknown {
  const copy: unknown = structuredClone(P4INFO);
  let at: unknown = copy;
  for (const step of path.slice(0, -1)) at = Reflect.get(Object(at), step);
  const last = path.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(Object(at), last);
  else Reflect.set(Object(at), last, value);
  return copy;
}

test('tables, actions and counters are found by name, with widths and kinds of match', (t) => {
  const parsed = parseP4Info(P4INFO);
  t.true(parsed.ok);
  if (!parsed.ok) return;
  t.deepEqual(parsed.value.tables, [
    {
      id: 33554433,
      name: 'Ingress.flows',
      fields: [
        { id: 1, name: 'src', bits: 128, match: 'exact' },
        { id: 2, name: 'port', bits: 16, match: 'exact' },
      ],
      actions: [FORWARD, DROP],
      size: 1024,
      ages: false,
      counts: false,
    },
    {
      id: 33554434,
      name: 'Ingress.routes',
      fields: [{ id: 1, name: 'dst', bits: 32, match: 'lpm' }],
      actions: [FORWARD, DROP],
      size: 4,
      ages: true,
      counts: true,
    },
    {
      id: 33554435,
      name: 'Ingress.acl',
      fields: [
        { id: 1, name: 'dst', bits: 9, match: 'ternary' },
        { id: 2, name: 'src', bits: 32, match: 'lpm' },
        { id: 3, name: 'flag', bits: 1, match: 'exact' },
      ],
      actions: [FORWARD, DROP],
      size: 64,
      ages: false,
      counts: false,
    },
  ]);
  t.deepEqual(parsed.value.counters, [{ id: 301989889, name: 'Ingress.seen', size: 8 }]);
});

const WRONG: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /^P4Info: Invalid/u],
  [changed(['tables', 1, 'preamble', 'name']), /tables\.1\.preamble\.name/u],
  [changed(['tables', 0, 'matchFields', 1, 'bitwidth']), /bitwidth \(port\)/u],
  [changed(['tables', 0, 'matchFields', 1, 'matchType'], 'RANGE'), /\(port\): a match that is/u],
  [changed(['tables', 2, 'actionRefs']), /actionRefs \(Ingress\.acl\)/u],
  [changed(['tables', 0, 'actionRefs', 0, 'id'], 7), /Ingress\.flows: no action has the id 7/u],
  [changed(['actions', 0, 'params', 0, 'bitwidth'], 0), /params\.0\.bitwidth \(to\)/u],
  [changed(['counters', 0, 'size'], 'many'), /counters\.0\.size \(Ingress\.seen\)/u],
];

test('what is wrong with P4Info is said with its place, in one line', (t) => {
  for (const [json, expected] of WRONG) {
    const parsed = parseP4Info(json);
    t.false(parsed.ok);
    if (parsed.ok) return;
    t.regex(parsed.error, expected);
    t.notRegex(parsed.error, /\n/u);
  }
});

test('a message has lost what it has not, or has otherwise', (t) => {
  const json = { a: [{ size: '12', kind: 'EXACT' }], doc: { brief: 'for people' } };
  t.is(lostPath(json, { a: [{ size: 12, kind: 'EXACT', more: 0 }] }), undefined);
  t.is(lostPath(json, { a: [{ size: '12', kind: 'UNSPECIFIED' }] }), 'a.0.kind');
  t.is(lostPath(json, { a: [] }), 'a.0');
  t.is(lostPath({ b: {} }, {}), 'b');
});

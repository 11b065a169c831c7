import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseAiger, type Aig } from '../../../hardware/netfpga/formal/aiger.ts';
import { PROPERTIES } from '../../../hardware/netfpga/formal/properties.ts';
import { invert, toDimacs, unroll } from '../../../hardware/netfpga/formal/unroll.ts';

const ROOT = fileURLToPath(new URL('../../../hardware/netfpga', import.meta.url));

/**
 * A bit that an input inverts, from 0; bad where it is 1 while the input is 1; the input is never 0.
 * Variable 1 is the input, 2 the latch; 3 = 1·2, 4 = ¬1·¬2, 5 = ¬3·¬4 is their difference.
 */
const TOGGLE = Uint8Array.from([
  ...new TextEncoder().encode('aig 5 1 1 1 3 1 1\n10\n4\n6\n2\n'),
  6 - 4,
  4 - 2,
  8 - 5,
  5 - 3,
  10 - 9,
  9 - 7,
]);

/** Whether clauses can all hold, by trying all of so few variables. */
function isSatisfiable(dimacs: string): boolean {
  const [head = '', ...lines] = dimacs.trim().split('\n');
  const variables = Number(head.split(' ')[2]);
  const clauses = lines.map((line) => line.split(' ').map(Number).slice(0, -1));
  for (let values = 0; values < 2 ** variables; values++) {
    const isTrue = (literal: number): boolean =>
      ((values >> (Math.abs(literal) - 1)) & 1) === (literal > 0 ? 1 : 0);
    if (clauses.every((clause) => clause.some(isTrue))) return true;
  }
  return false;
}

/** In which of the first frames from the reset an output can be 1. */
function framesOf(aig: Aig, count: number): readonly boolean[] {
  const unrolled = unroll(aig, count, 'reset');
  const all = unrolled.frames.flatMap(({ constraints }) => constraints);
  return unrolled.frames.map(({ outputs }) =>
    isSatisfiable(toDimacs(unrolled, { all, some: outputs })),
  );
}

test('a graph is read as AIGER 1.9 says', (t) => {
  const { inputs, latches, ands, outputs, bads, constraints } = parseAiger(TOGGLE);
  t.is(inputs, 1);
  t.deepEqual(latches, [{ next: 10, reset: 0 }]);
  t.deepEqual([...ands], [4, 2, 5, 3, 9, 7]);
  t.deepEqual([outputs, bads, constraints], [[4], [6], [2]]);
});

test('a graph that is cut off is refused', (t) => {
  t.throws(() => parseAiger(TOGGLE.subarray(0, TOGGLE.length - 1)), {
    message: /middle of an and/u,
  });
  t.throws(() => parseAiger(TOGGLE.subarray(0, 10)), { message: /no line/u });
});

test('frames follow from the reset: a bit that is inverted each clock is 1 in every other', (t) => {
  t.deepEqual(framesOf(parseAiger(TOGGLE), 4), [false, true, false, true]);
});

test('without its promise the input is free, and the bit too from the second frame on', (t) => {
  const free = { ...parseAiger(TOGGLE), constraints: [] };
  t.deepEqual(framesOf(free, 3), [false, true, true]);
});

test('from any state the bit may be 1 at once, and what is known of frame 0 counts in frame 1', (t) => {
  const unrolled = unroll(parseAiger(TOGGLE), 2, 'any');
  const [first, second] = unrolled.frames;
  const all = unrolled.frames.flatMap(({ constraints }) => constraints);
  t.true(isSatisfiable(toDimacs(unrolled, { all, some: first?.bads ?? [] })));
  const known = [...all, ...(first?.bads ?? [])];
  t.false(isSatisfiable(toDimacs(unrolled, { all: known, some: second?.bads ?? [] })));
  const other = [...all, ...(first?.bads ?? []).map(invert)];
  t.true(isSatisfiable(toDimacs(unrolled, { all: other, some: second?.bads ?? [] })));
});

test('the page of the proofs is theirs', (t) => {
  const page = readFileSync(`${ROOT}/formal/README.md`, 'utf8').replaceAll(/ +/gu, ' ');
  const rows = PROPERTIES.map(({ name, says, method, mutants }) => {
    const how = 'clocks' in method ? `${method.kind}, ${method.clocks} clocks` : method.kind;
    return `| \`${name}\` | ${says} | ${how} | ${mutants.length} |`;
  });
  t.deepEqual(
    page.split('\n').filter((line) => line.startsWith('| `')),
    rows,
  );
});

for (const { name, files, mutants, says } of PROPERTIES) {
  test(`formal: ${name}: ${says}: its files and all places of its mutants are there`, (t) => {
    t.true(existsSync(`${ROOT}/formal/${name}.v`));
    t.true(mutants.length > 0);
    for (const { file, from, to, nth = 0 } of mutants) {
      t.true(files.includes(file), `${file} is not part of ${name}`);
      const pieces = readFileSync(`${ROOT}/rtl/prism_${file}.v`, 'utf8').split(from);
      t.true(pieces.length > nth + 1, `${from} is not in prism_${file}.v`);
      t.not(from, to);
    }
  });
}

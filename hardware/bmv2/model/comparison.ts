/** Comparisons and choices between values. */
import { bigData, type Data, numberData, wide } from './data.ts';
import { headersAreEqual } from './header.ts';
import type { Packet } from './packet.ts';
import type { Bool, Expression, HeaderRef } from './reference.ts';
import { isData } from './reference.ts';
import { refuse, unknownTo } from './refusal.ts';

type Test = (packet: Packet) => boolean;
/** Whether a comparison holds, by the sign of left minus right. */
type Holds = (order: number) => boolean;

const COMPARISONS: ReadonlyMap<string, Holds> = new Map<string, Holds>([
  ['==', (order) => order === 0],
  ['!=', (order) => order !== 0],
  ['<', (order) => order < 0],
  ['>', (order) => order > 0],
  ['<=', (order) => order <= 0],
  ['>=', (order) => order >= 0],
]);

/** Whether an operator is a comparison. */
export function isComparison(op: string): boolean {
  return COMPARISONS.has(op);
}

function compareData(op: string, left: Data, right: Data): Test {
  const holds = COMPARISONS.get(op) ?? ((): boolean => false);
  if (left.kind === 'big' || right.kind === 'big') {
    const [l, r] = [wide(left), wide(right)];
    return (p) => {
      const [a, b] = [l(p), r(p)];
      return holds(a < b ? -1 : Number(a > b));
    };
  }
  const [l, r] = [left.read, right.read];
  if (op === '==') return (p) => l(p) === r(p);
  if (op === '!=') return (p) => l(p) !== r(p);
  return (p) => holds(l(p) - r(p));
}

/** Invalid headers are unlike all others, themselves included. */
function headerTest(left: HeaderRef, right: HeaderRef, where: string): Test {
  if (left.type.maxOctets !== undefined) {
    return unknownTo(where, 'a comparison of headers with a varbit');
  }
  if (left.type !== right.type) return () => false;
  return (p) => headersAreEqual(p, left.at(p), right.at(p));
}

function equality(left: Expression, right: Expression, where: string): Test {
  if (left.kind === 'bool' && right.kind === 'bool') return (p) => left.test(p) === right.test(p);
  if (left.kind === 'header' && right.kind === 'header') return headerTest(left, right, where);
  if (left.kind !== right.kind) return refuse(where, 'a comparison of things of two kinds');
  return unknownTo(where, 'a comparison of header stacks');
}

/** Compares; only data has an order. */
export function compare(op: string, left: Expression, right: Expression, where: string): Bool {
  if (isData(left) && isData(right)) return { kind: 'bool', test: compareData(op, left, right) };
  if (op !== '==' && op !== '!=') refuse(where, `${op} of what is not data`);
  const areEqual = equality(left, right, where);
  return { kind: 'bool', test: op === '==' ? areEqual : (p): boolean => !areEqual(p) };
}

/** `test ? yes : no`, of which one side is evaluated. */
export function choose(test: Test, yes: Expression, no: Expression, where: string): Expression {
  if (yes.kind === 'bool' && no.kind === 'bool') {
    return { kind: 'bool', test: (p) => (test(p) ? yes.test(p) : no.test(p)) };
  }
  if (!isData(yes) || !isData(no)) return unknownTo(where, 'a choice between what is not data');
  const min = yes.min < no.min ? yes.min : no.min;
  const max = yes.max > no.max ? yes.max : no.max;
  if (yes.kind === 'number' && no.kind === 'number') {
    const [y, n] = [yes.read, no.read];
    return numberData(min, max, (p) => (test(p) ? y(p) : n(p)));
  }
  const [y, n] = [wide(yes), wide(no)];
  return bigData(min, max, (p) => (test(p) ? y(p) : n(p)));
}

/**
 * A graph with memory, laid out clock by clock as one graph without, and that as clauses.
 *
 *   frame 0      frame 1            frame n
 *   inputs ─┐    inputs ─┐          inputs ─┐
 *   state ──┴▶ state ────┴▶ state ⋯ ────────┴▶ bad states, constraints, outputs
 *
 * The state of frame 0 is the reset's, or any.
 */
import type { Aig, Literal } from './aiger.ts';

/** Ands that are all different; variable 0 is false. */
interface Circuit {
  /** Two literals for each variable; two zeros where it is free. */
  readonly lefts: Literal[];
  readonly rights: Literal[];
  readonly known: Map<number, Literal>;
}

/** What a frame shows. */
export interface Frame {
  readonly bads: readonly Literal[];
  readonly constraints: readonly Literal[];
  readonly outputs: readonly Literal[];
}

/** All frames, in one circuit. */
export interface Unrolled {
  readonly circuit: Circuit;
  readonly frames: readonly Frame[];
}

/** The state that the first frame begins in. */
export type Start = 'reset' | 'any';

const FALSE: Literal = 0;
const TRUE: Literal = 1;
/** More than the variables of any circuit here: two literals make one number below 2^53. */
const PAIR = 2 ** 26;

/** A literal's inverse. */
export function invert(literal: Literal): Literal {
  return literal ^ 1;
}

function addFree({ lefts, rights }: Circuit): Literal {
  rights.push(FALSE);
  return 2 * (lefts.push(FALSE) - 1);
}

function addAnd(circuit: Circuit, one: Literal, other: Literal): Literal {
  const left = Math.max(one, other);
  const right = Math.min(one, other);
  if (right === FALSE || left === invert(right)) return FALSE;
  if (right === TRUE || left === right) return left;
  const pair = left * PAIR + right;
  const found = circuit.known.get(pair);
  if (found !== undefined) return found;
  const own = addFree(circuit);
  circuit.lefts[own / 2] = left;
  circuit.rights[own / 2] = right;
  circuit.known.set(pair, own);
  return own;
}

function firstState(aig: Aig, circuit: Circuit, start: Start): readonly Literal[] {
  return aig.latches.map(({ reset }) =>
    start === 'any' || reset === undefined ? addFree(circuit) : reset,
  );
}

/** Lays out `count` frames of a graph. */
export function unroll(aig: Aig, count: number, start: Start): Unrolled {
  const circuit: Circuit = { lefts: [FALSE], rights: [FALSE], known: new Map() };
  const frames: Frame[] = [];
  let state = firstState(aig, circuit, start);
  for (let index = 0; index < count; index++) {
    const values: Literal[] = [FALSE];
    for (let input = 0; input < aig.inputs; input++) values.push(addFree(circuit));
    for (const literal of state) values.push(literal);
    const valueOf = (literal: Literal): Literal => (values[literal >> 1] ?? FALSE) ^ (literal & 1);
    for (let at = 0; at < aig.ands.length; at += 2) {
      const [left = FALSE, right = FALSE] = aig.ands.subarray(at, at + 2);
      values.push(addAnd(circuit, valueOf(left), valueOf(right)));
    }
    frames.push({
      bads: aig.bads.map(valueOf),
      constraints: aig.constraints.map(valueOf),
      outputs: aig.outputs.map(valueOf),
    });
    state = aig.latches.map(({ next }) => valueOf(next));
  }
  return { circuit, frames };
}

/** What is asked of a solver: each of `all` holds, and one of `some`. */
export interface Question {
  readonly all: readonly Literal[];
  readonly some: readonly Literal[];
}

/** Variables that a question depends on. */
function coneOf({ lefts, rights }: Circuit, { all, some }: Question): Uint8Array {
  const isNeeded = new Uint8Array(lefts.length);
  for (const literal of [...all, ...some]) isNeeded[literal >> 1] = 1;
  for (let variable = lefts.length - 1; variable > 0; variable--) {
    if (isNeeded[variable] === 0) continue;
    isNeeded[(lefts[variable] ?? 0) >> 1] = 1;
    isNeeded[(rights[variable] ?? 0) >> 1] = 1;
  }
  return isNeeded;
}

/** The question in DIMACS' form: satisfiable when there is an answer. Tseitin (1968). */
export function toDimacs({ circuit }: Unrolled, question: Question): string {
  const isNeeded = coneOf(circuit, question);
  const toClause = (literals: readonly Literal[]): string =>
    `${literals.map((each) => ((each >> 1) + 1) * (each % 2 === 0 ? 1 : -1)).join(' ')} 0`;
  const clauses = [toClause([TRUE])];
  for (let variable = 1; variable < isNeeded.length; variable++) {
    const left = circuit.lefts[variable] ?? FALSE;
    const right = circuit.rights[variable] ?? FALSE;
    if (isNeeded[variable] === 0 || left === FALSE) continue;
    const own = 2 * variable;
    clauses.push(toClause([invert(own), left]), toClause([invert(own), right]));
    clauses.push(toClause([own, invert(left), invert(right)]));
  }
  for (const literal of question.all) clauses.push(toClause([literal]));
  clauses.push(toClause(question.some));
  return `p cnf ${isNeeded.length} ${clauses.length}\n${clauses.join('\n')}\n`;
}

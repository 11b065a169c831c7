/** Actions: primitives one after the other, with jumps forward for what was `if` in the source. */
import { constantOf } from './data.ts';
import { compileData, type Scope } from './expression.ts';
import type { Layout } from './layout.ts';
import { type ActionData, NO_ARGS, type Packet, type Step } from './packet.ts';
import type { Externs } from './compiler.ts';
import { compilePrimitive } from './primitive.ts';
import type { ActionEntryJson, ActionJson, CallJson } from './program-json.ts';
import { refuse, unknownTo } from './refusal.ts';
import { hexadecimal } from './json-tree.ts';

/** A parameter that the control plane gives. */
export interface Param {
  readonly name: string;
  /** In bits. */
  readonly width: number;
}

/** A compiled action. */
export interface Action {
  readonly name: string;
  readonly id: number;
  readonly params: readonly Param[];
  readonly run: (packet: Packet, args: ActionData) => void;
}

/** A primitive, or a jump to the primitive with index `to`: always, or when `isZero`. */
type Instruction =
  | { readonly kind: 'step'; readonly run: Step }
  | { readonly kind: 'jump'; readonly to: number; readonly isZero: (packet: Packet) => boolean };

/** Forward only, so that every action ends. */
function jump(call: CallJson, from: number, scope: Scope): Instruction {
  const isConditional = call.op === '_jump_if_zero';
  const where = `${scope.where} (${call.op})`;
  if (call.parameters.length !== (isConditional ? 2 : 1)) refuse(where, 'has other parameters');
  const offset = constantOf(compileData(call.parameters.at(-1), { ...scope, where }));
  if (offset === undefined) return unknownTo(where, 'a computed jump');
  const to = Number(offset);
  if (to <= from) return unknownTo(where, 'a jump back');
  if (!isConditional) return { kind: 'jump', to, isZero: () => true };
  const test = compileData(call.parameters[0], { ...scope, where });
  const { read } = test;
  return { kind: 'jump', to, isZero: (p) => Number(read(p)) === 0 };
}

function sequence(instructions: readonly Instruction[]): Step {
  if (!instructions.some(({ kind }) => kind === 'jump')) {
    const steps = instructions.flatMap((step) => (step.kind === 'step' ? [step.run] : []));
    const [only] = steps;
    if (only !== undefined && steps.length === 1) return only;
    return (p) => {
      for (const step of steps) step(p);
    };
  }
  return (p) => {
    for (let at = 0; at < instructions.length;) {
      const instruction = instructions[at];
      at += 1;
      if (instruction?.kind === 'step') instruction.run(p);
      else if (instruction?.isZero(p) === true) at = instruction.to;
    }
  };
}

/** Compiles an action. */
export function compileAction(json: ActionJson, layout: Layout, externs: Externs): Action {
  const { name, id } = json;
  const params = json.runtime_data.map((param) => ({ name: param.name, width: param.bitwidth }));
  const instructions = json.primitives.map((call, index): Instruction => {
    const where = `action ${name}, primitive ${index}`;
    const scope = { layout, params: params.map(({ width }) => width), where };
    if (call.op === '_jump' || call.op === '_jump_if_zero') return jump(call, index, scope);
    return { kind: 'step', run: compilePrimitive(call, scope, externs) };
  });
  const steps = sequence(instructions);
  return {
    name,
    id,
    params,
    run(packet, args): void {
      packet.args = args;
      steps(packet);
    },
  };
}

/** Arguments as actions read them. */
export function actionData(values: readonly bigint[]): ActionData {
  if (values.length === 0) return NO_ARGS;
  return { numbers: values.map(Number), bigs: values };
}

/** The values of an entry that stands in the program. */
export function argumentsOf(
  json: ActionEntryJson,
  action: Action,
  where: string,
): readonly bigint[] {
  const values = json.action_data.map((text) => hexadecimal(text, where));
  if (values.length !== action.params.length) {
    refuse(where, `action ${action.name} has ${action.params.length} parameters`);
  }
  for (const [index, { name, width }] of action.params.entries()) {
    const value = values[index] ?? 0n;
    if (value < 0n || value >= 1n << BigInt(width)) {
      refuse(where, `parameter ${name} is no number of ${width} bits`);
    }
  }
  return values;
}

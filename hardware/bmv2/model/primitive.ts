/** Primitives: what actions, and parsers through them, do to a packet. */
import { assign, compileTarget, compileVarbit } from './assignment.ts';
import { type Compiler, compileIndex, type Externs } from './compiler.ts';
import { wide } from './data.ts';
import { compileData, compileHeader, compileStack, type Scope } from './expression.ts';
import { countPacket, hashToRange, readRegister, writeRegister } from './extern.ts';
import { clearHeader, copyHeader, isValid, octetsOf, popFront, pushFront } from './header.ts';
import { abort, type Step } from './packet.ts';
import type { CallJson } from './program-json.ts';
import { refuse, unknownTo } from './refusal.ts';

const assignField: Compiler = ([to, from], context) =>
  assign(compileTarget(to, context), compileData(from, context));

const assignVarbit: Compiler = ([to, from], context) => {
  const [target, source] = [compileVarbit(to, context), compileVarbit(from, context)];
  return (p) => void (p.varbits[target.slot] = p.varbits[source.slot] ?? new Uint8Array());
};

const assignHeader: Compiler = ([to, from], context) => {
  const [target, source] = [compileHeader(to, context), compileHeader(from, context)];
  if (target.type !== source.type) refuse(context.where, 'the headers are of two types');
  return (p) => copyHeader(p, target.at(p), source.at(p));
};

const assignStack: Compiler = ([to, from], context) => {
  const [target, source] = [compileStack(to, context), compileStack(from, context)];
  if (target.type !== source.type || target.headers.length !== source.headers.length) {
    refuse(context.where, 'the stacks are of two types or lengths');
  }
  return (p) => {
    p.numbers[target.next] = p.numbers[source.next] ?? 0;
    for (const [index, header] of target.headers.entries()) {
      const other = source.headers[index];
      if (other !== undefined) copyHeader(p, header, other);
    }
  };
};

const addHeader: Compiler = ([json], context) => {
  const { at } = compileHeader(json, context);
  const { lengthSlot } = context.externs;
  return (p) => {
    const header = at(p);
    if (isValid(p, header)) return;
    clearHeader(p, header);
    p.numbers[header.valid.slot] = 1;
    p.numbers[lengthSlot] = (p.numbers[lengthSlot] ?? 0) + octetsOf(p, header);
  };
};

const removeHeader: Compiler = ([json], context) => {
  const { at } = compileHeader(json, context);
  const { lengthSlot } = context.externs;
  return (p) => {
    const header = at(p);
    if (!isValid(p, header)) return;
    p.numbers[lengthSlot] = (p.numbers[lengthSlot] ?? 0) - octetsOf(p, header);
    p.numbers[header.valid.slot] = 0;
  };
};

function shift(move: typeof pushFront): Compiler {
  return ([json, by], context) => {
    const stack = compileStack(json, context);
    const read = compileIndex(by, context);
    return (p) => move(p, stack, read(p));
  };
}

const markToDrop: Compiler = ([json], context) => {
  const { fields } = compileHeader(json, context);
  const spec = fields.find(({ name }) => name === 'egress_spec');
  const group = fields.find(({ name }) => name === 'mcast_grp');
  if (spec?.store !== 'number') return refuse(context.where, 'expected the standard metadata');
  const { dropPort } = context.externs;
  return (p) => {
    p.numbers[spec.slot] = dropPort;
    if (group !== undefined) p.numbers[group.slot] = 0;
  };
};

/** What is assumed or asserted; where it does not hold BMv2 ends. */
const assertion: Compiler = ([json], context) => {
  const read = wide(compileData(json, context));
  return (p) => {
    if (read(p) === 0n) abort(`what is asserted in ${context.where} does not hold`);
  };
};

const truncate: Compiler = ([json], context) => {
  const read = compileIndex(json, context);
  return (p) => void (p.limit = Math.min(p.limit, read(p)));
};

const exit: Compiler = () => (p) => void (p.exits = true);

const nothing: Compiler = () => () => undefined;

/** Each with the number of its parameters. */
const PRIMITIVES: ReadonlyMap<string, readonly [number, Compiler]> = new Map([
  ['assign', [2, assignField]],
  ['modify_field', [2, assignField]],
  ['assign_VL', [2, assignVarbit]],
  ['assign_header', [2, assignHeader]],
  ['copy_header', [2, assignHeader]],
  ['assign_header_stack', [2, assignStack]],
  ['add_header', [1, addHeader]],
  ['remove_header', [1, removeHeader]],
  ['push', [2, shift(pushFront)]],
  ['pop', [2, shift(popFront)]],
  ['mark_to_drop', [1, markToDrop]],
  ['modify_field_with_hash_based_offset', [4, hashToRange]],
  ['register_read', [3, readRegister]],
  ['register_write', [3, writeRegister]],
  ['count', [2, countPacket]],
  ['assert', [1, assertion]],
  ['assume', [1, assertion]],
  ['exit', [0, exit]],
  ['no_op', [0, nothing]],
  ['log_msg', [2, nothing]],
  ['truncate', [1, truncate]],
]);

/** Compiles one primitive. */
export function compilePrimitive(call: CallJson, scope: Scope, externs: Externs): Step {
  const where = `${scope.where} (${call.op})`;
  const [size, compiler] =
    PRIMITIVES.get(call.op) ?? unknownTo(scope.where, `primitive "${call.op}"`);
  if (call.parameters.length !== size) refuse(where, `expected ${size} parameters`);
  return compiler(call.parameters, { ...scope, where, externs });
}

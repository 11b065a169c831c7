import test from 'ava';
import fc from 'fast-check';
import { createSwitch, receive } from '../../../../hardware/bmv2/model/switch.ts';
import { runs } from '../../../runs.ts';
import {
  action,
  always,
  extract,
  field,
  hex,
  type Json,
  load,
  op,
  refusal,
  set,
  state,
  start,
  through,
  v1model,
  type Parts,
} from './v1model.ts';

const WIDTHS = { a: 8, b: 32, c: 48, d: 64, e: 128, f: 5, g: 53, h: 22, i: 16 } as const;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const;
type Name = (typeof NAMES)[number];
type Env = Readonly<Record<Name, bigint>>;

/** A program that reads the fields, stores a value of them, and sends only that. */
function program(value: Json, width: number): Parts {
  return {
    types: {
      in_t: NAMES.map((name) => [name, WIDTHS[name]] as const),
      out_t: [['r', width], ...(width % 8 === 0 ? [] : ([['pad', 8 - (width % 8)]] as const))],
    },
    headers: { in: 'in_t', out: 'out_t' },
    states: [state('start', [extract('in')])],
    order: ['out'],
    actions: [
      action(
        0,
        'act',
        [],
        [
          { op: 'add_header', parameters: [{ type: 'header', value: 'out' }] },
          set('out', 'r', value),
          set('standard_metadata', 'egress_spec', hex(2)),
        ],
      ),
    ],
    ingress: { init_table: 't', tables: [always('t', 'act', 0)] },
  };
}

function packet(env: Env): Uint8Array {
  let all = 0n;
  let bits = 0;
  for (const name of NAMES) {
    all = (all << BigInt(WIDTHS[name])) | env[name];
    bits += WIDTHS[name];
  }
  return Uint8Array.from(Buffer.from(all.toString(16).padStart(bits / 4, '0'), 'hex'));
}

/** What the program stores, read from what leaves. */
function stored(value: Json, width: number, env: Env): bigint {
  const [sent] = receive(
    createSwitch(load(program(value, width))),
    { port: 1, octets: packet(env) },
    0,
  );
  const digits = Buffer.from(sent?.octets ?? []).toString('hex');
  return BigInt(`0x${digits}`) >> BigInt((8 - (width % 8)) % 8);
}

/** An expression with its meaning, in integers of any size. */
interface Meant<T> {
  readonly json: Json;
  readonly of: (env: Env) => T;
}

const BINARY: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
};
const COMPARED: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

const literal = fc
  .oneof(
    fc.bigInt(-300n, 300n),
    fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
    fc.nat({ max: 64 }).map((bits) => (1n << BigInt(bits)) - 1n),
  )
  .map((value): Meant<bigint> => ({ json: hex(value), of: () => value }));

const leaf = fc.oneof(
  fc
    .constantFrom(...NAMES)
    .map((name): Meant<bigint> => ({ json: field('in', name), of: (env) => env[name] })),
  literal,
);

const { data } = fc.letrec<{ data: Meant<bigint>; bool: Meant<boolean> }>((tie) => ({
  data: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom(...Object.keys(BINARY)), tie('data'), tie('data'))
      .map(([name, l, r]): Meant<bigint> => ({
        json: op(name, l.json, r.json),
        of: (env) => BINARY[name]?.(l.of(env), r.of(env)) ?? 0n,
      })),
    tie('data').map((r): Meant<bigint> => ({
      json: op('~', null, r.json),
      of: (env) => ~r.of(env),
    })),
    tie('data').map((r): Meant<bigint> => ({
      json: op('-', null, r.json),
      of: (env) => -r.of(env),
    })),
    fc
      .tuple(fc.constantFrom('<<', '>>'), tie('data'), fc.nat({ max: 70 }))
      .map(([name, l, by]): Meant<bigint> => ({
        json: op(name, l.json, hex(by)),
        of: (env) => (name === '<<' ? l.of(env) << BigInt(by) : l.of(env) >> BigInt(by)),
      })),
    fc.tuple(fc.constantFrom('<<', '>>'), tie('data')).map(([name, l]): Meant<bigint> => ({
      json: op(name, l.json, field('in', 'f')),
      of: (env) => (name === '<<' ? l.of(env) << env.f : l.of(env) >> env.f),
    })),
    fc.tuple(tie('data'), fc.integer({ min: 1, max: 70 })).map(([l, width]): Meant<bigint> => ({
      json: op('two_comp_mod', l.json, hex(width)),
      of: (env) => BigInt.asIntN(width, l.of(env)),
    })),
    fc.tuple(tie('bool'), tie('data'), tie('data')).map(([c, l, r]): Meant<bigint> => ({
      json: op('?', l.json, r.json, { cond: c.json }),
      of: (env) => (c.of(env) ? l.of(env) : r.of(env)),
    })),
    tie('bool').map((r): Meant<bigint> => ({
      json: op('b2d', null, r.json),
      of: (env) => BigInt(r.of(env)),
    })),
  ),
  bool: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .boolean()
      .map((value): Meant<boolean> => ({ json: { type: 'bool', value }, of: () => value })),
    fc
      .tuple(fc.constantFrom(...Object.keys(COMPARED)), tie('data'), tie('data'))
      .map(([name, l, r]): Meant<boolean> => ({
        json: op(name, l.json, r.json),
        of: (env) => COMPARED[name]?.(l.of(env), r.of(env)) ?? false,
      })),
    tie('data').map((r): Meant<boolean> => ({
      json: op('d2b', null, r.json),
      of: (env) => r.of(env) !== 0n,
    })),
    fc
      .tuple(fc.constantFrom('and', 'or', '=='), tie('bool'), tie('bool'))
      .map(([name, l, r]): Meant<boolean> => ({
        json: op(name, l.json, r.json),
        of: (env) => {
          if (name === '==') return l.of(env) === r.of(env);
          return name === 'and' ? l.of(env) && r.of(env) : l.of(env) || r.of(env);
        },
      })),
    tie('bool').map((r): Meant<boolean> => ({
      json: op('not', null, r.json),
      of: (env) => !r.of(env),
    })),
  ),
}));

function valueOf(name: Name): fc.Arbitrary<bigint> {
  const max = (1n << BigInt(WIDTHS[name])) - 1n;
  const half = max >> 1n;
  return fc.oneof(fc.bigInt(0n, max), fc.constantFrom(0n, 1n, max, half, half + 1n));
}

const env: fc.Arbitrary<Env> = fc.record({
  a: valueOf('a'),
  b: valueOf('b'),
  c: valueOf('c'),
  d: valueOf('d'),
  e: valueOf('e'),
  f: valueOf('f'),
  g: valueOf('g'),
  h: valueOf('h'),
  i: valueOf('i'),
});

test('every expression is what it is in integers of any size, truncated where it is stored', (t) => {
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 130 }), env, (meant, width, values) => {
      const expected = BigInt.asUintN(width, meant.of(values));
      return stored(meant.json, width, values) === expected;
    }),
    runs(1500),
  );
  t.pass();
});

const ZERO: Env = { a: 0n, b: 0n, c: 0n, d: 0n, e: 0n, f: 0n, g: 0n, h: 0n, i: 0n };

test('a sum of 32 bits carries, and its complement is negative', (t) => {
  const b = field('in', 'b');
  const sum = op('+', b, hex(1));
  const values = { ...ZERO, b: 0xffff_ffffn };
  t.is(stored(sum, 40, values), 0x1_0000_0000n);
  t.is(stored(sum, 32, values), 0n);
  t.is(stored(op('~', null, b), 40, values), 0xff_0000_0000n);
  t.is(stored(op('-', hex(0), b), 40, values), 0xff_0000_0001n);
  t.is(stored(op('>>', op('-', hex(0), hex(3)), hex(1)), 8, values), 0xfen, 'shifts round down');
});

test('bits beyond the 32nd are not lost on the way', (t) => {
  const b = field('in', 'b');
  const twice = op('+', b, b);
  const values = { ...ZERO, a: 0xffn, b: 0xffff_ffffn, f: 31n };
  t.is(stored(op('&', twice, twice), 40, values), 0x1_ffff_fffen);
  t.is(stored(op('|', twice, hex(1)), 40, values), 0x1_ffff_ffffn);
  t.is(stored(op('^', twice, hex(1)), 40, values), 0x1_ffff_ffffn);
  t.is(stored(op('&', op('-', hex(0), b), hex(0xff_ffff_ffffn)), 40, values), 0xff_0000_0001n);
  t.is(stored(op('<<', field('in', 'a'), field('in', 'f')), 40, values), 0x7f_8000_0000n);
  t.is(stored(op('<<', field('in', 'a'), field('in', 'f')), 16, values), 0n);
});

test('division and remainder are of what is not negative', (t) => {
  const values = { ...ZERO, b: 100n, e: 10n ** 30n, a: 7n };
  t.is(stored(op('/', field('in', 'b'), hex(7)), 32, values), 14n);
  t.is(stored(op('%', field('in', 'b'), hex(7)), 32, values), 2n);
  t.is(stored(op('/', field('in', 'e'), field('in', 'a')), 128, values), 10n ** 30n / 7n);
  t.throws(() => stored(op('%', field('in', 'b'), field('in', 'f')), 32, values), {
    message: /BMv2 would abort: modulo zero/u,
  });
});

test('an operator or a value that the model has not is refused by name', (t) => {
  const where = 'action act, primitive 1 (assign)';
  const cases: readonly (readonly [Json, string])[] = [
    [op('sat_cast', field('in', 'a'), hex(8)), 'operator "sat_cast" is not in this model'],
    [op('usat_cast', field('in', 'a'), hex(8)), 'operator "usat_cast" is not in this model'],
    [op('valid_union', null, hex(1)), 'operator "valid_union" is not in this model'],
    [
      { type: 'register', value: ['r', hex(0)] },
      '"register" in an expression is not in this model',
    ],
    [op('+', { type: 'bool', value: true }, hex(8)), 'expected data and not a bool'],
    [field('in', 'z'), 'header in has no field "z"'],
    [field('nobody', 'z'), 'no header has the name or id nobody'],
    [
      op('<<', hex(1), field('in', 'b')),
      'a shift by 0 to 4294967295 bits is not in this model (0 to 1023)',
    ],
    [{ type: 'runtime_data', value: 0 }, 'the action has no parameter 0'],
  ];
  for (const [value, message] of cases) {
    t.is(refusal(v1model(program(value, 8))), `${where}: ${message}`);
  }
});

test('an expression of any depth and any size is refused before it costs the stack or the memory', (t) => {
  let deep = hex(1);
  for (let i = 0; i < 5000; i += 1) deep = op('+', deep, hex(1));
  t.regex(refusal(v1model(program(deep, 8))), /deeper than 200/u);
  let large = field('in', 'e');
  for (let i = 0; i < 190; i += 1) large = op('<<', large, hex(1023));
  t.regex(refusal(v1model(program(large, 8))), /more than 65536 bits/u);
});

test('the hidden field of a header is its validity', (t) => {
  const device = start({
    ...program(op('b2d', null, op('d2b', null, field('in', '$valid$'))), 8),
  });
  t.deepEqual(through(device, '00'.repeat(47)), ['2: 01']);
  t.deepEqual(through(device, '00'.repeat(46)), [`2: 00${'00'.repeat(46)}`], 'and the payload');
});

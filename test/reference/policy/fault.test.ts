import test from 'ava';
import fc from 'fast-check';
import type { Placement, PolicyDeclaration } from '../../../reference/policy/declaration.ts';
import { declarationFault, poolFault } from '../../../reference/policy/fault.ts';
import { runs } from '../../runs.ts';
import { DECLARATIONS, SESSION } from './declarations.ts';
import { poolFrom, poolNamed, poolOf } from './bed.ts';

/** The fault of a placement, with its field. */
function placed(placement: Placement, policy: 'source-hash' | 'connection-hash' = 'source-hash') {
  return declarationFault({ policy, placement }, poolFrom('10.0.0', 3));
}

test('declarations that can work have no fault', (t) => {
  for (const [title, declaration] of DECLARATIONS) {
    t.is(declarationFault(declaration, poolFrom('10.0.0', 8)), undefined, title);
  }
});

test('POL-10 a table whose size is not prime is refused', (t) => {
  t.deepEqual(placed({ kind: 'maglev', variant: 'envoy', size: 65_536 }), {
    kind: 'not-prime',
    field: 'placement.size',
    size: 65_536,
  });
  const sizes = fc.tuple(fc.integer({ min: 2, max: 900 }), fc.integer({ min: 2, max: 900 }));
  fc.assert(
    fc.property(sizes, ([a, b]) => {
      t.is(placed({ kind: 'maglev', variant: 'cilium', size: a * b })?.kind, 'not-prime');
    }),
    runs(100),
  );
  for (const size of [4, 9, 25, 49, 2207 ** 2]) {
    t.is(placed({ kind: 'maglev', variant: 'envoy', size })?.kind, 'not-prime', `${size}`);
  }
  for (const size of [3, 7, 251, 1021, 65_537, 655_373]) {
    t.is(placed({ kind: 'maglev', variant: 'envoy', size }), undefined);
  }
});

test('POL-10 a table that is too small or too large is refused', (t) => {
  t.is(placed({ kind: 'maglev', variant: 'envoy', size: 2 })?.kind, 'too-few-entries');
  t.is(placed({ kind: 'maglev', variant: 'envoy', size: 1 })?.kind, 'range');
  t.is(placed({ kind: 'maglev', variant: 'envoy', size: 7.5 })?.kind, 'range');
  t.is(placed({ kind: 'maglev', variant: 'envoy', size: 5_000_077 })?.kind, 'range');
  t.is(placed({ kind: 'maglev', variant: 'katran-v2', size: 655_373 })?.kind, 'range');
});

test('numbers outside their range are refused with the field and the range', (t) => {
  const pool = poolOf(1);
  const fields = (declaration: PolicyDeclaration): string | undefined =>
    declarationFault(declaration, pool)?.field;
  t.is(fields({ policy: 'random', draws: 0 }), 'draws');
  t.is(fields({ policy: 'lightest-load', maxAgeMs: -1 }), 'maxAgeMs');
  t.is(fields({ policy: 'source-affinity', ...SESSION, entriesMax: 0 }), 'entriesMax');
  t.is(fields({ policy: 'source-affinity', ...SESSION, expireMs: 0 }), 'expireMs');
  t.is(
    fields({
      policy: 'source-affinity',
      ...SESSION,
      otherwise: { policy: 'random', draws: 1.5 },
    }),
    'otherwise.draws',
  );
  const lard = { policy: 'lard', input: 'path', replicated: true, targets: 10 } as const;
  t.is(fields(lard), undefined);
  t.is(fields({ ...lard, targets: 0 }), 'targets');
  t.is(fields({ ...lard, low: 66 }), 'low');
  t.is(fields({ ...lard, high: 0 }), 'high');
  t.is(fields({ ...lard, keepMs: -1 }), 'keepMs');
  t.is(placed({ kind: 'buckets', hash: 'crc32', count: 65_537 })?.field, 'placement.count');
  t.is(
    placed({ kind: 'ring', variant: 'nginx', boundPercent: 100 })?.field,
    'placement.boundPercent',
  );
  t.is(
    declarationFault(
      { policy: 'source-hash', placement: { kind: 'ring', variant: 'nginx' } },
      poolOf(...Array.from({ length: 205 }, () => 256)),
    )?.kind,
    'range',
  );
  t.is(placed({ kind: 'ring', variant: 'envoy', minimumSize: 0 })?.field, 'placement.minimumSize');
  t.is(
    placed({ kind: 'ring', variant: 'envoy', maximumSize: 9e6 })?.field,
    'placement.maximumSize',
  );
  t.deepEqual(placed({ kind: 'ring', variant: 'envoy', minimumSize: 20, maximumSize: 10 }), {
    kind: 'range',
    field: 'placement.minimumSize',
    least: 1,
    most: 10,
  });
});

test('the hash of nginx for addresses is for addresses', (t) => {
  t.is(placed({ kind: 'nginx-address' }), undefined);
  t.is(placed({ kind: 'nginx-address' }, 'connection-hash')?.kind, 'wrong-key');
});

test('names that cannot be cookies are refused', (t) => {
  const insert = { policy: 'cookie-insert', cookie: 'SRV', ...SESSION } as const;
  t.is(declarationFault(insert, poolNamed('10.0.0.1:80', 'b')), undefined);
  t.deepEqual(declarationFault(insert, poolNamed('a', 'b c')), {
    kind: 'cookie',
    field: '[1].name',
    text: 'b c',
  });
  t.is(declarationFault(insert, poolNamed('a', ''))?.field, '[1].name');
  t.is(declarationFault({ ...insert, cookie: 'S=' }, poolOf(1))?.field, 'cookie');
});

test('a pool has weights from 0 to 256, and every name once', (t) => {
  t.is(poolFault(poolOf(0, 1, 256)), undefined);
  t.is(poolFault([]), undefined);
  t.is(poolFault(poolOf(1, 257))?.field, '[1].weight');
  t.is(poolFault(poolOf(-1))?.field, '[0].weight');
  t.is(poolFault(poolOf(0.5))?.field, '[0].weight');
  t.deepEqual(poolFault(poolNamed('a', 'b', 'a')), {
    kind: 'same-name',
    field: '[2].name',
    name: 'a',
  });
});

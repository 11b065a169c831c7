import { readFileSync } from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import { createBalancer, step } from '../../../../reference/balancer/balancer.ts';
import { formatDocumentFault } from '../../../../reference/balancer/document/fault.ts';
import { readDocument } from '../../../../reference/balancer/document/read.ts';
import { writeDocument } from '../../../../reference/balancer/document/write.ts';
import { completeCheck, findCheckFaults } from '../../../../reference/health/check.ts';
import { runs } from '../../../runs.ts';
import { optionsOf, SERVICE } from '../bed.ts';
import { anyPlan } from './arbitrary.ts';

const EXAMPLE = readFileSync(
  new URL('../../../../reference/balancer/document/example.yaml', import.meta.url),
  'utf8',
);

test('a server switch that is written and read is what it was', (t) => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const written = writeDocument(plan);
      const read = readDocument(written);
      if (!read.ok) throw new Error(`${JSON.stringify(read.error)}\n${written}`);
      t.deepEqual(read.value, plan);
    }),
    runs(300),
  );
});

/** A line that is cut short, left out, doubled, or has one letter that is another. */
const change = fc.record({
  at: fc.nat(EXAMPLE.length - 1),
  count: fc.nat(12),
  put: fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('', '0', '-1', '99999', 'nat', '10.0.0.254', '[', '}', '\n', ': ', ' - ', '#'),
  ),
});

test('a document that is changed anyhow is a switch that can be, or has faults at their places', (t) => {
  let whole = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const text = changes.reduce(
        (all, { at, count, put }) => all.slice(0, at) + put + all.slice(at + count),
        EXAMPLE,
      );
      const read = readDocument(text);
      if (read.ok) {
        whole += 1;
        const { services } = createBalancer(read.value.options, () => 0).config;
        for (const { name, mode } of services) {
          const check = read.value.checks.get(name);
          if (check !== undefined) {
            t.deepEqual(findCheckFaults(completeCheck(check, mode), mode), []);
          }
        }
        return;
      }
      const lines = text.split('\n');
      t.true(read.error.length > 0);
      for (const fault of read.error) {
        const line = lines[fault.line - 1];
        t.true(line !== undefined && fault.column <= line.length + 1);
        t.regex(
          formatDocumentFault(fault, 'a.yaml'),
          /^a\.yaml:\d+:\d+.*: found .+, expected .+; .+/su,
        );
      }
    }),
    runs(500),
  );
  t.true(whole > 0);
});

test('a document with one fault leaves a switch as it is, with all that is right in it', (t) => {
  const state = createBalancer(optionsOf(SERVICE), () => 0);
  const before = state.config;
  const read = readDocument(EXAMPLE.replace('weight: 5', 'weight: 500'));
  t.false(read.ok);
  if (read.ok) step(state, { kind: 'configure', options: read.value.options });
  t.is(state.config, before);
  const mended = readDocument(EXAMPLE);
  const effects = mended.ok
    ? step(state, { kind: 'configure', options: mended.value.options })
    : [];
  t.deepEqual(effects, [{ kind: 'configured' }]);
});

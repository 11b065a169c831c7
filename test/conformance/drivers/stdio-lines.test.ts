/** Lines out of octets, however these are cut into chunks. */
import test from 'ava';
import fc from 'fast-check';
import { createLineReader } from '../../../conformance/drivers/stdio-lines.ts';
import { createTail, printable } from '../../../conformance/drivers/child/tail.ts';
import { runs } from '../../runs.ts';

const octetsOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('lines are the same however the octets are cut', (t) => {
  const line = fc
    .string({ unit: 'binary', maxLength: 40 })
    .map((text) => text.replaceAll('\n', ''));
  const property = fc.property(
    fc.array(line, { maxLength: 20 }),
    fc.array(fc.nat(600), { maxLength: 20 }),
    (lines, cuts) => {
      // What is no UTF-8 (a lone surrogate) becomes U+FFFD on the way to octets already.
      const wanted = lines.map((each) => new TextDecoder().decode(octetsOf(each)));
      const octets = octetsOf(wanted.map((each) => `${each}\n`).join(''));
      const reader = createLineReader(octets.length + 1);
      const seen: string[] = [];
      let from = 0;
      for (const cut of [...cuts.toSorted((a, b) => a - b), octets.length]) {
        const to = Math.max(from, Math.min(cut, octets.length));
        const read = reader.push(octets.subarray(from, to));
        t.true(read.ok);
        if (read.ok) seen.push(...read.value);
        from = to;
      }
      t.deepEqual(seen, wanted);
    },
  );
  fc.assert(property, runs(300));
});

test('a line may be as long as the limit, and no longer', (t) => {
  t.deepEqual(createLineReader(4).push(octetsOf('abcd\nef')), { ok: true, value: ['abcd'] });
  t.deepEqual(createLineReader(4).push(octetsOf('abcde\n')), { ok: false, error: 'too-long' });
  const reader = createLineReader(4);
  t.true(reader.push(octetsOf('abcd')).ok);
  t.deepEqual(reader.push(octetsOf('e')), { ok: false, error: 'too-long' });
});

test('octets that are no UTF-8 are no line', (t) => {
  const read = createLineReader(9).push(Uint8Array.of(0xc3, 0x28, 0x0a));
  t.deepEqual(read, { ok: false, error: 'not-utf8' });
});

test('of standard error the last 20 lines are told, and no control character', (t) => {
  const tail = createTail();
  t.is(tail.told(), '; it wrote nothing on standard error');
  for (let line = 1; line <= 50; line += 1) tail.push(octetsOf(`line ${line}\r\n`));
  const told = tail.told().split('\n');
  t.is(told.length, 21);
  t.is(told[1], '    line 31');
  t.is(told[20], '    line 50');
  tail.push(octetsOf(`${'x'.repeat(1_000_000)}\u{1b}[2J\u{202e}`));
  t.true(tail.told().length < 4200);
  t.regex(tail.told(), /x·\[2J·$/u);
  t.is(printable('a\tb\u{7}\u{2028}'), 'a  b··');
});

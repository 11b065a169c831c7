import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { readLogFile } from '../../../reference/study/host/log-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const line = (path: string, octets = 5): string =>
  `h - - [t] "GET ${path} HTTP/1.1" 200 ${octets} "-" "-"`;

test('lines end as they may, also the last one, and empty ones are none', async (t) => {
  const text = `${line('/a')}\r\n\r\n${line('/b')}\n\n${line('/a')}`;
  const { trace, tally } = await readLogFile(file('ends.log', text));
  t.deepEqual([...trace.requests], [0, 1, 0]);
  t.like(tally, { lines: 3, bad: 0 });
});

test('a log that comes in many pieces loses nothing between them', async (t) => {
  const paths = Array.from({ length: 40_000 }, (_, at) => `/${at % 977}-${'x'.repeat(at % 61)}`);
  const text = paths.map((path) => line(path)).join('\n');
  const { trace, tally } = await readLogFile(file('long.log', `${text}\n`));
  const numbers = new Map<string, number>();
  const expected = paths.map((path) => {
    if (!numbers.has(path)) numbers.set(path, numbers.size);
    return numbers.get(path);
  });
  t.deepEqual([...trace.requests], expected);
  t.is(tally.bad, 0);
});

test('a line longer than any request is refused, once, and the next one is read', async (t) => {
  const text = `${line('/a')}\n${'x'.repeat(300_000)}\n${line('/b')}\n${'y'.repeat(70_000)}`;
  const { trace, tally } = await readLogFile(file('huge.log', text));
  t.deepEqual([...trace.requests], [0, 1]);
  t.is(tally.bad, 2);
  t.deepEqual(
    tally.firstBad.map(({ line: at, why }) => `${at} ${why}`),
    ['2 longer than 65536 octets', '4 longer than 65536 octets'],
  );
});

test('a packed log is unpacked, and one that is broken is told from one that is not there', async (t) => {
  const packed = gzipSync(`${line('/a')}\n${line('/b')}\n`);
  t.is((await readLogFile(file('packed.log.gz', packed))).tally.requests, 2);
  const cut = file('cut.log.gz', packed.subarray(0, packed.length - 12));
  await t.throwsAsync(readLogFile(cut), { code: 'Z_BUF_ERROR' });
  await t.throwsAsync(readLogFile(join(folder, 'none.log')), { code: 'ENOENT' });
});

test('octets of any value are no fault', async (t) => {
  const octets = Uint8Array.from({ length: 5000 }, (_, at) => (at * 31) % 256);
  const { tally } = await readLogFile(file('binary.log', octets));
  t.is(tally.requests, 0);
  t.is(tally.bad, tally.lines);
});

/** A place that cannot be written: said in one line, at once, and nothing is left of the attempt. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { Complaint } from '../../../conformance/cli/complaint.ts';
import { tryPlace, writeIn, writeWhole } from '../../../conformance/cli/write-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const FILE = join(folder, 'file');
writeFileSync(FILE, 'mine');
/** No file system takes a name of more than 255 octets. */
const LONG = 'x'.repeat(300);

test('a file is written whole, and its folders are made', (t) => {
  const path = join(folder, 'a', 'b', 'c');
  writeWhole(path, 'old');
  writeWhole(path, 'new');
  t.is(readFileSync(path, 'utf8'), 'new');
  t.deepEqual(readdirSync(join(folder, 'a', 'b')), ['c']);
});

test('a place is tried without writing there', (t) => {
  const path = join(folder, 'tried', 'c');
  tryPlace(path);
  t.deepEqual(readdirSync(join(folder, 'tried')), []);
  tryPlace(FILE);
  t.is(readFileSync(FILE, 'utf8'), 'mine');
});

// The first of them made Node's own mkdir turn round for ever.
for (const [title, place, told] of [
  ['where the system lets nobody make anything', '/proc/x/y', /mkdir '\/proc\/x'/u],
  ['under a file', join(FILE, 'below', 'x'), /EEXIST: [^\n]+\/file'/u],
  ['with a name that is too long', join(folder, 'new', 'deep', LONG, 'x'), /ENAMETOOLONG/u],
] as const) {
  test(`a place ${title} is complained of`, (t) => {
    for (const attempt of [
      () => writeWhole(place, 'x'),
      () => tryPlace(place),
      () => writeIn(place, () => undefined),
    ]) {
      const complaint = t.throws(attempt, { instanceOf: Complaint, message: told });
      t.is(complaint?.exit, 64);
      t.regex(
        complaint?.message ?? '',
        /^nothing can be written to [^\n]+; choose another place$/u,
      );
    }
    t.false(existsSync(join(folder, 'new')));
    t.is(readFileSync(FILE, 'utf8'), 'mine');
  });
}

test('a folder is no place for a file', (t) => {
  const path = join(folder, 'there');
  mkdirSync(path);
  t.throws(() => tryPlace(path), { instanceOf: Complaint, message: /is a folder/u });
  t.throws(() => writeWhole(path, 'x'), { instanceOf: Complaint });
  t.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('there')),
    ['there'],
  );
});

test('what the writer gets wrong itself is no complaint', (t) => {
  const wrong = new TypeError('wrong');
  t.is(
    t.throws(() =>
      writeIn(join(folder, 'empty'), () => {
        throw wrong;
      }),
    ),
    wrong,
  );
  t.false(existsSync(join(folder, 'empty')));
});

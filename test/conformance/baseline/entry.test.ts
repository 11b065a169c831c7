/** Baseline files as people write them, and what of them concerns a device. */
import test from 'ava';
import {
  baselineJsonSchema,
  concerns,
  hasExpired,
  parseBaseline,
  type BaselineEntry,
} from '../../../conformance/baseline/entry.ts';

const ENTRY: BaselineEntry = {
  fingerprint: {
    requirement: 'PRISM-SEQ-04',
    direction: 'client-to-owner',
    field: 'tcp.options.sack',
  },
  device: 'tcprewrite',
  versions: '~4.4.3',
  issue: 'https://example.org/issues/17',
  expires: '2027-01-31',
};

const LINES = [
  'entries:',
  '  - fingerprint: PRISM-SEQ-04 client-to-owner tcp.options.sack',
  '    device: tcprewrite',
  '    versions: ~4.4.3',
  '    issue: https://example.org/issues/17',
  '    expires: 2027-01-31',
];

/** The file with one line of the entry replaced, or with lines appended. */
function file(changes: Readonly<Record<number, string>>): string {
  const lines = [...LINES];
  for (const [index, line] of Object.entries(changes)) lines[Number(index)] = line;
  return lines.join('\n');
}

test('a baseline is read', (t) => {
  t.deepEqual(parseBaseline(file({}), 'b.yaml'), { ok: true, value: [ENTRY] });
  t.deepEqual(parseBaseline(file({ 6: '    note: why' }), 'b.yaml'), {
    ok: true,
    value: [{ ...ENTRY, note: 'why' }],
  });
  t.deepEqual(parseBaseline('entries: []', 'b.yaml'), { ok: true, value: [] });
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ['no YAML', 'entries: [', /^b\.yaml:1:\d+ not YAML: /u],
  ['nothing', '', /^b\.yaml:1:1 baseline: /u],
  ['no entries', 'known: []', /^b\.yaml:1:1 entries: /u],
  ['no issue', file({ 4: '' }), /^b\.yaml:2:5 entries\.0\.issue: /u],
  ['no expiry', file({ 5: '' }), /^b\.yaml:2:5 entries\.0\.expires: expected a day/u],
  ['no such day', file({ 5: '    expires: 2027-02-30' }), /^b\.yaml:6:14 entries\.0\.expires: /u],
  ['a time', file({ 5: '    expires: 2027-01-31T00:00' }), /^b\.yaml:6:14 .*expected a day/u],
  ['no address', file({ 4: '    issue: "17"' }), /^b\.yaml:5:12 .*expected the address/u],
  ['a script', file({ 4: '    issue: javascript:alert(1)' }), /^b\.yaml:5:12 .*the address/u],
  ['no range', file({ 3: '    versions: 4.4' }), /^b\.yaml:4:15 entries\.0\.versions: /u],
  [
    'no fingerprint',
    file({ 1: '  - fingerprint: SACK' }),
    /^b\.yaml:2:18 entries\.0\.fingerprint: expected "ID DIRECTION FIELD"/u,
  ],
  [
    'no such requirement',
    file({ 1: '  - fingerprint: PRISM-SEQ-99 - tcp.seq' }),
    /^b\.yaml:2:18 entries\.0\.fingerprint: unknown requirement: PRISM-SEQ-99$/u,
  ],
  ['a field too many', file({ 6: '    until: 2028' }), /^b\.yaml:2:5 entries\.0: .*until/u],
  ['an alias', 'entries: [&a {}, *a]', /^b\.yaml:1:1 baseline: expected no aliases$/u],
];

for (const [what, text, error] of WRONG) {
  test(`a file with ${what} is refused in one line that says where`, (t) => {
    const parsed = parseBaseline(text, 'b.yaml');
    t.false(parsed.ok);
    if (!parsed.ok) {
      t.regex(parsed.error, error);
      t.notRegex(parsed.error, /\n/u);
    }
  });
}

/** Versions of the device, the range of an entry, whether it concerns it. */
const VERSIONS: readonly (readonly [string, string, boolean])[] = [
  ['4.4.3', '4.4.3', true],
  ['4.4.9', '~4.4.3', true],
  ['4.5.0', '~4.4.3', false],
  ['4.4.2', '~4.4.3', false],
  ['5.0.0', '>=4 <6', true],
  ['1.2.3-rc.1', '^1.2.0', true],
  ['1.0.0', '*', true],
  ['1.0.0', 'whatever', false],
  ['2026-11 nightly', '2026-11 nightly', true],
  ['2026-11 nightly', '*', false],
  ['4.4', '4.4', true],
  ['4.4', '>=4', false],
  ['unknown', 'unknown', true],
];

for (const [version, versions, expected] of VERSIONS) {
  test(`an entry for ${versions} ${expected ? 'concerns' : 'leaves out'} ${version}`, (t) => {
    t.is(concerns({ ...ENTRY, versions }, { name: 'tcprewrite', version }), expected);
    t.false(concerns({ ...ENTRY, versions }, { name: 'other', version }));
  });
}

test('an entry holds through its last day', (t) => {
  t.false(hasExpired(ENTRY, '2026-12-31'));
  t.false(hasExpired(ENTRY, '2027-01-31'));
  t.true(hasExpired(ENTRY, '2027-02-01'));
});

test('the JSON Schema names every field of an entry', (t) => {
  const { properties } = Object(baselineJsonSchema());
  t.deepEqual(Object.keys(properties.entries.items.properties), [
    'fingerprint',
    'device',
    'versions',
    'issue',
    'expires',
    'note',
  ]);
  t.deepEqual(properties.entries.items.required, [
    'fingerprint',
    'device',
    'versions',
    'issue',
    'expires',
  ]);
});

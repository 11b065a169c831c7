/** Target files: what is wrong with one is said in one line, with its place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { parseTarget, targetJsonSchema } from '../../../conformance/drivers/target-file.ts';
import {
  isBuiltIn,
  kindOfTarget,
  openNamedBalancer,
  openNamedTarget,
} from '../../../conformance/drivers/target.ts';
import { runs } from '../../runs.ts';

const GOOD = `driver: pcap-files
name: box
cmd: [cp, '{in}', '{out}']
ports: { client0: 0, backend0: 3 }
egress: destination-mac
claims: [SPLICE]
`;

function errorOf(text: string): string {
  const target = parseTarget(text, 'box.yaml');
  return target.ok ? 'no error' : target.error;
}

test('a good file has its defaults', (t) => {
  t.deepEqual(parseTarget(GOOD, 'box.yaml'), {
    ok: true,
    value: {
      driver: 'pcap-files',
      name: 'box',
      vendor: 'unknown',
      version: 'unknown',
      cmd: ['cp', '{in}', '{out}'],
      ports: { client0: 0, backend0: 3 },
      egress: 'destination-mac',
      mtu: 1500,
      timeoutMs: 10_000,
      claims: ['SPLICE'],
    },
  });
  t.like(parseTarget('driver: in-process', 'x'), { ok: true });
});

for (const [what, text, wanted] of [
  ['bad YAML', 'driver: [', /^box\.yaml:1:\d+ not YAML: /u],
  ['a tab', 'driver: in-process\n\tclaims: []', /^box\.yaml:2:1 not YAML: /u],
  ['a key twice', `${GOOD}name: other\n`, /^box\.yaml:7:1 not YAML: /u],
  ['two documents', `${GOOD}---\n${GOOD}`, /^box\.yaml:\d+:\d+ not YAML: /u],
  ['nothing', '', /^box\.yaml:1:1 target: /u],
  ['a word', 'reference', /^box\.yaml:1:1 target: /u],
  ['a list', '- driver: in-process', /^box\.yaml:1:1 target: /u],
  ['no driver', 'name: box', /^box\.yaml:1:1 driver: /u],
  ['an unknown driver', 'driver: magic', /^box\.yaml:1:9 driver: /u],
  ['an unknown key', `${GOOD}colour: red\n`, /^box\.yaml:1:1 target: .*colour/u],
  [
    'an unknown capability',
    GOOD.replace('SPLICE', 'SPLICE, WINGS'),
    /^box\.yaml:6:18 claims\.1: .*SPLICE/u,
  ],
  [
    'claims that are no list',
    GOOD.replace('[SPLICE]', 'SPLICE'),
    /^box\.yaml:6:9 claims: .*array/u,
  ],
  ['an empty command', GOOD.replace(/\[cp.*\]/u, '[]'), /^box\.yaml:3:6 cmd: /u],
  ['a command of numbers', GOOD.replace(/\[cp.*\]/u, '[1]'), /^box\.yaml:3:7 cmd\.0: .*string/u],
  ['no command', GOOD.replace(/cmd.*\n/u, ''), /^box\.yaml:1:1 cmd: /u],
  ['an unknown port', GOOD.replace('client0', 'client9'), /^box\.yaml:4:\d+ ports.*client9/u],
  ['a port of text', GOOD.replace('client0: 0', 'client0: a'), /^box\.yaml:4:19 ports\.client0: /u],
  [
    'a port below 0',
    GOOD.replace('client0: 0', 'client0: -1'),
    /^box\.yaml:4:19 ports\.client0: /u,
  ],
  ['a port twice', GOOD.replace('backend0: 3', 'backend0: 0'), /^box\.yaml:4:8 ports: /u],
  ['an MTU of 0', `${GOOD}mtu: 0\n`, /^box\.yaml:7:6 mtu: .*68/u],
  ['an endless timeout', `${GOOD}timeoutMs: 1e9\n`, /^box\.yaml:7:12 timeoutMs: .*600000/u],
  ['a delta of 0', `${GOOD}profile: { delta: 0 }\n`, /^box\.yaml:7:19 profile\.delta: /u],
  ['an alias', `x: &a [1]\ny: *a\n${GOOD}`, /^box\.yaml:\d+:\d+ target: expected no aliases$/u],
  ['an alias of nothing', 'driver: *nobody', /^box\.yaml:\d+:\d+ target: expected no aliases$/u],
  [
    'aliases of aliases',
    `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n`,
    /^box\.yaml:\d+:\d+ target: expected no aliases$/u,
  ],
  [
    'an unknown lock',
    'driver: in-process\nprofile: { lock: maybe }',
    /^box\.yaml:2:18 profile\.lock: /u,
  ],
  [
    'a lock that needs what is not claimed',
    'driver: in-process\nclaims: [SPLICE]\nprofile: { lock: hold }',
    /^box\.yaml:3:18 profile\.lock: .*HOLD/u,
  ],
  ['octets that are no text', '\u{0}\u{1}\u{fffd}', /^box\.yaml:\d+:\d+ \S/u],
  ['deep nesting', '['.repeat(100_000), /^box\.yaml:\d+:\d+ not YAML: /u],
] as const) {
  test(`${what} is one line with its place`, (t) => {
    const error = errorOf(text);
    t.regex(error, wanted);
    t.false(error.includes('\n'));
  });
}

test('whatever the text, the answer is a target or one line', (t) => {
  const letters = fc.constantFrom(
    ...Array.from('driver: in-process\n\t{}[]&*!|>%@`\'",#?-0~'),
    '\u{0}',
    '\u{feff}',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(letters, { maxLength: 60 }).map((parts) => parts.join('')),
    fc
      .tuple(fc.nat(GOOD.length), fc.string())
      .map(([at, put]) => GOOD.slice(0, at) + put + GOOD.slice(at + 1)),
  );
  const property = fc.property(text, (words) => {
    const error = errorOf(words);
    t.false(/[\n\r]/u.test(error), error);
    t.regex(error, /^no error$|^box\.yaml:\d+:\d+ /u);
  });
  fc.assert(property, runs(500));
});

test('the name of a target is built in or a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  const file = join(folder, 'garbage.yaml');
  writeFileSync(
    file,
    Uint8Array.from({ length: 512 }, (_, index) => (index * 37) & 0xff),
  );
  t.like(openNamedTarget('reference'), { ok: true });
  for (const name of ['nowhere', folder, join(folder, 'missing.yaml'), '']) {
    const opened = openNamedTarget(name);
    t.false(opened.ok);
    t.is(
      opened.ok ? '' : opened.error,
      `no target called ${name}: expected reference, p4-model, bmv2, netfpga-sim or a YAML file`,
    );
  }
  const garbage = openNamedTarget(file);
  t.regex(garbage.ok ? '' : garbage.error, /garbage\.yaml:\d+:\d+ .+$/u);
  rmSync(folder, { recursive: true });
});

test('the schema for editors names every driver', (t) => {
  const text = JSON.stringify(targetJsonSchema());
  for (const driver of ['in-process', 'pcap-files', 'stdio']) t.true(text.includes(driver));
});

const PROGRAM = 'driver: stdio\ncmd: [./switch]\n';

test('a program needs its command only', (t) => {
  t.deepEqual(parseTarget(PROGRAM, 'box.yaml'), {
    ok: true,
    value: { driver: 'stdio', cmd: ['./switch'], timeoutMs: 10_000 },
  });
  const more = `${PROGRAM}timeoutMs: 5\nclaims: [LOCK]\nprofile: { lock: drop, settleMs: 20 }\n`;
  t.like(parseTarget(more, 'box.yaml'), {
    ok: true,
    value: { timeoutMs: 5, claims: ['LOCK'], profile: { lock: 'drop', settleMs: 20 } },
  });
});

for (const [what, text, wanted] of [
  ['a program without command', 'driver: stdio\n', /^box\.yaml:1:1 cmd: /u],
  ['a program with ports', `${PROGRAM}ports: {}\n`, /^box\.yaml:1:1 target: .*ports/u],
  ['a wait without end', `${PROGRAM}profile: { settleMs: .inf }\n`, /:3:22 profile\.settleMs: /u],
  ['a choice that is none', `${PROGRAM}profile: { speed: 1 }\n`, /:3:10 profile: .*speed/u],
] as const) {
  test(`${what} is one line with its place`, (t) => t.regex(errorOf(text), wanted));
}

test('a name tells what kind of target it is of; what is no name is a file about a switch', (t) => {
  const kinds = ['reference', 'sim', 'lab', 'balancer-sim', 'box.yaml', 'toString'].map(
    kindOfTarget,
  );
  t.deepEqual(kinds, ['switch', 'system', 'system', 'balancer', 'switch', 'switch']);
  for (const name of ['balancer-sim', 'balancer-lab']) t.true(isBuiltIn(name));
  t.is(kindOfTarget('balancer-lab'), 'balancer');
});

test('a server switch is opened by its name, and is not opened as a switch of a Prism', async (t) => {
  const hello = await openNamedBalancer('balancer-sim')?.hello();
  t.is(hello?.name, 'balancer-sim');
  t.is((await openNamedBalancer('url-switch-sim')?.hello())?.name, 'url-switch-sim');
  t.is(openNamedBalancer('reference'), undefined);
  t.is(openNamedBalancer('toString'), undefined);
  const opened = openNamedTarget('balancer-sim');
  t.regex(opened.ok ? '' : opened.error, /is a switch of a Prism: it is a server switch$/u);
});

const BALANCER = `driver: balancer-program
name: box
cmd: [./box, '{setup}']
claims: [NAT]
choices:
  hops: 1
  strays: drop
  refusal: reset
  departed: keep
  fragments: follow
  ipOptions: forward
  establishedSeconds: 10
  halfOpenMax: 64
`;

test('a program that is a server switch declares what it can do and what it chooses', (t) => {
  t.deepEqual(parseTarget(BALANCER, 'box.yaml'), {
    ok: true,
    value: {
      driver: 'balancer-program',
      name: 'box',
      vendor: 'unknown',
      version: 'unknown',
      cmd: ['./box', '{setup}'],
      needs: [],
      claims: ['NAT'],
      choices: {
        hops: 1,
        tunnelHops: 0,
        strays: 'drop',
        refusal: 'reset',
        departed: 'keep',
        fragments: 'follow',
        ipOptions: 'forward',
        establishedSeconds: 10,
        halfOpenMax: 64,
      },
      timeoutMs: 10_000,
    },
  });
});

for (const [what, text, wanted] of [
  ['a capability of a Prism', BALANCER.replace('NAT', 'SPLICE'), /:4:10 claims\.0: /u],
  [
    'a choice that there is not',
    BALANCER.replace('strays: drop', 'strays: keep'),
    /:7:11 choices\.strays: /u,
  ],
  ['a choice that is missing', BALANCER.replace(/ +hops: 1\n/u, ''), /:6:3 choices\.hops: /u],
  ['a choice of nothing', `${BALANCER}  colour: red\n`, /choices: .*colour/u],
] as const) {
  test(`a server switch with ${what} is one line with its place`, (t) => {
    t.regex(errorOf(text), wanted);
  });
}

test('a file may describe a server switch, which is opened as one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'box.yaml');
  writeFileSync(file, BALANCER.replace('claims', 'needs: [no-such-program]\nclaims'));
  t.is(kindOfTarget(file), 'balancer');
  const opened = openNamedTarget(file);
  t.regex(opened.ok ? '' : opened.error, /is a switch of a Prism: it is a server switch$/u);
  const wanted = process.getuid?.() === 0 ? /install no-such-program$/u : /root|koffi/u;
  await t.throwsAsync(async () => openNamedBalancer(file)?.hello(), { message: wanted });
  writeFileSync(file, PROGRAM);
  t.is(kindOfTarget(file), 'switch');
  t.is(openNamedBalancer(file), undefined);
});

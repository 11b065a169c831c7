/** What a device may answer: what is wrong in an answer is named, and nothing wrong gets through. */
import test from 'ava';
import fc from 'fast-check';
import type { z } from 'zod';
import { ANSWERS, complaint } from '../../../conformance/drivers/stdio-answers.ts';
import { runs } from '../../runs.ts';

function complaintOf(name: keyof typeof ANSWERS, value: unknown): string {
  const schema: z.ZodType = ANSWERS[name];
  const read = schema.safeParse(value);
  return read.success ? 'no complaint' : complaint(read.error);
}

const HELLO = {
  protocol: 'prism-dut/1',
  name: 'box',
  ports: { client0: 0, backend0: 3 },
  mtu: 1500,
  capabilities: ['BRIDGE'],
  barrier: 'rpc',
  clock: 'real',
};
const RULE = {
  client: { address: '2001:DB8::0:1', port: 1 },
  virtual: { address: '2001:db8::2', port: 80 },
  owner: { address: '2001:db8::3', port: 80, mac: '02:00:00:00:00:B1' },
  locked: false,
};
const STATUS = { rule: RULE, epoch: 3, clientFrames: 0, ownerFrames: 7 };

test('a short introduction is a whole one', (t) => {
  t.deepEqual(ANSWERS.hello.parse(HELLO), {
    ...HELLO,
    protocol: 'prism-dut/1',
    barrier: 'rpc',
    clock: 'real',
    vendor: 'unknown',
    version: 'unknown',
    profile: {},
  });
});

test('addresses of a rule come out as the suite writes them, its deltas as HANDOFF', (t) => {
  const [status] = ANSWERS.rules.parse({ rules: [STATUS] }).rules;
  t.is(status?.rule.client.address, '2001:db8::1');
  t.is(status?.rule.owner.mac, '02:00:00:00:00:b1');
  t.is(status?.rule.deltas.clientSeq, 0);
  t.is(status?.ownerFrames, 7);
});

test('a frame comes out as its octets', (t) => {
  const { frames, more, notices } = ANSWERS.collect.parse({ frames: [{ port: 3, frame: '/+8A' }] });
  t.deepEqual(
    frames.map(({ port, frame }) => [port, ...frame]),
    [[3, 0xff, 0xef, 0x00]],
  );
  t.false(more);
  t.deepEqual(notices, []);
});

for (const [what, name, value, wanted] of [
  ['another version', 'hello', { ...HELLO, protocol: 'prism-dut/2' }, /^result\.protocol: /u],
  ['a name that moves the cursor', 'hello', { ...HELLO, name: 'a\u{1b}[2J' }, /^result\.name: /u],
  ['a port twice', 'hello', { ...HELLO, ports: { client0: 1, client1: 1 } }, /^result\.ports: /u],
  ['an unknown role', 'hello', { ...HELLO, ports: { wan: 1 } }, /^result\.ports/u],
  [
    'a port of 65536',
    'hello',
    { ...HELLO, ports: { client0: 65536 } },
    /^result\.ports\.client0: /u,
  ],
  ['a word for the MTU', 'hello', { ...HELLO, mtu: '1500' }, /^result\.mtu: .*number/u],
  ['an unknown key', 'hello', { ...HELLO, colour: 'red' }, /^result: .*colour/u],
  [
    'no table at all',
    'hello',
    { ...HELLO, profile: { capacity: 0 } },
    /^result\.profile\.capacity: /u,
  ],
  [
    'an endless table',
    'hello',
    { ...HELLO, profile: { capacity: 1e9 } },
    /^result\.profile\.capacity: /u,
  ],
  [
    'an endless wait',
    'hello',
    { ...HELLO, profile: { settleMs: 1e9 } },
    /^result\.profile\.settleMs: /u,
  ],
  ['nothing', 'hello', null, /^result: /u],
  ['a list', 'collect', [], /^result: /u],
  ['no frames', 'collect', {}, /^result\.frames: /u],
  ['a frame of text', 'collect', { frames: ['AA=='] }, /^result\.frames\.0: /u],
  [
    'a port of text',
    'collect',
    { frames: [{ port: '1', frame: '' }] },
    /^result\.frames\.0\.port: /u,
  ],
  ['half a port', 'collect', { frames: [{ port: 1.5, frame: '' }] }, /^result\.frames\.0\.port: /u],
  [
    'base64url',
    'collect',
    { frames: [{ port: 1, frame: '_-8A' }] },
    /^result\.frames\.0\.frame: expected base64$/u,
  ],
  [
    'base64 cut short',
    'collect',
    { frames: [{ port: 1, frame: 'AAA' }] },
    /^result\.frames\.0\.frame: expected base64$/u,
  ],
  [
    'a frame of 65,550 octets',
    'collect',
    { frames: [{ port: 1, frame: Buffer.alloc(65_550).toString('base64') }] },
    /^result\.frames\.0\.frame: expected at most 65549 octets, have 65550$/u,
  ],
  ['a million wrong frames', 'collect', { frames: Array(1_000_000).fill(7) }, /^result\.frames: /u],
  ['the second frame', 'collect', { frames: [{ port: 1, frame: '' }, 7] }, /^result\.frames\.1: /u],
  [
    'a notice of nothing',
    'collect',
    { frames: [], notices: [{ kind: 'gone' }] },
    /^result\.notices\.0\./u,
  ],
  ['a reply without ok', 'reply', {}, /^result\.ok: /u],
  ['a refusal without error', 'reply', { ok: false }, /^result\.error: /u],
  [
    'an address of five octets',
    'rules',
    { rules: [{ ...STATUS, rule: { ...RULE, client: { address: '1.2.3.4.5', port: 1 } } }] },
    /^result\.rules\.0\.rule\.client\.address: expected an IPv4 or IPv6 address$/u,
  ],
  [
    'a MAC address of five octets',
    'rules',
    { rules: [{ ...STATUS, rule: { ...RULE, owner: { ...RULE.owner, mac: '02:00:00:00:00' } } }] },
    /^result\.rules\.0\.rule\.owner\.mac: expected a MAC address$/u,
  ],
  [
    'an epoch below 0',
    'rules',
    { rules: [{ ...STATUS, epoch: -1 }] },
    /^result\.rules\.0\.epoch: /u,
  ],
  ['a loss below 0', 'counters', { captureLoss: -1 }, /^result\.captureLoss: /u],
  [
    'many unknown keys',
    'counters',
    Object.fromEntries(Array.from({ length: 10_000 }, (_, key) => [`k${key}`, 1])),
    /^result.{1,200}$/u,
  ],
] as const) {
  test(`${what} in ${name} is named by its place`, (t) =>
    t.regex(complaintOf(name, value), wanted));
}

test('whatever the answer, it is taken whole or complained of in one line', (t) => {
  const names = fc.constantFrom('hello', 'reply', 'rules', 'collect', 'counters', 'frame' as const);
  const property = fc.property(names, fc.jsonValue(), fc.nat(20), (name, value, index) => {
    const good: Readonly<Record<string, object>> = {
      hello: HELLO,
      rules: STATUS.rule,
      collect: { frames: [value] },
    };
    const keys = Object.keys(good[name] ?? {});
    const spoilt = { ...good[name], [keys[index % Math.max(1, keys.length)] ?? 'ok']: value };
    for (const each of [value, spoilt]) {
      const told = complaintOf(name, each);
      t.true(told.length <= 200 && (told === 'no complaint' || told.startsWith('result')), told);
    }
  });
  fc.assert(property, runs(1000));
});

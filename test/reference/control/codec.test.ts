import test from 'ava';
import fc from 'fast-check';
import {
  decodeCommand,
  decodeReply,
  encodeCommand,
  encodeReply,
  RULES_PER_MESSAGE,
} from '../../../reference/control/codec.ts';
import type { Command, Reply, RuleStatus } from '../../../reference/control/command.ts';
import { runs } from '../../runs.ts';
import { anyRule, word32 } from '../arbitrary.ts';
import { HANDOFF, KEY } from '../bed.ts';

const epoch = fc.maxSafeNat();
const ruleWithLock = fc.tuple(anyRule, fc.boolean()).map(([rule, locked]) => ({ ...rule, locked }));
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ op: fc.constant('add' as const), rule: ruleWithLock, epoch }),
  fc.record({
    op: fc.constantFrom('lock' as const, 'unlock' as const, 'delete' as const),
    key: anyRule.map(({ key }) => key),
    epoch,
  }),
  fc
    .tuple(anyRule, fc.boolean(), fc.boolean(), epoch)
    .map(([{ key, owner, deltas }, unlock, hasDeltas, at]) => ({
      op: 'chown' as const,
      key,
      owner,
      ...(hasDeltas ? { deltas } : {}),
      unlock,
      epoch: at,
    })),
  fc.constant<Command>({ op: 'get' }),
);
const count = fc.record({ packets: epoch, octets: epoch });
const status: fc.Arbitrary<RuleStatus> = fc
  .record({ rule: ruleWithLock, epoch, fromClient: count, fromOwner: count, left: word32 })
  .map(({ left, ...rest }) => ({ ...rest, leaseLeftMs: rest.rule.locked ? left : undefined }));

test('a command that was encoded is decoded again', (t) => {
  fc.assert(
    fc.property(word32, command, (requestId, given) => {
      const request = { requestId, command: given };
      t.deepEqual(decodeCommand(encodeCommand(request)), request);
    }),
    runs(1000),
  );
});

test('a reply that was encoded is decoded again, in as many messages as it takes', (t) => {
  fc.assert(
    fc.property(word32, fc.array(status, { maxLength: 25 }), (requestId, rules) => {
      const messages = encodeReply(requestId, { ok: true, op: 'get', rules });
      t.is(messages.length, Math.max(1, Math.ceil(rules.length / RULES_PER_MESSAGE)));
      const decoded = messages.map(decodeReply);
      const found = decoded.flatMap((each, part) => {
        if (each?.reply.ok !== true) throw new Error('refused');
        t.like(each, { requestId, part, parts: messages.length, reply: { op: 'get' } });
        return each.reply.rules;
      });
      t.deepEqual(found, rules);
    }),
    runs(200),
  );
});

test('the longest message fits into one Ethernet frame', (t) => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 10, maxLength: 10 }), (rules) => {
      const [message] = encodeReply(0, { ok: true, op: 'get', rules });
      t.true((message?.length ?? 0) <= 1500 - 20 - 8);
    }),
    runs(50),
  );
});

test('every refusal is decoded again', (t) => {
  for (const error of [
    'exists',
    'unknown',
    'stale',
    'full',
    'invalid',
    'unsupported',
    'conflict',
  ] as const) {
    const reply: Reply = { ok: false, op: 'chown', error, detail: `détail of ${error}` };
    const [message] = encodeReply(7, reply);
    const whole = { requestId: 7, part: 0, parts: 1, reply };
    t.deepEqual(decodeReply(message ?? new Uint8Array()), whole);
  }
});

test('the layout is the one that is drawn', (t) => {
  const lock = encodeCommand({
    requestId: 0x01020304,
    command: { op: 'lock', key: KEY, epoch: 5 },
  });
  t.is(
    Buffer.from(lock).toString('hex'),
    '50520101 01020304 0000000000000005 04c000020a9c40 04c63364010050'.replaceAll(' ', ''),
  );
  const [reply] = encodeReply(1, { ok: false, op: 'delete', error: 'stale', detail: 'no' });
  t.is(
    Buffer.from(reply ?? []).toString('hex'),
    '50520184 00000001 03 00000001 00026e6f'.replaceAll(' ', ''),
  );
});

test('PRISM-SEC-02 a truncated command is no command', (t) => {
  const message = encodeCommand({ requestId: 1, command: { op: 'add', rule: HANDOFF, epoch: 1 } });
  for (let length = 0; length < message.length; length += 1) {
    t.is(decodeCommand(message.subarray(0, length)), undefined, `${length} octets`);
  }
});

const LOCK = encodeCommand({ requestId: 1, command: { op: 'lock', key: KEY, epoch: 5 } });
for (const [name, at, octet] of [
  ['another magic', 0, 0x51],
  ['another magic', 1, 0x53],
  ['another version', 2, 2],
  ['an unknown type', 3, 6],
  ['a reply', 3, 129],
  ['an epoch of 2^56', 8, 1],
  ['IP version 5', 16, 5],
] as const) {
  test(`PRISM-SEC-02 ${name} at octet ${at} is refused`, (t) => {
    t.is(decodeCommand(LOCK.with(at, octet)), undefined);
  });
}

test('PRISM-SEC-02 octets after a command are refused', (t) => {
  t.is(decodeCommand(Uint8Array.of(...LOCK, 0)), undefined);
});

test('PRISM-SEC-02 any octets are decoded or refused, never worse', (t) => {
  const noisy = fc.tuple(command, fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 3 }));
  fc.assert(
    fc.property(noisy, ([given, noise]) => {
      const message = encodeCommand({ requestId: 1, command: given });
      for (const [at, octet] of noise) message[at] = octet;
      const decoded = decodeCommand(message);
      if (decoded !== undefined) t.deepEqual(encodeCommand(decoded), message);
      t.notThrows(() => decodeReply(message));
    }),
    runs(1000),
  );
});

for (const port of [-1, 1.5, 65536, Number.NaN]) {
  test(`port ${port} does not fit its field: the caller’s mistake`, (t) => {
    const rule = { ...HANDOFF, owner: { ...HANDOFF.owner, port } };
    t.throws(() => encodeCommand({ requestId: 0, command: { op: 'add', rule, epoch: 1 } }), {
      instanceOf: RangeError,
    });
  });
}

test('request id 2^32 does not fit its field', (t) => {
  t.throws(() => encodeCommand({ requestId: 2 ** 32, command: { op: 'get' } }), {
    instanceOf: RangeError,
  });
});

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
import { formatControlError } from '../../../reference/control/reader.ts';
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
  anyRule.map(({ key }) => ({ op: 'get' as const, key })),
);
const count = fc.record({ packets: epoch, octets: epoch });
const status: fc.Arbitrary<RuleStatus> = fc
  .record({ rule: ruleWithLock, epoch, fromClient: count, fromOwner: count, left: word32 })
  .map(({ left, ...rest }) => ({ ...rest, leaseLeftMs: rest.rule.locked ? left : undefined }));

test('a command that was encoded is decoded again', (t) => {
  fc.assert(
    fc.property(word32, command, (requestId, given) => {
      const request = { requestId, command: given };
      t.deepEqual(decodeCommand(encodeCommand(request)), { ok: true, value: request });
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
        if (!each.ok || !each.value.reply.ok) throw new Error('refused');
        t.like(each.value, { requestId, part, parts: messages.length, reply: { op: 'get' } });
        return each.value.reply.rules;
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
    const value = { requestId: 7, part: 0, parts: 1, reply };
    t.deepEqual(decodeReply(message ?? new Uint8Array()), { ok: true, value });
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

test('PRISM-SEC-02 a truncated command is no command, and the error says where', (t) => {
  const message = encodeCommand({ requestId: 1, command: { op: 'add', rule: HANDOFF, epoch: 1 } });
  for (let length = 0; length < message.length; length += 1) {
    const decoded = decodeCommand(message.subarray(0, length));
    t.false(decoded.ok, `${length} octets`);
    if (!decoded.ok) {
      t.is(decoded.error.kind, 'truncated');
      t.is(Number(decoded.error.have), length - decoded.error.at);
    }
  }
});

const LOCK = encodeCommand({ requestId: 1, command: { op: 'lock', key: KEY, epoch: 5 } });
for (const [name, at, octet, expected] of [
  ['another magic', 0, 0x51, 'invalid at octet 0, magic[0]: need 80, have 81'],
  ['another magic', 1, 0x53, 'invalid at octet 1, magic[1]: need 82, have 83'],
  ['another version', 2, 2, 'invalid at octet 2, version: need 1, have 2'],
  ['an unknown type', 3, 6, 'invalid at octet 3, type: need 0 or 1 or 2 or 3 or 4 or 5, have 6'],
  ['a reply', 3, 129, 'invalid at octet 3, type: need 0 or 1 or 2 or 3 or 4 or 5, have 129'],
  ['an epoch of 2^56', 8, 1, 'invalid at octet 8, epoch: need below 2^53, have 72057594037927940'],
  ['IP version 5', 16, 5, 'invalid at octet 16, client.version: need 4 or 6, have 5'],
] as const) {
  test(`PRISM-SEC-02 ${name} at octet ${at} is refused`, (t) => {
    const decoded = decodeCommand(LOCK.with(at, octet));
    t.is(decoded.ok ? 'ok' : formatControlError(decoded.error), `control message ${expected}`);
  });
}

test('PRISM-SEC-02 octets after a command are refused', (t) => {
  const decoded = decodeCommand(Uint8Array.of(...LOCK, 0));
  t.is(
    decoded.ok ? 'ok' : formatControlError(decoded.error),
    `control message trailing at octet ${LOCK.length}, message: need 0, have 1`,
  );
});

test('PRISM-SEC-02 any octets are decoded or refused, never worse', (t) => {
  const noisy = fc.tuple(command, fc.array(fc.tuple(fc.nat(150), fc.nat(255)), { maxLength: 3 }));
  fc.assert(
    fc.property(noisy, ([given, noise]) => {
      const message = encodeCommand({ requestId: 1, command: given });
      for (const [at, octet] of noise) message[at] = octet;
      const decoded = decodeCommand(message);
      if (decoded.ok) t.deepEqual(encodeCommand(decoded.value), message);
      t.notThrows(() => decodeReply(message));
    }),
    runs(1000),
  );
});

test('a number that does not fit its field is the caller’s mistake', (t) => {
  t.throws(() => encodeCommand({ requestId: 2 ** 32, command: { op: 'get' } }), {
    instanceOf: RangeError,
  });
  const rule = { ...HANDOFF, owner: { ...HANDOFF.owner, port: 70000 } };
  t.throws(() => encodeCommand({ requestId: 0, command: { op: 'add', rule, epoch: 1 } }), {
    instanceOf: RangeError,
  });
});

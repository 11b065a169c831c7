/**
 * Control messages as octets, for commands that travel in band.
 *
 *   0            2         3      4              8
 *   ┌────────────┬─────────┬──────┬──────────────┬────────┐
 *   │ 'P'  'R'   │ version │ type │  request id  │ body … │    type: place in OPS, +128 in a reply
 *   └────────────┴─────────┴──────┴──────────────┴────────┘
 *   add                    epoch 8 · locked 1 · key · owner · deltas
 *   lock, unlock, delete   epoch 8 · key
 *   chown                  epoch 8 · unlock 1 · key · owner · has deltas 1 · [deltas]
 *   get                    nothing
 *   reply, accepted        0 1 · part 2 · parts 2 · rules 1 · rule status …
 *   reply, refused         place in REFUSALS + 1 1 · part 2 · parts 2 · detail, UTF-8, 2 + n
 *   rule status            epoch 8 · locked 1 · key · owner · deltas · [lease left, ms 4]
 *                          · from client: packets 8, octets 8 · from owner: packets 8, octets 8
 *
 * The parts of key, owner and deltas are drawn in wire.ts. The request id is the sender's own, and
 * comes back. A long list of rules takes several messages, `part` counting from 0.
 */
import type { Command, FlowCount, Op, Refusal, Reply, RuleStatus } from './command.ts';
import type { Reader } from './reader.ts';
import { createReader } from './reader.ts';
import {
  encodeDeltas,
  encodeKey,
  encodeOwner,
  encodeUint,
  readDeltas,
  readKey,
  readOwner,
} from './wire.ts';

/** A command as it came, with the number under which its reply is awaited. */
export interface Request {
  readonly requestId: number;
  readonly command: Command;
}

/** One message of a reply; the rules of all `parts` together are the whole. */
export interface ReplyPart {
  readonly requestId: number;
  readonly part: number;
  readonly parts: number;
  readonly reply: Reply;
}

/** Rules in one message: ten of the longest are about 1,300 octets, and fit into one datagram. */
export const RULES_PER_MESSAGE = 10;

const SIGNATURE = 0x505201; // 'P', 'R', version 1
const REPLY = 128;
const OPS = ['add', 'lock', 'unlock', 'chown', 'delete', 'get'] as const satisfies readonly Op[];
const REFUSALS = [
  'exists',
  'unknown',
  'stale',
  'full',
  'invalid',
  'unsupported',
  'conflict',
] as const satisfies readonly Refusal[];

/** A command as one message; throws RangeError if a number does not fit its field. */
export function encodeCommand({ requestId, command }: Request): Uint8Array {
  return Uint8Array.from([...encodeHead(command.op, 0, requestId), ...encodeBody(command)]);
}

/**
 * The command in a message; undefined if there is none, or anything beside it. Never throws.
 *
 * What is read may still be a rule that no connection can have.
 */
export function decodeCommand(message: Uint8Array): Request | undefined {
  const reader = createReader(message);
  const { op, requestId } = readHead(reader, 0);
  const command = readBody(reader, op);
  return reader.isWhole() ? { requestId, command } : undefined;
}

/** A reply as one message or, for many rules, as several. */
export function encodeReply(requestId: number, reply: Reply): readonly Uint8Array[] {
  const head = encodeHead(reply.op, REPLY, requestId);
  if (!reply.ok) {
    const detail = new TextEncoder().encode(reply.detail);
    const code = REFUSALS.indexOf(reply.error) + 1;
    return [
      Uint8Array.from([...head, code, 0, 0, 0, 1, ...encodeUint(detail.length, 2), ...detail]),
    ];
  }
  const parts = Math.max(1, Math.ceil(reply.rules.length / RULES_PER_MESSAGE));
  return Array.from({ length: parts }, (_, part) => {
    const from = part * RULES_PER_MESSAGE;
    const rules = reply.rules.slice(from, from + RULES_PER_MESSAGE);
    const place = [...encodeUint(part, 2), ...encodeUint(parts, 2)];
    return Uint8Array.from([...head, 0, ...place, rules.length, ...rules.flatMap(encodeStatus)]);
  });
}

/** One message of a reply; undefined if it is none, or anything beside it. Never throws. */
export function decodeReply(message: Uint8Array): ReplyPart | undefined {
  const reader = createReader(message);
  const { op, requestId } = readHead(reader, REPLY);
  const refusal = REFUSALS[reader.choice([0, 1, 2, 3, 4, 5, 6, 7]) - 1];
  const [part, parts] = [reader.uint(2), reader.uint(2)];
  const reply: Reply =
    refusal === undefined
      ? { ok: true, op, rules: readStatuses(reader) }
      : { ok: false, op, error: refusal, detail: readText(reader) };
  return reader.isWhole() ? { requestId, part, parts, reply } : undefined;
}

function encodeHead(op: Op, kind: 0 | typeof REPLY, requestId: number): readonly number[] {
  return [...encodeUint(SIGNATURE, 3), kind + OPS.indexOf(op), ...encodeUint(requestId, 4)];
}

function readHead(
  reader: Reader,
  kind: 0 | typeof REPLY,
): { readonly op: Op; readonly requestId: number } {
  reader.constant(SIGNATURE, 3);
  const type = reader.choice([kind, kind + 1, kind + 2, kind + 3, kind + 4, kind + 5]);
  return { op: OPS[type - kind] ?? 'get', requestId: reader.uint(4) };
}

function encodeBody(command: Command): readonly number[] {
  switch (command.op) {
    case 'add': {
      const { epoch, rule } = command;
      const numbers = [...encodeUint(epoch, 8), Number(rule.locked)];
      return [
        ...numbers,
        ...encodeKey(rule.key),
        ...encodeOwner(rule.owner),
        ...encodeDeltas(rule.deltas),
      ];
    }
    case 'chown': {
      const { epoch, unlock, key, owner, deltas } = command;
      const numbers = [...encodeUint(epoch, 8), Number(unlock)];
      const shifts = deltas === undefined ? [0] : [1, ...encodeDeltas(deltas)];
      return [...numbers, ...encodeKey(key), ...encodeOwner(owner), ...shifts];
    }
    case 'get':
      return [];
    default:
      return [...encodeUint(command.epoch, 8), ...encodeKey(command.key)];
  }
}

function readBody(reader: Reader, op: Op): Command {
  switch (op) {
    case 'add': {
      const epoch = reader.uint(8);
      return { op, epoch, rule: readRule(reader) };
    }
    case 'chown': {
      const epoch = reader.uint(8);
      const unlock = readFlag(reader);
      const key = readKey(reader);
      const owner = readOwner(reader);
      const deltas = readFlag(reader) ? { deltas: readDeltas(reader) } : {};
      return { op, epoch, unlock, key, owner, ...deltas };
    }
    case 'get':
      return { op };
    default:
      return { op, epoch: reader.uint(8), key: readKey(reader) };
  }
}

function readRule(reader: Reader): RuleStatus['rule'] {
  const locked = readFlag(reader);
  return { locked, key: readKey(reader), owner: readOwner(reader), deltas: readDeltas(reader) };
}

function encodeStatus(status: RuleStatus): readonly number[] {
  const { rule, leaseLeftMs } = status;
  return [
    ...encodeUint(status.epoch, 8),
    Number(rule.locked),
    ...encodeKey(rule.key),
    ...encodeOwner(rule.owner),
    ...encodeDeltas(rule.deltas),
    ...(leaseLeftMs === undefined ? [] : encodeUint(leaseLeftMs, 4)),
    ...encodeCount(status.fromClient),
    ...encodeCount(status.fromOwner),
  ];
}

function readStatuses(reader: Reader): readonly RuleStatus[] {
  return Array.from({ length: reader.uint(1) }, () => {
    const epoch = reader.uint(8);
    const rule = readRule(reader);
    const leaseLeftMs = rule.locked ? reader.uint(4) : undefined;
    const fromClient = readCount(reader);
    const fromOwner = readCount(reader);
    return { epoch, rule, leaseLeftMs, fromClient, fromOwner };
  });
}

function encodeCount({ packets, octets }: FlowCount): readonly number[] {
  return [...encodeUint(packets, 8), ...encodeUint(octets, 8)];
}

function readCount(reader: Reader): FlowCount {
  return { packets: reader.uint(8), octets: reader.uint(8) };
}

function readFlag(reader: Reader): boolean {
  return reader.choice([0, 1]) === 1;
}

function readText(reader: Reader): string {
  return new TextDecoder().decode(reader.octets(reader.uint(2)));
}

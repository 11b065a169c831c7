/**
 * A P4Runtime client for any vendor's switch. P4Runtime 1.4; what 1.3 lacks is not needed.
 *
 * One controller without roles: it becomes primary, brings or finds its P4 program, and then reads
 * and writes table entries, counters and multicast groups by the names of P4Info. Whatever goes
 * wrong is a `P4RuntimeError`, except what becomes of single updates, which is an answer.
 */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { all } from '../all.ts';
import { bytestringOf } from '../bytestring.ts';
import { decodeCounter, decodeEntry, decodeKey, type EntryReading } from '../decode.ts';
import { encodeUpdate, findCounter, findTable } from '../encode.ts';
import type { CounterReading, EntryKey, Update } from '../../entry.ts';
import type { WriteStatus } from '../write-status.ts';
import { faultOf, P4RuntimeError } from '../fault.ts';
import { counterEntryMessage, readEntryMessage, type KeyMessage } from '../message.ts';
import { parseP4Info, type P4Info } from '../p4info.ts';
import { checked } from './checked.ts';
import { demandPipeline, pushPipeline, type Pipeline } from './pipeline.ts';
import { METHODS } from './protocol.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { statusesOf } from './statuses.ts';

/**
 * Most updates of one Write. What came of each travels in one header of the answer, about 100 octets
 * an update, and gRPC ends a call whose headers have more than 65,536.
 */
const BATCH_MAX = 128;

/** Where a copy of a packet goes. */
export interface Replica {
  readonly port: number;
  /** What the program sees of the copy; (port, instance) is unique in a group. */
  readonly instance: number;
}

/** A switch of which this controller is primary. */
export interface P4RuntimeClient {
  /** The version of P4Runtime that the switch speaks, such as `1.3.0`. */
  readonly apiVersion: string;
  /** Makes the switch run a program; it forgets all entries. */
  pushPipeline(pipeline: Pipeline): Promise<void>;
  /** Goes on with the program that the switch runs; rejects with `pipeline` when it is another. */
  joinPipeline(pipeline: Pipeline): Promise<void>;
  /**
   * What became of each update; those that can be done are done, in any order, one by one.
   *
   * Rejects with `pipeline`, before anything is sent, when one does not fit P4Info.
   */
  write(updates: readonly Update[]): Promise<readonly WriteStatus[]>;
  /** All entries of a table, without its default. */
  readEntries(table: string): Promise<readonly EntryReading[]>;
  /** All cells of an indirect counter, or the one at `index`. */
  readCounter(name: string, index?: number): Promise<readonly CounterReading[]>;
  /** Makes or replaces a multicast group; its number is 1 or more. */
  setMulticastGroup(group: number, replicas: readonly Replica[]): Promise<void>;
  /** Takes a multicast group away, if it is there. */
  deleteMulticastGroup(group: number): Promise<void>;
  /** Ends the session, and gives up being primary. May be called again. */
  close(): Promise<void>;
}

/** How to connect. */
export interface ConnectOptions extends Omit<SessionOptions, 'idle'> {
  /** Told the keys of entries that had no traffic for their idle timeout. */
  readonly onIdle?: (keys: readonly EntryKey[]) => void;
}

/** `result`'s value; its error means that something does not fit P4Info. */
function valueOf<T>(result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw new P4RuntimeError('pipeline', result.error);
}

function* batchesOf<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += BATCH_MAX) yield items.slice(at, at + BATCH_MAX);
}

async function writeBatch(
  session: Session,
  updates: readonly object[],
): Promise<readonly WriteStatus[]> {
  const answer = await session.call(METHODS.write, { ...session.identity, updates });
  if (answer.ok) return updates.map(() => ({ ok: true }));
  const statuses = statusesOf(session.name, answer.error);
  if (statuses === undefined) {
    const fault = faultOf(session.name, answer.error);
    const { code, message } = answer.error;
    if (fault.reason !== 'rejected' || code === 'OK') throw fault;
    return updates.map(() => ({ ok: false, code, message }));
  }
  if (statuses.length === updates.length) return statuses;
  throw new P4RuntimeError(
    'protocol',
    `${session.name} tells what became of ${statuses.length} updates, of ${updates.length}`,
  );
}

const entities = z.object({
  entities: z.array(
    z.object({
      tableEntry: readEntryMessage.optional(),
      counterEntry: counterEntryMessage.optional(),
    }),
  ),
});

async function readEntities(
  session: Session,
  entity: object,
): Promise<z.output<typeof entities>['entities']> {
  const { deviceId } = session.identity;
  const answers = await session.collect(METHODS.read, { deviceId, entities: [entity] });
  if (!answers.ok) throw faultOf(session.name, answers.error);
  return answers.value.flatMap((each) => checked(session.name, entities, each).entities);
}

async function readEntries(
  session: Session,
  p4info: P4Info,
  name: string,
): Promise<readonly EntryReading[]> {
  const table = valueOf(findTable(p4info, name));
  const read = await readEntities(session, {
    tableEntry: {
      tableId: table.id,
      // An empty message asks for it; some switches refuse to be asked for what a table has not.
      ...(table.counts ? { counterData: {} } : {}),
      ...(table.ages ? { timeSinceLastHit: {} } : {}),
    },
  });
  const entries = read.flatMap(({ tableEntry }) => (tableEntry === undefined ? [] : [tableEntry]));
  return valueOf(all(entries, (entry) => decodeEntry(p4info, entry)));
}

async function readCounter(
  session: Session,
  p4info: P4Info,
  name: string,
  index: number | undefined,
): Promise<readonly CounterReading[]> {
  const { id: counterId } = valueOf(findCounter(p4info, name));
  const cell = index === undefined ? {} : { index: { index: String(index) } };
  const read = await readEntities(session, { counterEntry: { counterId, ...cell } });
  return read
    .flatMap(({ counterEntry }) => (counterEntry === undefined ? [] : [counterEntry]))
    .toSorted((a, b) => Number(a.index.index) - Number(b.index.index))
    .map(({ data }) => decodeCounter(data));
}

/** A port as the switch's version of P4Runtime has it: a number until 1.3, then a bytestring. */
function replicaOf(apiVersion: string, { port, instance }: Replica): object {
  const [major = 1, minor = 0] = apiVersion.split('.').map(Number);
  if (major === 1 && minor < 4) return { egressPort: port, instance };
  return { port: bytestringOf(BigInt(port)), instance };
}

async function setMulticastGroup(
  session: Session,
  group: number,
  replicas: readonly Replica[],
): Promise<void> {
  const multicastGroupEntry = {
    multicastGroupId: group,
    replicas: replicas.map((replica) => replicaOf(session.apiVersion, replica)),
  };
  const entity = { packetReplicationEngineEntry: { multicastGroupEntry } };
  for (const type of ['INSERT', 'MODIFY']) {
    const [status] = await writeBatch(session, [{ type, entity }]);
    if (status?.ok) return;
    if (status?.code === 'ALREADY_EXISTS' && type === 'INSERT') continue;
    const why = status === undefined ? '' : `${status.code} ${status.message}`;
    throw new P4RuntimeError('rejected', `${session.name}: multicast group ${group}: ${why}`);
  }
}

async function deleteMulticastGroup(session: Session, group: number): Promise<void> {
  const multicastGroupEntry = { multicastGroupId: group, replicas: [] };
  const entity = { packetReplicationEngineEntry: { multicastGroupEntry } };
  const [status] = await writeBatch(session, [{ type: 'DELETE', entity }]);
  if (status === undefined || status.ok || status.code === 'NOT_FOUND') return;
  const why = `${status.code} ${status.message}`;
  throw new P4RuntimeError('rejected', `${session.name}: multicast group ${group}: ${why}`);
}

/** Connects and becomes primary; rejects with `unreachable`, `not-primary` or `protocol`. */
export async function connect(options: ConnectOptions): Promise<P4RuntimeClient> {
  let p4info: P4Info | undefined;
  const session = await openSession({
    ...options,
    idle(messages: readonly KeyMessage[]): void {
      const known = p4info;
      if (known === undefined) return;
      const keys = all(messages, (message) => decodeKey(known, message));
      if (keys.ok) options.onIdle?.(keys.value);
    },
  });
  const demandP4Info = (): P4Info => {
    if (p4info !== undefined) return p4info;
    throw new P4RuntimeError('pipeline', `no P4 program is agreed on with ${session.name}`);
  };
  return {
    apiVersion: session.apiVersion,
    async pushPipeline(pipeline): Promise<void> {
      const parsed = valueOf(parseP4Info(pipeline.p4info));
      await pushPipeline(session, pipeline);
      p4info = parsed;
    },
    async joinPipeline(pipeline): Promise<void> {
      const parsed = valueOf(parseP4Info(pipeline.p4info));
      await demandPipeline(session, pipeline);
      p4info = parsed;
    },
    async write(updates): Promise<readonly WriteStatus[]> {
      const known = demandP4Info();
      const messages = valueOf(all(updates, (update) => encodeUpdate(known, update)));
      const statuses: WriteStatus[] = [];
      for (const batch of batchesOf(messages)) {
        statuses.push(...(await writeBatch(session, batch)));
      }
      return statuses;
    },
    readEntries: async (table) => readEntries(session, demandP4Info(), table),
    readCounter: async (name, index) => readCounter(session, demandP4Info(), name, index),
    setMulticastGroup: async (group, replicas) => setMulticastGroup(session, group, replicas),
    deleteMulticastGroup: async (group) => deleteMulticastGroup(session, group),
    close: () => session.close(),
  };
}

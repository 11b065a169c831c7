/** A P4Runtime server that keeps entries and counters, and misbehaves when told to. */
import {
  Metadata,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { z } from 'zod';
import { METHODS } from '../../../hardware/p4runtime/grpc/protocol.ts';
import { message, number, octetsOf, text } from './protobuf.ts';

/** How a switch is not like others. */
export interface Manners {
  /** What it answers to arbitration; `primary` when left out. */
  readonly arbitration?: 'backup' | 'refuse' | 'silent';
  /** What it says its version is; `1.4.0` when left out, and the call is unknown when null. */
  readonly apiVersion?: string | null;
  /** Entries a table has room for. */
  readonly capacity?: number;
  /** It ends all connections in the middle of this Write, counted from 0. */
  readonly diesAtWrite?: number;
  /** It never answers a Write. */
  readonly ignoresWrites?: boolean;
  /** It fails every Write as a whole. */
  readonly failsWrites?: { readonly code: number; readonly details: string };
  /** It tells of one update fewer than there were. */
  readonly miscounts?: boolean;
  /** It offers nothing. */
  readonly services?: 'none';
  /** It does not take P4 programs. */
  readonly refusesPipeline?: boolean;
}

/** The switch, and what it was asked. */
export interface FakeSwitch {
  readonly address: string;
  /** Requests by method, the oldest first. */
  readonly asked: readonly { readonly method: string; readonly request: unknown }[];
  /** Says something to the controller. */
  tell(response: object): void;
  /** Whether a controller's stream is open. */
  isHeld(): boolean;
  /** Ends all connections. */
  die(): void;
}

const written = z.object({
  updates: z.array(
    z.object({
      type: z.string(),
      entity: z.object({
        tableEntry: z.looseObject({ tableId: z.int(), match: z.array(z.unknown()) }).optional(),
        packetReplicationEngineEntry: z
          .object({ multicastGroupEntry: z.looseObject({ multicastGroupId: z.int() }) })
          .optional(),
      }),
    }),
  ),
});
type Written = z.output<typeof written>['updates'][number];

const OK = 0;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;

/** Does an update; the canonical code of what became of it. */
function perform(entities: Map<string, object>, { type, entity }: Written, room: number): number {
  const { tableEntry, packetReplicationEngineEntry: engine } = entity;
  if (tableEntry === undefined && engine === undefined) return OK;
  const key = JSON.stringify(
    tableEntry === undefined
      ? engine?.multicastGroupEntry.multicastGroupId
      : [tableEntry.tableId, tableEntry.match],
  );
  if ((type === 'INSERT') === entities.has(key)) {
    return type === 'INSERT' ? ALREADY_EXISTS : NOT_FOUND;
  }
  if (type === 'INSERT' && entities.size >= room) return RESOURCE_EXHAUSTED;
  if (type === 'DELETE') entities.delete(key);
  else entities.set(key, entity);
  return OK;
}

function statusOf(codes: readonly number[]): Metadata {
  const details = codes.map((code) => {
    const fields = code === OK ? [] : [number(1, code), text(2, `code ${code}, and why it is so`)];
    return message(
      3,
      text(1, 'type.googleapis.com/p4.v1.Error'),
      message(2, ...fields, text(3, 'fake')),
    );
  });
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', octetsOf(number(1, 2), ...details));
  return metadata;
}

type Unary = (call: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => void;
type Stream = ServerDuplexStream<object, object>;

/** Binds a server to a free port of this machine. */
export async function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Starts a switch on a free port of this machine. */
export async function startSwitch(manners: Manners = {}): Promise<FakeSwitch> {
  const server = new Server();
  const entities = new Map<string, object>();
  const asked: { method: string; request: unknown }[] = [];
  const streams = new Set<Stream>();
  let config: object | null = null;
  let writes = 0;

  const write: Unary = ({ request }, answer) => {
    asked.push({ method: 'write', request });
    if (manners.ignoresWrites) return;
    if (manners.diesAtWrite === writes) return server.forceShutdown();
    writes += 1;
    if (manners.failsWrites !== undefined) return answer(manners.failsWrites);
    const room = manners.capacity ?? Number.POSITIVE_INFINITY;
    const codes = written.parse(request).updates.map((each) => perform(entities, each, room));
    if (codes.every((code) => code === OK)) return answer(null, {});
    const told = manners.miscounts ? codes.slice(1) : codes;
    return answer({ code: 2, details: 'write failed', metadata: statusOf(told) });
  };
  const read = (call: ServerWritableStream<object, object>): void => {
    asked.push({ method: 'read', request: call.request });
    const { entities: wanted } = z
      .object({ entities: z.array(z.looseObject({ counterEntry: z.looseObject({}).optional() })) })
      .parse(call.request);
    if (wanted[0]?.counterEntry === undefined) {
      // One message an entry: an answer may come in as many as the switch likes.
      for (const entity of entities.values()) call.write({ entities: [entity] });
    } else {
      const cells = [2, 0, 1].map((index) => ({
        counterEntry: {
          counterId: 301989889,
          index: { index },
          data: { packetCount: index * 10, byteCount: index * 1000 },
        },
      }));
      call.write({ entities: cells });
    }
    call.end();
  };
  const stream = (call: Stream): void => {
    streams.add(call);
    const leave = (): void => {
      streams.delete(call);
    };
    call.on('end', () => {
      leave();
      call.end();
    });
    call.on('error', leave);
    call.on('cancelled', leave);
    call.on('data', (request: object) => {
      asked.push({ method: 'stream', request });
      if (manners.arbitration === 'silent') return;
      if (manners.arbitration === 'refuse') {
        call.emit('error', { code: 3, details: 'Election id already exists' });
        return;
      }
      const code = manners.arbitration === 'backup' ? ALREADY_EXISTS : OK;
      call.write({ arbitration: { status: { code, message: 'Is backup' } } });
    });
  };
  const { apiVersion = '1.4.0' } = manners;
  const capabilities: Unary = (_call, answer) => {
    if (apiVersion === null) answer({ code: UNIMPLEMENTED, details: '' });
    else answer(null, { p4runtimeApiVersion: apiVersion });
  };
  const setPipeline: Unary = ({ request }, answer) => {
    asked.push({ method: 'setPipeline', request });
    if (manners.refusesPipeline) return answer({ code: 3, details: 'Error in target' });
    ({ config } = z.object({ config: z.looseObject({}) }).parse(request));
    entities.clear();
    return answer(null, {});
  };
  const getPipeline: Unary = (_call, answer) => {
    if (config === null) answer({ code: 9, details: 'No forwarding pipeline config set' });
    else answer(null, { config });
  };

  const { packetStream: _packets, ...methods } = METHODS;
  if (manners.services !== 'none') {
    server.addService(methods, { write, read, stream, capabilities, setPipeline, getPipeline });
  }
  const port = await bind(server);
  return {
    address: `127.0.0.1:${port}`,
    asked,
    tell: (response) => streams.forEach((each) => each.write(response)),
    isHeld: () => streams.size > 0,
    die: () => server.forceShutdown(),
  };
}

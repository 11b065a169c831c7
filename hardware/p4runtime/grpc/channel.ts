/** gRPC to one server: every call has a deadline, and nothing is left running after `close`. */
import { Client, credentials, Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import type { Result } from 'scapy-ts';
import { canonicalCode } from '../code.ts';
import { P4RuntimeError, type CallFailure } from '../fault.ts';
import type { Method } from './protocol.ts';

/** Longest message: a table of 65,536 entries read at once takes about 10 million octets. */
const MESSAGE_MAX_OCTETS = 64 * 1024 * 1024;

/** Where a server is, and for how long it is waited for. */
export interface ServerAddress {
  /** `host:port`, or another name that gRPC resolves. */
  readonly address: string;
  /** For the connection, and for each answer. */
  readonly deadlineMs: number;
}

/** What a conversation gives back. */
export interface Listener {
  receive(message: unknown): void;
  /** Once, when the server, the network or `close` has ended it; the code may be `OK`. */
  ended(failure: CallFailure): void;
}

/** A method that streams both ways. */
export interface Conversation {
  /** Resolves when gRPC has taken the message, which is how a slow server slows the sender. */
  send(message: object): Promise<void>;
  /** Says that nothing more comes, and waits until the server has ended, at most the deadline. */
  close(): Promise<void>;
}

/** A connection to a server. */
export interface Channel {
  call(method: Method, request: object): Promise<Result<unknown, CallFailure>>;
  /** All messages of a method that streams its answer. */
  collect(method: Method, request: object): Promise<Result<readonly unknown[], CallFailure>>;
  converse(method: Method, listener: Listener): Conversation;
  close(): void;
}

function failureOf({ code, details, metadata }: ServiceError | StatusObject): CallFailure {
  const [status] = metadata.get('grpc-status-details-bin');
  const failure = { code: canonicalCode(code), message: details };
  return status instanceof Uint8Array ? { ...failure, status } : failure;
}

const OPTIONS = {
  'grpc.max_receive_message_length': MESSAGE_MAX_OCTETS,
  'grpc.max_send_message_length': MESSAGE_MAX_OCTETS,
  // A switch is spoken to directly, and each connection is one of its own.
  'grpc.enable_http_proxy': 0,
  'grpc.use_local_subchannel_pool': 1,
};

function createClient(address: string): Client {
  try {
    return new Client(address, credentials.createInsecure(), OPTIONS);
  } catch (error) {
    throw new P4RuntimeError('unreachable', `${address}: ${String(error)}`);
  }
}

function callOnce(
  client: Client,
  deadlineMs: number,
  method: Method,
  request: object,
): Promise<Result<unknown, CallFailure>> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
      (error, response) => {
        if (error === null) resolve({ ok: true, value: response });
        else resolve({ ok: false, error: failureOf(error) });
      },
    );
  });
}

function collectAll(
  client: Client,
  deadlineMs: number,
  method: Method,
  request: object,
): Promise<Result<readonly unknown[], CallFailure>> {
  return new Promise((resolve) => {
    const messages: unknown[] = [];
    const stream = client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
    );
    stream.on('data', (message: unknown) => messages.push(message));
    stream.on('error', (error: ServiceError) => resolve({ ok: false, error: failureOf(error) }));
    stream.on('end', () => resolve({ ok: true, value: messages }));
  });
}

function beginConversation(
  client: Client,
  deadlineMs: number,
  method: Method,
  listener: Listener,
): Conversation {
  const stream = client.makeBidiStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    new Metadata(),
    {},
  );
  stream.on('data', (message: unknown) => listener.receive(message));
  // What it says, the status says too; but an error that nobody listens to ends the process.
  stream.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    stream.on('status', (status: StatusObject) => {
      // The status may overtake messages that still wait in the stream.
      stream.on('end', () => {
        listener.ended(failureOf(status));
        resolve();
      });
    });
  });
  return {
    send: (message) =>
      new Promise((resolve) => {
        stream.write(message, () => resolve());
      }),
    async close(): Promise<void> {
      stream.end();
      const timer = setTimeout(() => stream.cancel(), deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Connects, and waits until the deadline for a server that does not listen yet.
 *
 * Rejects with `unreachable`. `probe` is any method: calling it tells why there is no connection.
 */
export async function openChannel(server: ServerAddress, probe: Method): Promise<Channel> {
  const { address, deadlineMs } = server;
  const client = createClient(address);
  const late = await new Promise<boolean>((resolve) => {
    client.waitForReady(Date.now() + deadlineMs, (error) => resolve(error !== undefined));
  });
  if (late) {
    const why = await callOnce(client, deadlineMs, probe, {});
    client.close();
    // grpc-js ends its message with a note that is empty for addresses in figures.
    const reason = why.ok
      ? 'it answers only now'
      : why.error.message.replace(/ Resolution note: $/u, '');
    throw new P4RuntimeError(
      'unreachable',
      `no switch answers at ${address} within ${deadlineMs} ms: ${reason}`,
    );
  }
  return {
    call: (method, request) => callOnce(client, deadlineMs, method, request),
    collect: (method, request) => collectAll(client, deadlineMs, method, request),
    converse: (method, listener) => beginConversation(client, deadlineMs, method, listener),
    close: () => client.close(),
  };
}

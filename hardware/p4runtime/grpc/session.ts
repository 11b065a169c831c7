/**
 * One controller's session with a switch: it lives as long as its stream, and may change the switch
 * while it is primary. P4Runtime 1.4 sections 5 and 16.2.
 *
 *   connect ─▶ arbitration(election id) ─▶ OK: primary ─▶ calls …
 *                                      └─▶ else, or the stream ends: refused
 */
import type { Result } from 'scapy-ts';
import { z } from 'zod';
import { canonicalCode, type CanonicalCode } from '../code.ts';
import { faultOf, P4RuntimeError, reasonOf, type CallFailure } from '../fault.ts';
import { keyMessage, type KeyMessage } from '../message.ts';
import { openChannel, type Channel, type ServerAddress } from './channel.ts';
import { checked } from './checked.ts';
import { METHODS, type Method } from './protocol.ts';

/** Which switch, and who asks. */
export interface SessionOptions extends ServerAddress {
  /** The device behind the server, 64 bits. */
  readonly deviceId: bigint;
  /** Of all controllers the one with the highest is primary; 128 bits, not 0. */
  readonly electionId: bigint;
  /** Told the keys of entries whose idle timeout is over. */
  idle(keys: readonly KeyMessage[]): void;
}

/** A session in which this controller is, or was, primary. */
export interface Session {
  /** The switch, as messages name it. */
  readonly name: string;
  /** What requests that change the switch begin with. */
  readonly identity: Identity;
  /** The version of P4Runtime that the switch speaks, such as `1.3.0`. */
  readonly apiVersion: string;
  /** What came of a call; rejects when the session is over or another controller is primary. */
  call(method: Method, request: object): Promise<Result<unknown, CallFailure>>;
  /** The same of a method that streams its answer. */
  collect(method: Method, request: object): Promise<Result<readonly unknown[], CallFailure>>;
  close(): Promise<void>;
}

interface Identity {
  readonly deviceId: string;
  readonly electionId: { readonly high: string; readonly low: string };
}

const arbitration = z.object({
  status: z.object({ code: z.int(), message: z.string() }).nullable(),
});
const capabilities = z.object({ p4runtimeApiVersion: z.string() });
const streamed = z.object({
  arbitration: arbitration.optional(),
  idleTimeoutNotification: z.object({ tableEntry: z.array(keyMessage) }).optional(),
});

/** How a server says that the election id is another controller's, or too low. */
const NOT_ELECTED: ReadonlySet<CanonicalCode> = new Set<CanonicalCode>([
  'ALREADY_EXISTS',
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
]);

function identityOf({ deviceId, electionId }: SessionOptions): Identity {
  return {
    deviceId: String(deviceId),
    electionId: {
      high: String(electionId >> 64n),
      low: String(BigInt.asUintN(64, electionId)),
    },
  };
}

/** What the stream has told last: nothing before arbitration, else `primary`, or why not. */
type Standing = 'primary' | P4RuntimeError | undefined;

function standingOf(name: string, { status }: z.output<typeof arbitration>): Standing {
  // A status that is left out has the code 0, as all of proto3 has.
  const code = canonicalCode(status?.code ?? 0);
  if (code === 'OK') return 'primary';
  const message = `another controller is primary at ${name}: ${code} ${status?.message ?? ''}`;
  return new P4RuntimeError('not-primary', message.trimEnd());
}

function endOf(name: string, failure: CallFailure): P4RuntimeError {
  const reason = NOT_ELECTED.has(failure.code) ? 'not-primary' : reasonOf(failure.code);
  const message = `${name} ends the session: ${failure.code} ${failure.message}`;
  return new P4RuntimeError(failure.code === 'OK' ? 'gone' : reason, message.trimEnd());
}

interface Stream {
  standing(): Standing;
  /** Resolves when there is a standing. */
  readonly told: Promise<void>;
  close(): Promise<void>;
}

function openStream(channel: Channel, name: string, options: SessionOptions): Stream {
  let standing: Standing;
  let tell = (): void => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const become = (next: Standing): void => {
    standing = next;
    tell();
  };
  const conversation = channel.converse(METHODS.stream, {
    receive(message): void {
      const { data } = streamed.safeParse(message);
      if (data === undefined) {
        become(new P4RuntimeError('protocol', `${name} sends a message that cannot be read`));
      } else if (data.arbitration !== undefined) {
        become(standingOf(name, data.arbitration));
      } else if (data.idleTimeoutNotification !== undefined) {
        options.idle(data.idleTimeoutNotification.tableEntry);
      }
    },
    ended: (failure) => become(endOf(name, failure)),
  });
  void conversation.send({ arbitration: identityOf(options) });
  return { standing: () => standing, told, close: () => conversation.close() };
}

/** Resolves with the standing, or with undefined after `limitMs`. */
async function firstStanding(stream: Stream, limitMs: number): Promise<Standing> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([stream.told, late]);
  clearTimeout(timer);
  return stream.standing();
}

async function readVersion(channel: Channel, name: string): Promise<string> {
  const answer = await channel.call(METHODS.capabilities, {});
  if (answer.ok) return checked(name, capabilities, answer.value).p4runtimeApiVersion;
  // The call is of version 1.1. What does not know the stream either is no P4Runtime at all.
  if (answer.error.code === 'UNIMPLEMENTED') return '1.0.0';
  throw faultOf(name, answer.error);
}

/**
 * Connects and becomes primary.
 *
 * Rejects with `unreachable`, `not-primary` or `protocol`; then nothing is left open.
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { address, deadlineMs } = options;
  const name = `the switch at ${address}`;
  const channel = await openChannel(options, METHODS.capabilities);
  let stream: Stream | undefined;
  try {
    const apiVersion = await readVersion(channel, name);
    stream = openStream(channel, name, options);
    const standing = await firstStanding(stream, deadlineMs);
    if (standing === 'primary') return sessionOf({ name, apiVersion, channel, stream }, options);
    throw (
      standing ??
      new P4RuntimeError('unreachable', `${name} does not arbitrate within ${deadlineMs} ms`)
    );
  } catch (error) {
    await stream?.close();
    channel.close();
    throw error;
  }
}

interface Parts extends Pick<Session, 'name' | 'apiVersion'> {
  readonly channel: Channel;
  readonly stream: Stream;
}

function sessionOf(parts: Parts, options: SessionOptions): Session {
  const { name, apiVersion, channel, stream } = parts;
  let closing: Promise<void> | undefined;
  const demandPrimary = (): void => {
    if (closing !== undefined) throw new P4RuntimeError('gone', `the session with ${name} is over`);
    const standing = stream.standing();
    if (standing instanceof P4RuntimeError) throw standing;
  };
  return {
    name,
    apiVersion,
    identity: identityOf(options),
    async call(method, request): Promise<Result<unknown, CallFailure>> {
      demandPrimary();
      return channel.call(method, request);
    },
    async collect(method, request): Promise<Result<readonly unknown[], CallFailure>> {
      demandPrimary();
      return channel.collect(method, request);
    },
    close(): Promise<void> {
      closing ??= stream.close().then(() => channel.close());
      return closing;
    },
  };
}

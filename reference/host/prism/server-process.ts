/**
 * A backend whose requests are answered by another process, which gets the client's connection.
 *
 *   agent ── descriptor, number 4 · length 4 · request ─▶ server     over a socket of AF_UNIX
 *   agent ◀───────────────────────── number 4 · how 1 ── server
 *
 * The server writes its response to the descriptor (which does not block), closes it, and says how
 * it went: 0, the client may ask again; 1, the connection ends after this; 2, the response is cut.
 * It must not read: what follows the request is the agent's, who may have to give it to another
 * backend. So a request and its content must fit into one message, and nothing can be upgraded.
 */
import { connect, type Socket } from 'node:net';
import { keyText, type ConnectionKey } from '../../rules/rule.ts';
import { descriptorOf } from '../connection.ts';
import { sendDescriptor } from '../descriptor.ts';
import { SyscallError } from '../syscall.ts';
import {
  startAgent,
  type AgentSide,
  type AttachedServer,
  type BackendOptions,
  type ServerSide,
} from './agent.ts';

const HEADER_OCTETS = 8;
const ANSWER_OCTETS = 5;
/** The longest request with its content: a socket takes that much at once. */
const REQUEST_OCTETS_MAX = 64 * 1024;
const NOTHING = new Uint8Array();
const HOW = ['kept', 'closed', 'cut'] as const;

/** Makes the process that listens at `path` a backend. */
export function attachServerProcess(path: string, options: BackendOptions): AttachedServer {
  return startAgent(options, (agent) => createProcessSide(path, agent));
}

function createProcessSide(path: string, { tell, sockets }: AgentSide): ServerSide {
  /** Who waits for the answer of that number. */
  const asked = new Map<number, ConnectionKey>();
  /** Requests that are not complete. */
  const parts = new Map<string, Uint8Array>();
  /** Requests that wait until others have written. */
  const turns = new Map<string, symbol>();
  let last = 0;
  let socket: Socket | undefined;
  let held: Buffer = Buffer.alloc(0);

  function dial(): void {
    socket = connect({ path });
    socket.on('data', onAnswers);
    socket.on('error', () => {});
    socket.on('close', () => {
      socket = undefined;
      held = Buffer.alloc(0);
      const lost = [...asked.values()];
      asked.clear();
      for (const key of lost) tell({ kind: 'answered', key, how: 'cut' });
    });
  }

  function onAnswers(octets: Buffer): void {
    held = Buffer.concat([held, octets]);
    while (held.length >= ANSWER_OCTETS) {
      const number = held.readUInt32BE(0);
      const how = HOW[held.readUInt8(4)] ?? 'cut';
      held = held.subarray(ANSWER_OCTETS);
      const key = asked.get(number);
      asked.delete(number);
      if (key !== undefined) tell({ kind: 'answered', key, how });
    }
  }

  /** False where the server is not there, or does not take it all at once. */
  function give(key: ConnectionKey, request: Uint8Array): boolean {
    const over = socket && descriptorOf(socket);
    const fd = sockets.descriptorOf(key);
    if (over === undefined || fd === undefined) return false;
    last = (last + 1) >>> 0;
    const message = Buffer.alloc(HEADER_OCTETS + request.length);
    message.writeUInt32BE(last, 0);
    message.writeUInt32BE(request.length, 4);
    message.set(request, HEADER_OCTETS);
    asked.set(last, key);
    try {
      if (sendDescriptor(over, fd, message) === message.length) return true;
      // The server would wait for the rest of it for ever.
      socket?.destroy();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      asked.delete(last);
    }
    return false;
  }

  /**
   * Gives a request away once nothing waits to be written before its response.
   *
   * A connection may come with octets that its former owner has not sent: the server, which writes
   * past the outlet, would write in the middle of them.
   */
  function giveInTurn(key: ConnectionKey, request: Uint8Array): void {
    const name = keyText(key);
    const turn = Symbol(name);
    turns.set(name, turn);
    sockets.whenWritten(key, () => {
      if (turns.get(name) !== turn) return;
      turns.delete(name);
      if (!give(key, request)) tell({ kind: 'server-failed', key });
    });
  }

  /** Gathers a request, and gives it away when it is complete. */
  function take(key: ConnectionKey, octets: Uint8Array, isEnd: boolean): void {
    const name = keyText(key);
    const request = Buffer.concat([parts.get(name) ?? NOTHING, octets]);
    const isTooLong = request.length > REQUEST_OCTETS_MAX;
    if (isEnd || isTooLong) parts.delete(name);
    else parts.set(name, request);
    if (isTooLong) tell({ kind: 'server-failed', key });
    else if (isEnd) giveInTurn(key, request);
  }

  function forget(key: ConnectionKey): void {
    const name = keyText(key);
    parts.delete(name);
    turns.delete(name);
    for (const [number, each] of asked) if (keyText(each) === name) asked.delete(number);
  }

  dial();
  return {
    perform(effect) {
      const { kind, key } = effect;
      if (kind === 'server-write') take(key, effect.octets, effect.isEnd);
      else if (kind !== 'server-open') forget(key);
      else if (socket === undefined) dial();
    },
    close() {
      asked.clear();
      socket?.destroy();
    },
  };
}

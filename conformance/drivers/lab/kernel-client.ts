/**
 * A client of a story whose TCP is the kernel's: it tells what any program could tell.
 *
 * To close is to send FIN and to read on, so that the end of the connection is seen.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { adoptConnection } from '../../../reference/host/connection.ts';
import type { Lab } from '../../../reference/host/lab.ts';
import {
  bindSocket,
  closeDescriptor,
  connectSocket,
  getOption,
  openSocket,
  poll,
  POLLOUT,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  type SocketOption,
} from '../../../reference/host/socket.ts';
import { AF_INET } from '../../../reference/host/socket-address.ts';
import { SyscallError } from '../../../reference/host/syscall.ts';
import type { Act, ConnectionEnd, Cue, Line } from '../../driver/system.ts';
import { signalOf } from '../sim/script.ts';
import type { Client, ClientOptions } from './client.ts';
import { CLIENT_STATIONS, VIRTUAL } from './network.ts';

const POLL_MS = 1;
const CONNECT_MAX_MS = 20_000;
const SO_ERROR: SocketOption = { level: 1, option: 4, name: 'SO_ERROR' };

/** Whether a kernel can do all that a client is to do. */
export function isPlain(lines: readonly Line[]): boolean {
  const connects = lines.filter(({ act }) => act.kind === 'connect');
  return connects.length === 1 && lines.every(({ act }) => isPlainAct(act));
}

function isPlainAct(act: Act): boolean {
  if (act.kind === 'connect') return Object.keys(act.offer).length === 0;
  if (act.kind === 'write') return act.cuts.length === 0;
  return act.kind === 'finish' || act.kind === 'close' || act.kind === 'abort';
}

interface Visit {
  readonly parts: Uint8Array[];
  readonly signals: Set<string>;
  octets: number;
  lastOctetMs: number | undefined;
  socket: Socket | undefined;
  end: ConnectionEnd;
  endMs: number | undefined;
  line: number;
  sinceMs: number;
  isStopped: boolean;
}

/** Lets a client begin in its namespace. */
export function startKernelClient(lab: Lab, options: ClientOptions): Client {
  const { lines, nowMs, onReceived, onFault } = options;
  const visit: Visit = {
    parts: [],
    signals: new Set(),
    octets: 0,
    lastOctetMs: undefined,
    socket: undefined,
    end: 'open',
    endMs: undefined,
    line: 0,
    sinceMs: 0,
    isStopped: false,
  };
  let timer: NodeJS.Timeout | undefined;

  function advance(): void {
    for (;;) {
      const line = visit.isStopped ? undefined : lines[visit.line];
      if (line === undefined || !isCued(visit, line.cue, nowMs())) return wait(line?.cue);
      visit.line += 1;
      visit.sinceMs = nowMs();
      play(line.act);
    }
  }

  function wait(cue: Cue | undefined): void {
    clearTimeout(timer);
    if (cue?.kind !== 'after') return;
    timer = setTimeout(advance, Math.max(0, visit.sinceMs + cue.ms - nowMs()));
  }

  function play(act: Act): void {
    const { socket } = visit;
    if (act.kind === 'connect') open().catch(onFault);
    else if (act.kind === 'write') socket?.write(act.octets);
    else if (act.kind === 'abort') socket?.resetAndDestroy();
    else socket?.end();
  }

  function finish(end: ConnectionEnd): void {
    if (visit.end !== 'open') return;
    visit.end = end;
    visit.endMs = nowMs();
    advance();
  }

  async function open(): Promise<void> {
    const fd = beginConnect(lab, options);
    const failed = await untilConnected(fd, visit);
    if (failed !== undefined) {
      closeDescriptor(fd);
      if (!visit.isStopped) finish(failed);
      return;
    }
    const socket = adoptConnection(fd);
    visit.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (octets) => {
      visit.parts.push(octets);
      visit.octets += octets.length;
      visit.lastOctetMs = nowMs();
      onReceived();
      advance();
    });
    socket.on('end', () => finish('finished'));
    socket.on('error', (error) => {
      if (isTimeout(error)) finish('timeout');
      // A write behind the end of a connection that is known to have ended.
      else finish('reset');
    });
    advance();
  }

  advance();
  return {
    isDone: () => visit.end !== 'open' || visit.socket?.destroyed === true,
    isPausing: () => lines[visit.line]?.cue.kind === 'after',
    receivedOctets: () => visit.octets,
    onMoment(moment) {
      visit.signals.add(signalOf(moment));
      advance();
    },
    outcomes: () => {
      const { parts, end, endMs = nowMs(), lastOctetMs } = visit;
      return [{ received: Uint8Array.from(Buffer.concat(parts)), end, endMs, lastOctetMs }];
    },
    stop() {
      visit.isStopped = true;
      clearTimeout(timer);
      visit.socket?.destroy();
    },
  };
}

function isCued({ socket, end, signals, octets, sinceMs }: Visit, cue: Cue, nowMs: number) {
  switch (cue.kind) {
    case 'at-once':
      return true;
    case 'opened':
      return socket !== undefined;
    case 'peer-finished':
      return end === 'finished';
    case 'after':
      return nowMs >= sinceMs + cue.ms;
    case 'received':
      return octets >= cue.octets;
    case 'moment':
      return signals.has(signalOf(cue.moment));
    default:
      return cue satisfies never;
  }
}

/** A socket of the client's namespace on its way to the virtual endpoint. */
function beginConnect(lab: Lab, { client, local }: ClientOptions): number {
  const host = CLIENT_STATIONS.kernel[client]?.host ?? '';
  const fd = lab.inside(host, () => openSocket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK));
  try {
    bindSocket(fd, local);
    connectSocket(fd, VIRTUAL);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === 'EINPROGRESS') return fd;
    closeDescriptor(fd);
    throw error;
  }
  return fd;
}

/** How it ended, if it did not come to a connection. */
async function untilConnected(fd: number, visit: Visit): Promise<ConnectionEnd | undefined> {
  const deadline = performance.now() + CONNECT_MAX_MS;
  while (poll(fd, POLLOUT, 0) === 0) {
    if (visit.isStopped || performance.now() > deadline) return 'timeout';
    // oxlint-disable-next-line no-await-in-loop -- until it is there
    await sleep(POLL_MS);
  }
  return getOption(fd, SO_ERROR) === 0 ? undefined : 'reset';
}

function isTimeout(error: Error): boolean {
  return 'code' in error && error.code === 'ETIMEDOUT';
}

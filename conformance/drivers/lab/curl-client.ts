/**
 * A client of a story that is curl: one request after the other on one connection.
 *
 * It tells stories in which each request waits for the answers before it, and nothing else is done.
 * What it says beside the request line is its own.
 */
import type { Lab } from '../../../reference/host/lab.ts';
import { formatEndpointAddress } from '../../../reference/host/socket-address.ts';
import type { ConnectionEnd, Line } from '../../driver/system.ts';
import { wishOf } from '../../traffic/site.ts';
import type { Client, ClientOptions } from './client.ts';
import { CLIENT_STATIONS, VIRTUAL } from './network.ts';

const REQUEST = /^GET (?<target>\S+) HTTP\/1\.1\r\nHost: (?<host>\S+)\r\n\r\n$/u;
const OPTIONS = ['--silent', '--include', '--raw', '--http1.1'];
/** curl(1), exit codes. */
const TIMED_OUT = 28;
const HAS_NO_ANSWER = 52;

interface Asked {
  readonly target: string;
  readonly host: string;
}

function askedBy({ act }: Line): Asked | undefined {
  if (act.kind !== 'write') return undefined;
  const { target, host } = REQUEST.exec(Buffer.from(act.octets).toString('latin1'))?.groups ?? {};
  return target === undefined || host === undefined ? undefined : { target, host };
}

/** What curl can ask on one connection to tell the same story; undefined where it cannot. */
function asksOf(lines: readonly Line[]): readonly Asked[] | undefined {
  const [connect, ...rest] = lines;
  const close = rest.pop();
  const asks = rest.flatMap((line) => askedBy(line) ?? []);
  const isInTurn = rest.every(({ cue }, index) => index === 0 || cue.kind === 'received');
  // After such an answer it would connect once more.
  const areMany = asks.every(({ target }) => !wishOf(target).isLast && !wishOf(target).isTunnel);
  const isTold =
    connect?.act.kind === 'connect' &&
    Object.keys(connect.act.offer).length === 0 &&
    close?.act.kind === 'close' &&
    close.cue.kind === 'received' &&
    new Set(asks.map(({ host }) => host)).size === 1;
  return isTold && isInTurn && areMany && asks.length === rest.length ? asks : undefined;
}

/** Whether curl can do all that a client is to do. */
export function isForCurl(lines: readonly Line[]): boolean {
  return asksOf(lines) !== undefined;
}

/** Starts curl in a client's namespace. */
export function startCurl(lab: Lab, options: ClientOptions): Client {
  const { client, local, lines, nowMs, onReceived, onFault } = options;
  const asks = asksOf(lines) ?? [];
  const host = CLIENT_STATIONS.kernel[client]?.host ?? '';
  const words = ['curl', ...OPTIONS, '--local-port', String(local.port)];
  words.push('--header', `Host: ${asks[0]?.host ?? ''}`);
  const site = `http://${formatEndpointAddress(VIRTUAL)}:${VIRTUAL.port}`;
  words.push(...asks.map(({ target }) => `${site}${target}`));
  const child = lab.start(host, words, ['ignore', 'pipe', 'ignore']);
  const parts: Buffer[] = [];
  let lastOctetMs: number | undefined;
  let end: ConnectionEnd = 'open';
  let endMs: number | undefined;
  child.stdout?.on('data', (octets: Buffer) => {
    parts.push(octets);
    lastOctetMs = nowMs();
    onReceived();
  });
  child.on('error', onFault);
  child.on('close', (status) => {
    endMs = nowMs();
    if (status === 0 || status === HAS_NO_ANSWER) end = 'finished';
    else end = status === TIMED_OUT ? 'timeout' : 'reset';
  });
  return {
    isDone: () => end !== 'open',
    isPausing: () => false,
    receivedOctets: () => parts.reduce((sum, { length }) => sum + length, 0),
    onMoment: () => {},
    outcomes: () => {
      const received = Uint8Array.from(Buffer.concat(parts));
      return [{ received, end, endMs: endMs ?? nowMs(), lastOctetMs }];
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

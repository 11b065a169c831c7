/**
 * A server switch as a program, in its namespace.
 *
 *   {setup}   the path of a JSON file, which takes the place of this word in the command line
 *   stdout    a line of JSON for each time that it has read the file:
 *             {"ready":true}          it serves what the file says
 *             {"refused":"why"}       the file says what cannot be; it goes on as before
 *             {"unsupported":"what"}  it cannot do that, and nobody has said that it could
 *   SIGHUP    it reads the file again
 *   SIGTERM   it ends, with all that it has started
 *   stderr    for people: the end of it is told where the program fails
 */
import { renameSync, writeFileSync } from 'node:fs';
import { formatIpv4, formatMac } from 'scapy-ts';
import { z } from 'zod';
import type { Setup } from '../../driver/balancer.ts';
import { DriverFault, NotSupported } from '../../driver/device.ts';
import { startProgram, type Program } from '../child/program.ts';
import { printable } from '../child/tail.ts';
import { SERVER_HOSTS } from '../virtual-bed/hosts.ts';
import { DEVICE, ONE_SEAT, PAIR_SEATS, SHARED_ADDRESSES, type SwitchSeat } from './network.ts';

/** How a server switch is started. */
export interface ProgramOptions {
  readonly name: string;
  /** Of its words `{setup}` is replaced. */
  readonly cmd: readonly string[];
  /** Where it is started. */
  readonly folder: string;
  /** How long it may take for a line. */
  readonly timeoutMs: number;
}

/** A server switch that runs, or is to. */
export interface Product {
  /**
   * Tells it what to be; starts it the first time. Answers what is wrong with the setup, and
   * undefined where nothing is. Rejects with `DriverFault` and `NotSupported`.
   */
  readonly configure: (setup: Setup) => Promise<string | undefined>;
  /** Why it does not run any more; undefined as long as it does. */
  readonly fault: () => DriverFault | undefined;
  readonly pid: () => number | undefined;
  /** Ends it. */
  readonly end: () => Promise<void>;
}

/** What a program is told beside the setup: where everybody is. */
export interface Surroundings {
  /** The one device, which has the addresses. */
  readonly device: string;
  readonly mac: string;
  /** Of the switch, with prefix length: in the clients' network and in that of the servers. */
  readonly addresses: readonly string[];
  readonly servers: readonly {
    readonly name: string;
    readonly address: string;
    readonly mac: string;
  }[];
  /** Of two switches that stand for one. */
  readonly pair?: {
    /** Which of both it is. */
    readonly place: 1 | 2;
    /** Beside the virtual ones, what the active one has; it is the servers' gateway. */
    readonly shared: readonly string[];
  };
}

function surroundingsOf(seat: SwitchSeat): Surroundings {
  const { mac: own, addresses } = seat;
  const place = seat === PAIR_SEATS[0] ? 1 : 2;
  const pair = { place, shared: SHARED_ADDRESSES } as const;
  return {
    device: DEVICE,
    mac: own,
    addresses,
    servers: SERVER_HOSTS.map(({ name, address, mac }) => {
      return { name, address: formatIpv4(address), mac: formatMac(mac) };
    }),
    ...(PAIR_SEATS.includes(seat) ? { pair } : {}),
  };
}

const LINE_MAX = 65_536;
const SHOWN_MAX = 200;
/** How long a program may take to end before it is killed. */
const END_MAX_MS = 2000;

const lineSchema = z.union([
  z.strictObject({ ready: z.literal(true) }),
  z.strictObject({ refused: z.string() }),
  z.strictObject({ unsupported: z.string() }),
]);
type Word = z.infer<typeof lineSchema>;

/** What a line says; undefined for a line that is none of these. */
function wordIn(text: string): Word | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** The program in the namespace `namespace`, not started yet; it reads `path`. */
export function createProduct(
  options: ProgramOptions,
  namespace: string,
  path: string,
  seat: SwitchSeat = ONE_SEAT,
): Product {
  const { name, cmd, folder, timeoutMs } = options;
  let program: Program | undefined;
  let fault: DriverFault | undefined;
  let isEnding = false;
  let text = '';
  const decoder = new TextDecoder();
  let listener: ((word: Word) => void) | undefined;
  let onFault: (() => void) | undefined;

  function fail(reason: string, what: string): void {
    if (isEnding) return;
    fault ??= new DriverFault(reason, `${name} ${what}${program?.lastWords() ?? ''}`);
    onFault?.();
  }

  function hear(octets: Uint8Array): void {
    text += decoder.decode(octets, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    if (text.length > LINE_MAX) fail('protocol', `says a line of more than ${LINE_MAX} letters`);
    for (const line of lines) {
      const word = wordIn(line);
      const take = listener;
      listener = undefined;
      if (word === undefined) fail('protocol', `says ${printable(line.slice(0, SHOWN_MAX))}`);
      else if (take === undefined) fail('protocol', 'says a line that it was not asked for');
      else take(word);
    }
  }

  function start(): void {
    const words = cmd.map((word) => word.replaceAll('{setup}', path));
    program = startProgram(['ip', 'netns', 'exec', namespace, ...words], folder, {
      output: hear,
      notStarted: (told) => fail('start', `does not start: ${told}`),
      ended: (how) => fail('ended', how),
    });
  }

  async function answer(): Promise<Word> {
    let late: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Word>((resolve, reject) => {
        const lose = (): void => reject(fault ?? new DriverFault('ended', `${name} has ended`));
        listener = resolve;
        onFault = lose;
        late = setTimeout(() => fail('timeout', `says nothing for ${timeoutMs} ms`), timeoutMs);
        if (fault !== undefined) lose();
      });
    } finally {
      clearTimeout(late);
      listener = undefined;
      onFault = undefined;
    }
  }

  return {
    async configure(setup) {
      replace(path, JSON.stringify({ ...surroundingsOf(seat), setup }, undefined, 1));
      const answered = answer();
      if (program === undefined) start();
      else program.signal('SIGHUP');
      const word = await answered;
      if ('unsupported' in word) throw new NotSupported(word.unsupported);
      return 'refused' in word ? word.refused : undefined;
    },
    fault: () => fault,
    pid: () => program?.pid,
    async end() {
      isEnding = true;
      if (program === undefined) return;
      program.signal('SIGTERM');
      const late = setTimeout(() => program?.kill(), END_MAX_MS);
      await program.gone;
      clearTimeout(late);
    },
  };
}

/**
 * Requests to a program's standard input, answers from its standard output.
 *
 * JSON-RPC 2.0, one object a line. The device speaks only when it is asked. Whatever it does
 * otherwise ends it: a link is whole, or it has a fault and every call fails with that.
 */
import { DriverFault } from '../driver/device.ts';
import { createLineReader } from './stdio-lines.ts';
import { startProgram } from './child/program.ts';
import { printable } from './child/tail.ts';

/** How the program is started. */
export interface LinkCommand {
  readonly cmd: readonly string[];
  readonly folder: string;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}

/** Calls `fire` after `ms`, unless the function that it returns is called before. */
export type After = (ms: number, fire: () => void) => () => void;

/** An answer as the device gave it. */
export type Answer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

/** A program that is asked. */
export interface Link {
  /** Rejects with a `DriverFault` when there is no answer, and then ends the program. */
  call(method: string, params: unknown): Promise<Answer>;
  /** Ends the program because of what it answered; resolves to the fault of the link. */
  blame(reason: string, told: string): Promise<DriverFault>;
  isBroken(): boolean;
  /** Asks the program to end, waits for a bounded time, and ends it. */
  end(): Promise<void>;
}

/** Longest line of a device. */
const MAX_LINE_OCTETS = 16 * 1024 * 1024;
/** How long a program that was told to end may take; and one that was killed, to be gone. */
const END_MS = 1000;
/** How much of a line is quoted. */
const MAX_QUOTED = 120;

/** Real time. */
export const realAfter: After = (ms, fire) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

interface Waiting {
  readonly method: string;
  readonly answered: (answer: Answer) => void;
  readonly failed: (fault: Promise<DriverFault>) => void;
  cancel: () => void;
}

function quoted(line: string): string {
  const text = printable(line.slice(0, MAX_QUOTED));
  return line.length > MAX_QUOTED ? `${text}… (${line.length} characters)` : text;
}

/** The identifier and the answer in a line, or what is wrong with it. */
function readAnswer(line: string): { readonly id: number; readonly answer: Answer } | string {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  if (typeof message !== 'object' || message === null) return 'not an object';
  if (!('jsonrpc' in message) || message.jsonrpc !== '2.0') return 'without "jsonrpc": "2.0"';
  if (!('id' in message) || typeof message.id !== 'number') return 'without the id of a request';
  const { id } = message;
  if ('result' in message) return { id, answer: { kind: 'result', value: message.result } };
  if (!('error' in message) || typeof message.error !== 'object' || message.error === null) {
    return 'without result and error';
  }
  const { error } = message;
  if (!('code' in error) || typeof error.code !== 'number') return 'with an error without code';
  const told = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return { id, answer: { kind: 'error', code: error.code, message: quoted(told) } };
}

/** Resolves when `what` does, or after `ms`. */
async function within(ms: number, what: Promise<unknown>, after: After): Promise<void> {
  let cancel = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    cancel = after(ms, resolve);
  });
  await Promise.race([what, over]);
  cancel();
}

/** Starts the program. */
export function startLink({ cmd, folder, timeoutMs }: LinkCommand, after: After): Link {
  const waiting = new Map<number, Waiting>();
  const lines = createLineReader(MAX_LINE_OCTETS);
  let lastId = 0;
  let broken: Promise<DriverFault> | undefined;
  let isEnding = false;

  function blame(reason: string, told: string): Promise<DriverFault> {
    if (broken !== undefined) return broken;
    program.kill();
    // What it wrote last tells most: it is complete when the program is gone.
    broken = within(END_MS, program.gone, after).then(
      () => new DriverFault(reason, `${told}${program.lastWords()}`),
    );
    for (const { cancel, failed } of waiting.values()) {
      cancel();
      failed(broken);
    }
    waiting.clear();
    return broken;
  }

  function take(line: string): void {
    const read = readAnswer(line);
    if (typeof read === 'string') {
      const told = `a line of standard output is no answer, it is ${read}: ${quoted(line)}`;
      void blame('garbage', told);
      return;
    }
    const call = waiting.get(read.id);
    if (call === undefined) {
      void blame('unasked', `an answer with id ${read.id}, which waits for none: ${quoted(line)}`);
      return;
    }
    waiting.delete(read.id);
    call.cancel();
    call.answered(read.answer);
  }

  function output(octets: Uint8Array): void {
    if (broken !== undefined) return;
    const read = lines.push(octets);
    if (read.ok) {
      for (const line of read.value) if (broken === undefined) take(line);
    } else if (read.error === 'too-long') {
      void blame('flood', `a line is longer than ${MAX_LINE_OCTETS} octets`);
    } else {
      void blame('garbage', 'a line of standard output is no UTF-8');
    }
  }

  function ended(how: string): void {
    if (isEnding) return;
    const [first] = waiting.values();
    const when = first === undefined ? '' : ` before it answered ${first.method}`;
    void blame('died', `the device ${how}${when}`);
  }

  const notStarted = (told: string): void => void blame('not-started', told);
  const program = startProgram(cmd, folder, { output, ended, notStarted });

  function ask(method: string, params: unknown): Promise<Answer> {
    return new Promise((answered, reject) => {
      const failed = (fault: Promise<DriverFault>): void => void fault.then(reject);
      if (broken !== undefined) {
        failed(broken);
        return;
      }
      lastId += 1;
      const own: Waiting = { method, answered, failed, cancel: () => undefined };
      const hangs = (): void => void blame('hang', `no answer to ${method} within ${timeoutMs} ms`);
      // In two halves, for the suite itself may have been busy during all of one.
      own.cancel = after(timeoutMs / 2, () => {
        own.cancel = after(timeoutMs / 2, hangs);
      });
      waiting.set(lastId, own);
      program.write(`${JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })}\n`);
    });
  }

  return {
    call: ask,
    blame,
    isBroken: () => broken !== undefined,
    async end(): Promise<void> {
      if (broken === undefined) {
        isEnding = true;
        const asked = ask('close', {}).catch(() => undefined);
        await within(END_MS, Promise.race([asked, program.gone]), after);
        program.closeInput();
        await within(END_MS, program.gone, after);
      }
      program.kill();
      await within(END_MS, program.gone, after);
    },
  };
}

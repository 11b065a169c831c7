/**
 * A simulated core in this process, as a shared library that koffi calls.
 *
 * koffi is an optional package. It is loaded with the first core, so that a program that simulates
 * nothing starts without it.
 */
import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { buildCore, type Design } from './build.ts';
import { CoreFault, startCore, type Core } from './core.ts';

/** Which core, and what its undefined state is. */
export interface CoreOptions extends Design {
  /** What is undefined in the core is zero without it or with 0, else random, any 31 bits. */
  readonly seed?: number;
}

interface Calls {
  readonly open: (seed: number) => number | bigint;
  readonly ask: (core: number | bigint, request: Uint8Array, length: number) => number;
  readonly answer: (core: number | bigint, into: Uint8Array) => void;
  readonly close: (core: number | bigint) => void;
}

const loaded = new Map<string, Calls>();

/** Why no core can run in this process, in a sentence; undefined where it can. */
export function whyNoLibrary(): string | undefined {
  try {
    createRequire(import.meta.url)('koffi');
    return undefined;
  } catch {
    return 'the package koffi is needed for a core in this process: npm install koffi';
  }
}

function load(path: string): Calls {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
  const library = koffi.load(path);
  const calls: Calls = {
    open: library.func('intptr_t core_open(uint32_t)'),
    ask: library.func('size_t core_ask(intptr_t, const uint8_t *, size_t)'),
    answer: library.func('void core_answer(intptr_t, void *)'),
    close: library.func('void core_close(intptr_t)'),
  };
  loaded.set(path, calls);
  return calls;
}

/**
 * A core in this process, which stands still while it is asked.
 *
 * Rejects with Error where koffi, or what builds the core, is missing, and with CoreFault where the
 * core does not come out of its reset.
 */
export async function openCore(options: CoreOptions = {}): Promise<Core> {
  const missing = whyNoLibrary();
  if (missing !== undefined) throw new Error(missing);
  const calls = load((await buildCore(options)).library);
  const core = calls.open(options.seed ?? 0);
  if (Number(core) === 0) throw new CoreFault('model: it cannot be made');
  let isOpen = true;
  return startCore({
    async ask(request) {
      if (!isOpen) throw new CoreFault('ended: the core was closed');
      const answer = new Uint8Array(calls.ask(core, request, request.length));
      calls.answer(core, answer);
      return answer;
    },
    async close() {
      if (isOpen) calls.close(core);
      isOpen = false;
    },
  });
}

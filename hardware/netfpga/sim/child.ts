/** A simulated core in a process of its own, which ends when its input does. */
import { spawn } from 'node:child_process';
import { buildCore } from './build.ts';
import { CoreFault, startCore, type Core, type Link } from './core.ts';
import type { CoreOptions } from './library.ts';

/** Which core, and where what was covered is written. */
export interface ChildOptions extends CoreOptions {
  /** Written when the core is closed; of a design that is covered. */
  readonly coverageFile?: string;
}

/** A core in a process of its own. Rejects like openCore. */
export async function openChildCore(options: ChildOptions = {}): Promise<Core> {
  const { child } = await buildCore(options);
  const words = [String(options.seed ?? 0)];
  if (options.coverageFile !== undefined) words.push(options.coverageFile);
  return startCore(startChild(child, words));
}

const LENGTH_OCTETS = 4;
const LAST_WORDS_CHARACTERS = 1000;

interface Asked {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (fault: CoreFault) => void;
}

function startChild(path: string, words: readonly string[]): Link {
  const child = spawn(path, words, { stdio: 'pipe' });
  const waiting: Asked[] = [];
  let fault: CoreFault | undefined;
  let lastWords = '';

  function end(how: string): void {
    fault ??= new CoreFault(`ended: ${path} ${how} ${lastWords}`.trimEnd());
    for (const { reject } of waiting.splice(0)) reject(fault);
  }

  const gone = new Promise<void>((resolve) => {
    child.once('error', ({ message }) => {
      end(message);
      resolve();
    });
    child.once('close', (status, signal) => {
      end(`ended with ${signal ?? `status ${status}`}`);
      resolve();
    });
  });
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = `${lastWords}${text}`.slice(-LAST_WORDS_CHARACTERS);
  });
  child.stdout.on(
    'data',
    createSplitter((answer) => waiting.shift()?.resolve(answer)),
  );
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (fault !== undefined) {
          reject(fault);
          return;
        }
        waiting.push({ resolve, reject });
        const length = Buffer.alloc(LENGTH_OCTETS);
        length.writeUInt32LE(request.length);
        child.stdin.cork();
        child.stdin.write(length);
        child.stdin.write(request);
        child.stdin.uncork();
      }),
    close() {
      child.stdin.end();
      return gone;
    },
  };
}

/** Takes a stream apart into what has its length in front of it. */
function createSplitter(told: (octets: Uint8Array) => void): (chunk: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let held = 0;
  let wanted = LENGTH_OCTETS;

  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const all = parts.length === 1 ? (parts[0] ?? chunk) : Buffer.concat(parts);
      const view = new DataView(all.buffer, all.byteOffset, all.length);
      const length = view.getUint32(0, true);
      const end = LENGTH_OCTETS + length;
      parts = [all];
      wanted = end;
      if (held < end) return;
      told(new Uint8Array(all.buffer, all.byteOffset + LENGTH_OCTETS, length));
      parts = [all.subarray(end)];
      held -= end;
      wanted = LENGTH_OCTETS;
    }
  };
}

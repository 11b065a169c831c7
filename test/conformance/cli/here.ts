/** The command in the process of the test: quick, but one at a time. */
import { main } from '../../../conformance/cli/main.ts';
import type { Ended } from './program.ts';

/** Catches what is written to `stream` until it is released. */
function caught(stream: NodeJS.WriteStream): { readonly text: () => string; release(): void } {
  const parts: string[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: string | Uint8Array): boolean => parts.push(String(chunk)) > 0;
  return {
    text: () => parts.join(''),
    release: () => void (stream.write = write),
  };
}

/** Signals that the command listens to for as long as its process lives. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `prismspec` with `words`; for serial tests, since it takes the output of the process. */
export async function prismspecHere(words: readonly string[]): Promise<Ended> {
  const [out, err] = [caught(process.stdout), caught(process.stderr)];
  const before = SIGNALS.map((signal) => process.listeners(signal));
  try {
    const exit = await main(words);
    return { exit, stdout: out.text(), stderr: err.text() };
  } finally {
    out.release();
    err.release();
    SIGNALS.forEach((signal, index) => {
      const added = process.listeners(signal).filter((each) => !before[index]?.includes(each));
      for (const listener of added) process.off(signal, listener);
    });
  }
}

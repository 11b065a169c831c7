/** Reads an access log from a file, in pieces: a log may be larger than memory. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createLogReader, type LogTally } from '../access-log.ts';
import type { Trace } from '../trace.ts';

/** The longest line that is read; RFC 9112 section 3 asks for 8,000 octets of a request line. */
const MOST_LINE_OCTETS = 64 * 1024;
const LINE_FEED = 10;

/** Feeds whole lines to `take`, and says of each line that is too long, once, `refuse`. */
function createSplitter(
  take: (line: string) => void,
  refuse: (why: string) => void,
): { readonly feed: (chunk: Buffer) => void; readonly end: () => void } {
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;

  function line(octets: Buffer): void {
    if (isTooLong || octets.length > MOST_LINE_OCTETS) {
      refuse(`longer than ${MOST_LINE_OCTETS} octets`);
      isTooLong = false;
      return;
    }
    const text = octets.toString('latin1').trimEnd();
    if (text !== '') take(text);
  }

  return {
    feed(chunk): void {
      let from = 0;
      for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
        const part = chunk.subarray(from, at);
        line(rest.length === 0 ? part : Buffer.concat([rest, part]));
        rest = Buffer.alloc(0);
        from = at + 1;
      }
      rest = rest.length === 0 ? chunk.subarray(from) : Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.length > MOST_LINE_OCTETS) {
        isTooLong = true;
        rest = Buffer.alloc(0);
      }
    },
    end(): void {
      if (rest.length > 0 || isTooLong) line(rest);
    },
  };
}

/**
 * The trace in a log; a name that ends in `.gz` is unpacked.
 *
 * Rejects with the system's error where the file cannot be read, with zlib's where it cannot be
 * unpacked, and with a RangeError for more files or requests than fit into memory.
 */
export async function readLogFile(
  path: string,
): Promise<{ readonly trace: Trace; readonly tally: LogTally }> {
  const reader = createLogReader();
  const splitter = createSplitter(
    (line) => reader.take(line),
    (why) => reader.refuse(why),
  );
  const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) splitter.feed(chunk);
    splitter.end();
  };
  const file = createReadStream(path);
  if (path.endsWith('.gz')) await pipeline(file, createGunzip(), consume);
  else await pipeline(file, consume);
  return reader.finish();
}

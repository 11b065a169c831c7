/**
 * Frames as the text that NetFPGA's simulations read and write: a word of AXI4-Stream in a line.
 *
 *   # a comment
 *   TDATA, TKEEP, TUSER,      a word, in hexadecimal; the first octet of a frame is TDATA's last
 *   TDATA, TKEEP, TUSER.      a frame's last word
 *   *3   @100   +20           wait for cycles, until a time in ns, for ns
 *   B 2   N 1   S 1           barrier: go on when as many more frames (N) were recorded at this port
 *
 * TUSER of a frame's first word: [15:0] length, [23:16] source port, [31:24] destination ports.
 */
import type { Result } from 'scapy-ts';

/** A frame between the parts of a pipeline. */
export interface StreamFrame {
  readonly octets: Uint8Array;
  /** One-hot, 8 bits. */
  readonly source: number;
  /** A bit for each port, 8 bits. */
  readonly destinations: number;
}

/** What is wrong with a text, and in which line, from 1. */
export interface StreamError {
  readonly line: number;
  readonly what: 'word' | 'keep' | 'length' | 'ending';
}

const USER_DIGITS = 32;
/** Nanoseconds for which upstream waits at the words of a barrier. */
const BARRIER_NS = 2;

function digits(value: bigint, count: number): string {
  return value.toString(16).padStart(count, '0');
}

/** The lines of a frame, in words of `wordOctets`. */
export function emitFrame(frame: StreamFrame, wordOctets: number): string {
  const { octets, source, destinations } = frame;
  const user = BigInt(octets.length) | (BigInt(source) << 16n) | (BigInt(destinations) << 24n);
  let lines = '';
  for (let at = 0; at < octets.length; at += wordOctets) {
    const word = octets.subarray(at, at + wordOctets);
    const reversed = Uint8Array.from(word).toReversed();
    const hex = Array.from(reversed, (octet) => digits(BigInt(octet), 2)).join('');
    const keep = digits((1n << BigInt(word.length)) - 1n, wordOctets / 4);
    const end = at + wordOctets >= octets.length ? '.' : ',';
    const text = hex.padStart(wordOctets * 2, '0');
    lines += `${text}, ${keep}, ${digits(at === 0 ? user : 0n, USER_DIGITS)}${end}\n`;
  }
  return `${lines}\n`;
}

/** The lines of a barrier: so many frames have to leave here, and were sent here, since the last. */
export function emitBarrier(expected: number, sent: number): string {
  return `B ${BARRIER_NS}\nN ${expected}\nS ${sent}\n\n`;
}

const WORD =
  /^(?<hex>[0-9a-f]+)\s*,\s*(?<keep>[0-9a-f]+)\s*,\s*(?<user>[0-9a-f]+)\s*(?<end>[,.])$/iu;
const WAIT = /^(?:[*@+]|[BNS](?=\s))\s*\d+$/u;

/** The octets of a word; undefined where TKEEP has holes, or is not full before the last word. */
function wordOf(hex: string, keep: bigint, isLast: boolean): Uint8Array | undefined {
  const octets = Uint8Array.from(hex.match(/../gu) ?? [], (pair) =>
    parseInt(pair, 16),
  ).toReversed();
  const count = keep.toString(2).length;
  const isFilled = keep === (1n << BigInt(count)) - 1n && count <= octets.length;
  return isFilled && (isLast || count === octets.length) ? octets.subarray(0, count) : undefined;
}

/** The frames in a text, such as a stimulus or the log of a simulation. Never throws. */
export function parseStream(text: string): Result<readonly StreamFrame[], StreamError> {
  const frames: StreamFrame[] = [];
  let words: Uint8Array[] = [];
  let user = 0;
  const lines = text.split('\n').map((each) => each.replace(/#.*$/u, '').trim());
  for (const [index, line] of lines.entries()) {
    const fail = (what: StreamError['what']): Result<never, StreamError> => {
      return { ok: false, error: { line: index + 1, what } };
    };
    if (line === '' || WAIT.test(line)) continue;
    const { hex = '', keep = '', user: side = '', end = '' } = WORD.exec(line)?.groups ?? {};
    if (end === '' || hex.length % 2 !== 0) return fail('word');
    const word = wordOf(hex, BigInt(`0x${keep}`), end === '.');
    if (word === undefined) return fail('keep');
    if (words.length === 0) user = Number(BigInt(`0x${side}`) & 0xffff_ffffn);
    words.push(word);
    if (end === ',') continue;
    const octets = Uint8Array.from(words.flatMap((each) => [...each]));
    words = [];
    if ((user & 0xffff) !== octets.length) return fail('length');
    frames.push({ octets, source: (user >>> 16) & 0xff, destinations: user >>> 24 });
  }
  if (words.length > 0) return { ok: false, error: { line: lines.length, what: 'ending' } };
  return { ok: true, value: frames };
}

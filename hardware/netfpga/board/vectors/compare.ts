/** What left a simulation against what had to, octet for octet and in order. */
import { parseStream, type StreamError } from './axi-stream.ts';

const NEAR_OCTETS = 8;

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function describeError({ line, what }: StreamError): string {
  return {
    word: `line ${line} is no word`,
    keep: `line ${line} has a TKEEP with holes, or one that is not full before the last word`,
    length: `the frame that ends in line ${line} is not as long as its TUSER says`,
    ending: 'the last frame has no end',
  }[what];
}

/** The first octet in which two frames differ, and what is there; undefined where none does. */
function difference(expected: Uint8Array, left: Uint8Array): string | undefined {
  const length = Math.max(expected.length, left.length);
  for (let at = 0; at < length; at += 1) {
    if (expected[at] === left[at]) continue;
    const near = (octets: Uint8Array): string =>
      hex(octets.subarray(at, at + NEAR_OCTETS)) || 'its end';
    return `octet ${at}: expected ${near(expected)}, left ${near(left)}`;
  }
  return undefined;
}

/** What is wrong with a log, in sentences; empty where it is as expected. */
export function compareStreams(expected: string, log: string): readonly string[] {
  const [must, did] = [parseStream(expected), parseStream(log)];
  if (!must.ok) return [`the expectation: ${describeError(must.error)}`];
  if (!did.ok) return [`the log: ${describeError(did.error)}`];
  const counts = [must.value.length, did.value.length] as const;
  const differences = must.value.flatMap((frame, index) => {
    const left = did.value[index];
    const found = left === undefined ? undefined : difference(frame.octets, left.octets);
    return found === undefined ? [] : [`frame ${index + 1}, ${found}`];
  });
  if (counts[0] !== counts[1]) {
    differences.push(`${counts[0]} frames had to leave, ${counts[1]} left`);
  }
  return differences;
}

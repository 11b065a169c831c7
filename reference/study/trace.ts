/** A trace: which file each request asks for, and how large the files are. */

/** Octets of a mebibyte, in which memory is counted here. */
export const MEBIBYTE = 1_048_576;

/** Requests in the order in which they come; files are numbers 0 … n − 1. */
export interface Trace {
  /** The file of each request. */
  readonly requests: Uint32Array;
  /** Octets of each file, 0 … 2^32 − 1. */
  readonly sizes: Uint32Array;
}

/** What a trace is like, in figures. */
export interface TraceSummary {
  readonly requests: number;
  /** Files that are asked for at least once. */
  readonly files: number;
  /** Octets of these files together. */
  readonly octets: number;
  /** Octets sent in answer to all requests. */
  readonly sentOctets: number;
  /** The share of the requests, 0 … 1, that ask for the most popular file. */
  readonly topShare: number;
  /** Octets of the most popular files that together get 97, 98 and 99 % of the requests. */
  readonly coverage: readonly { readonly share: number; readonly octets: number }[];
}

const COVERED = [0.97, 0.98, 0.99];

function countsOf({ requests, sizes }: Trace): Uint32Array {
  const counts = new Uint32Array(sizes.length);
  for (const file of requests) counts[file] = (counts[file] ?? 0) + 1;
  return counts;
}

/** The share of the requests, 0 … 1, that ask for the most popular file. */
export function topShareOf(trace: Trace): number {
  let most = 0;
  for (const count of countsOf(trace)) most = Math.max(most, count);
  return most / Math.max(1, trace.requests.length);
}

/** The figures of a trace. */
export function summarise(trace: Trace): TraceSummary {
  const { requests, sizes } = trace;
  const counts = countsOf(trace);
  const byCount = Uint32Array.from(sizes.keys())
    .filter((file) => (counts[file] ?? 0) > 0)
    .toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);
  const coverage: { share: number; octets: number }[] = [];
  let served = 0;
  let octets = 0;
  let sentOctets = 0;
  for (const file of byCount) {
    const count = counts[file] ?? 0;
    const size = sizes[file] ?? 0;
    served += count;
    octets += size;
    sentOctets += count * size;
    for (const share of COVERED.slice(coverage.length)) {
      if (served >= share * requests.length) coverage.push({ share, octets });
    }
  }
  const files = byCount.length;
  return {
    requests: requests.length,
    files,
    octets,
    sentOctets,
    topShare: topShareOf(trace),
    coverage,
  };
}

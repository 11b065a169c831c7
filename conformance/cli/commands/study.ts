/** `prismspec study lard`: who gets a request, and what that is worth, simulated. */
import { join } from 'node:path';
import { admissionLimit, LARD_THRESHOLDS } from '../../../reference/policy/lard.ts';
import type { LogTally } from '../../../reference/study/access-log.ts';
import { CACHE_OCTETS, COSTS } from '../../../reference/study/cluster.ts';
import { readLogFile } from '../../../reference/study/host/log-file.ts';
import { sweep } from '../../../reference/study/host/sweep.ts';
import { studyMarkdown, verdictOf, type StudyHead } from '../../../reference/study/markdown.ts';
import { studyPage } from '../../../reference/study/page/page.ts';
import type { Passage } from '../../../reference/study/passage.ts';
import {
  clustersOf,
  createResultTable,
  lardSections,
  passagesOf,
} from '../../../reference/study/study.ts';
import { synthesise } from '../../../reference/study/synthetic.ts';
import { MEBIBYTE, summarise, type Trace } from '../../../reference/study/trace.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { countedProgress } from '../progress.ts';
import { tryPlace, writeWhole } from '../write-file.ts';

/** Options of `study lard`. */
export interface StudyOptions {
  /** An access log; without one the trace is synthetic. */
  readonly trace?: string;
  readonly requests: number;
  readonly seed: number;
  /** Numbers of nodes, ascending. */
  readonly nodes: readonly number[];
  readonly out: string;
}

/** Requests for every connection that is open at once: with fewer, nothing settles. */
const REQUESTS_PER_CONNECTION = 20;
/** Files times nodes: each takes up to 20 octets of a thread's memory. */
const MOST_PLACES = 2 ** 26;
const BAR_LETTERS = 24;

/** A trace with what is to be said of where it comes from. */
interface Source {
  readonly trace: Trace;
  readonly origin: string;
}

function badLines({ bad, firstBad }: LogTally): string {
  const named = firstBad.map(({ line, why }) => `line ${line}: ${why}`).join('; ');
  return `${bad} lines are in no Common or Combined Log Format (${named})`;
}

/** The file that an error of the system, of zlib or of a limit is about, in one line. */
function unreadable(file: string, error: unknown): Complaint {
  if (error instanceof RangeError) {
    return new Complaint(EXIT.badInput, `${file} has ${error.message}: take a part of it`);
  }
  if (!(error instanceof Error && 'code' in error)) throw error;
  const isSystem = 'syscall' in error;
  const exit = isSystem ? EXIT.usage : EXIT.badInput;
  return new Complaint(exit, `the trace ${file} cannot be read: ${error.message}`);
}

async function readSource(file: string): Promise<Source> {
  let log: Awaited<ReturnType<typeof readLogFile>>;
  try {
    log = await readLogFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
  const { trace, tally } = log;
  if (tally.requests === 0) {
    const why = tally.bad > 0 ? badLines(tally) : 'no line asks for a file with GET';
    throw new Complaint(EXIT.badInput, `${file} has no request to simulate: ${why}`);
  }
  if (tally.bad > 0) process.stderr.write(`  ${file}: ${badLines(tally)}; left out\n`);
  const leftOut =
    `${tally.others} lines that ask for no file, ${tally.unsized} for files of unknown size, ` +
    `${tally.bad} in another format`;
  return { trace, origin: `${tally.requests} of ${tally.lines} lines of ${file}; not: ${leftOut}` };
}

/** Complains of a trace that is too short for so many nodes, or has too many files for them. */
function expectFit({ requests, sizes }: Trace, nodes: readonly number[], exit: ExitCode): void {
  const most = nodes.at(-1) ?? 1;
  const least = admissionLimit(most) * REQUESTS_PER_CONNECTION;
  if (requests.length < least) {
    const told = `${requests.length} requests are too few for ${most} nodes`;
    throw new Complaint(exit, `study: ${told}: at least ${least}, or fewer --nodes`);
  }
  if (sizes.length * most > MOST_PLACES) {
    const told = `${sizes.length} files are too many for ${most} nodes`;
    const files = Math.floor(MOST_PLACES / most);
    throw new Complaint(exit, `study: ${told}: at most ${files}, or fewer --nodes`);
  }
}

function headOf({ trace, origin }: Source): StudyHead {
  const { requests, files, octets, sentOctets, topShare, coverage } = summarise(trace);
  const { low, high } = LARD_THRESHOLDS;
  const mebibytes = (amount: number): string => `${Math.round(amount / MEBIBYTE)} MiB`;
  const covered = coverage.map(
    ({ share, octets: needed }) => `${Math.round(100 * share)} % in ${mebibytes(needed)}`,
  );
  return {
    title: 'Locality and balance: LARD and what it is compared with',
    about: [
      `The trace: ${origin}.`,
      `${requests} requests for ${files} files of ${mebibytes(octets)}, ` +
        `${Math.round(sentOctets / requests)} octets each on average; the most popular file gets ` +
        `${(100 * topShare).toFixed(2)} % of them.`,
      `Most popular files that get so many of the requests: ${covered.join(', ')}.`,
      `A node: one processor, one disk, ${mebibytes(CACHE_OCTETS)} for whole files, LRU. The ` +
        `controller keeps as many connections open as LARD admits, (n − 1) · ${high} + ${low} − 1, ` +
        'whatever the policy.',
      `Costs, which are parameters and stand for no product: ${COSTS.connectUs} µs to set up, ` +
        `${COSTS.closeUs} µs to close, ${COSTS.sendUs} µs for 512 octets sent; ` +
        `${COSTS.seekUs / 1000} ms to find a file on disk, ${COSTS.seekAgainUs / 1000} ms for ` +
        `every 44 KiB after the first, ${COSTS.blockUs} µs for 4 KiB.`,
      'All of this is a simulation: figures compare policies with each other, and with nothing else.',
    ],
  };
}

/** A line with a bar on a terminal; nothing elsewhere. */
function barOf(total: number): { show(name: string): void; end(): void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  const progress = countedProgress(total, 'runs', stderr);
  let done = 0;
  return {
    show(name): void {
      done += 1;
      const full = Math.round((BAR_LETTERS * done) / total);
      progress.show(`[${'#'.repeat(full).padEnd(BAR_LETTERS, '.')}]  ${name}`);
    },
    end: () => progress.end(),
  };
}

async function study(
  trace: Trace,
  nodes: readonly number[],
  seed: number,
): Promise<readonly Passage[]> {
  const sections = lardSections(nodes, { seed });
  const clusters = clustersOf(sections);
  const results = createResultTable();
  const bar = barOf(clusters.length);
  try {
    await sweep(trace, clusters, (cluster, result) => {
      results.add(cluster, result);
      bar.show(`${cluster.policy.kind}, ${cluster.nodes} nodes`);
    });
  } finally {
    bar.end();
  }
  return passagesOf(sections, results);
}

function sayFindings(passages: readonly Passage[], paths: readonly string[]): void {
  for (const finding of passages.flatMap(({ findings }) => findings)) {
    console.log(`  ${verdictOf(finding).padEnd('does not hold'.length)}  ${finding.text}`);
    console.log(`${' '.repeat(17)}${finding.figures}`);
  }
  console.log(`\n  written: ${paths.join(', ')}`);
}

/** Simulates, and writes a page and a Markdown text: both whole, or none. */
export async function studyLardCommand(options: StudyOptions): Promise<ExitCode> {
  const { trace: file, requests, seed, nodes, out } = options;
  const page = join(out, 'lard.html');
  const text = join(out, 'lard.md');
  for (const path of [page, text]) tryPlace(path);
  const source =
    file === undefined
      ? {
          trace: synthesise({ requests, seed }),
          origin: `synthetic, ${requests} requests, seed ${seed}`,
        }
      : await readSource(file);
  expectFit(source.trace, nodes, file === undefined ? EXIT.usage : EXIT.badInput);
  const head = headOf(source);
  const passages = await study(source.trace, nodes, seed);
  writeWhole(text, studyMarkdown(head, passages));
  writeWhole(page, studyPage(head, passages));
  sayFindings(passages, [page, text]);
  return EXIT.conformant;
}

/** How long a server that fails is still chosen: by how many probes have to fail, and how it fails. */
import { completeCheck, type CheckOptions } from '../../health/check.ts';
import { removalTimes, timeBounds, type Failure, type TimeBounds } from '../health/times.ts';
import type { Chart, Finding, Section, Table } from '../passage.ts';

const FALLS = [1, 2, 3, 4, 5] as const;
const FAILURES: Readonly<Record<Failure, string>> = {
  refuses: 'its port refuses',
  hangs: 'nobody answers',
};
const TRIALS = 1000;

/** The least, the middle and the most of some times. */
interface Range {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** The times of one kind of failure under one check. */
interface Row {
  readonly fall: number;
  readonly failure: Failure;
  readonly bounds: TimeBounds;
  readonly removal: Range;
  readonly return: Range;
}

function checkWith(fall: number): CheckOptions {
  const statuses = [{ first: 200, last: 299 }];
  return { probe: { kind: 'http', path: '/', statuses }, fall, rise: fall };
}

function rangeOf(times: readonly number[]): Range {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { least: at(0), median: at(0.5), most: at(1) };
}

function rowsOf(seed: number): readonly Row[] {
  return (['refuses', 'hangs'] as const).flatMap((failure) =>
    FALLS.map((fall): Row => {
      const check = checkWith(fall);
      const times = removalTimes(check, failure, { trials: TRIALS, seed });
      return {
        fall,
        failure,
        bounds: timeBounds(check, failure),
        removal: rangeOf(times.map(({ removalMs }) => removalMs)),
        return: rangeOf(times.map(({ returnMs }) => returnMs)),
      };
    }),
  );
}

function isWithin({ least, most }: Range, [low, high]: readonly [number, number]): boolean {
  return least >= low && most <= high;
}

function spanText({ least, most }: Range): string {
  return `${least} … ${most}`;
}

function tableOf(rows: readonly Row[]): Table {
  return {
    title: 'Milliseconds from a failure to the removal, and from its end to the return',
    head: ['failure', 'fall, rise', 'removal', 'median', 'bound', 'return', 'median', 'bound'],
    rows: rows.map(({ failure, fall, removal, return: back, bounds }) => [
      FAILURES[failure],
      String(fall),
      spanText(removal),
      String(removal.median),
      bounds.removal.join(' … '),
      spanText(back),
      String(back.median),
      bounds.return.join(' … '),
    ]),
  };
}

function chartOf(rows: readonly Row[]): Chart {
  const of = (failure: Failure, value: (row: Row) => number): readonly number[] =>
    rows.filter((row) => row.failure === failure).map(value);
  return {
    title: 'How long a server that fails is still chosen',
    kind: 'line',
    categories: FALLS.map(String),
    categoryName: 'probes in a row that have to fail',
    valueName: 'ms',
    series: [
      { name: 'refuses, shortest', values: of('refuses', ({ removal }) => removal.least) },
      { name: 'refuses, longest', values: of('refuses', ({ removal }) => removal.most) },
      { name: 'hangs, shortest', values: of('hangs', ({ removal }) => removal.least) },
      { name: 'hangs, longest', values: of('hangs', ({ removal }) => removal.most) },
    ],
  };
}

function findingsOf(rows: readonly Row[]): readonly Finding[] {
  const figures = (of: 'removal' | 'return'): string =>
    rows.map((row) => `${row.failure} ${row.fall}: ${spanText(row[of])} ms`).join('; ');
  return [
    {
      text:
        'A server that fails is removed within (fall − 1) · interval and fall · interval, and ' +
        'the timeout later where nobody answers.',
      holds: rows.every(({ removal, bounds }) => isWithin(removal, bounds.removal)),
      figures: figures('removal'),
    },
    {
      text: 'One that works again is back within (rise − 1) · interval and rise · interval.',
      holds: rows.every((row) => isWithin(row.return, row.bounds.return)),
      figures: figures('return'),
    },
  ];
}

/** Times of removal and return under the checks that are usual, failures at moments by `seed`. */
export function health(seed: number): Section {
  return {
    clusters: [],
    tell() {
      const { intervalMs, timeoutMs, jitterMs } = completeCheck(checkWith(1), 'nat');
      const rows = rowsOf(seed);
      return {
        title: 'Health checks',
        text: [
          `One server is probed every ${intervalMs} ms, up to ${jitterMs} ms earlier by chance ` +
            `while nothing is counted, and has ${timeoutMs} ms to answer. It fails at a moment ` +
            `that is drawn, ${TRIALS} times for each line, and some time after its removal it ` +
            'works again. Network and server take no time, so that what is seen is what the ' +
            'intervals cost; the checks are those that the reference switch uses.',
        ],
        findings: findingsOf(rows),
        tables: [tableOf(rows)],
        charts: [chartOf(rows)],
      };
    },
  };
}

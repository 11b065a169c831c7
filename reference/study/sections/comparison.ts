/** The six policies over the number of nodes, and what is concluded from them. */
import { clusterOf, POLICIES, type PolicyName } from '../cluster.ts';
import {
  percentText,
  rateText,
  ratioText,
  type Chart,
  type Finding,
  type Results,
  type Section,
  type Table,
} from '../passage.ts';
import type { RunResult } from '../run.ts';

/** From how many nodes on the conclusions are about: with few of them policies hardly differ. */
const MANY_NODES = 8;

type ByPolicy = Readonly<Record<PolicyName, RunResult>>;

function at(nodes: number, results: Results): ByPolicy {
  const of = (kind: PolicyName): RunResult => results(clusterOf(kind, nodes));
  return {
    WRR: of('WRR'),
    'WRR/GMS': of('WRR/GMS'),
    LB: of('LB'),
    'LB/GC': of('LB/GC'),
    LARD: of('LARD'),
    'LARD/R': of('LARD/R'),
  };
}

/** A conclusion: its words, when it holds for a number of nodes, and what decides that. */
interface Conclusion {
  readonly text: string;
  holds(by: ByPolicy): boolean;
  figures(by: ByPolicy): string;
}

/** How many times as idle LB's nodes have to be as those of LARD. */
const IDLE_RATIO = 5;

function named(kinds: readonly PolicyName[], value: (kind: PolicyName) => string): string {
  return kinds.map((kind) => `${kind} ${value(kind)}`).join(', ');
}

const CONCLUSIONS: readonly Conclusion[] = [
  {
    text:
      'LARD answers more requests than LB, LB more than WRR, ' +
      'and LARD/R no less than 0.98 times as many as LARD.',
    holds: ({ WRR, LB, LARD, 'LARD/R': replicated }) =>
      WRR.perSecond < LB.perSecond &&
      LB.perSecond < LARD.perSecond &&
      replicated.perSecond >= 0.98 * LARD.perSecond,
    figures: (by) =>
      `${named(['WRR', 'LB', 'LARD', 'LARD/R'], (kind) => rateText(by[kind].perSecond))} requests/s`,
  },
  {
    text:
      'Caches that share the files out among them miss least: ' +
      'LB least of all, then LARD/R, then WRR/GMS, then WRR.',
    holds: ({ WRR, 'WRR/GMS': shared, LB, 'LARD/R': replicated }) =>
      LB.missShare < replicated.missShare &&
      replicated.missShare < shared.missShare &&
      shared.missShare < WRR.missShare,
    figures: (by) =>
      `${named(['LB', 'LARD/R', 'WRR/GMS', 'WRR'], (kind) => percentText(by[kind].missShare))} %`,
  },
  {
    text: 'Nodes are idle under LB for at least five times as long as under LARD.',
    holds: ({ LB, LARD }) => LB.idleShare > 0 && LB.idleShare >= IDLE_RATIO * LARD.idleShare,
    figures: (by) =>
      `${named(['LB', 'LARD'], (kind) => percentText(by[kind].idleShare))} % of the time`,
  },
  {
    text: 'With both, locality and balance, LARD/R answers at least twice as many requests as WRR.',
    holds: ({ WRR, 'LARD/R': replicated }) => replicated.perSecond >= 2 * WRR.perSecond,
    figures: ({ WRR, 'LARD/R': replicated }) =>
      `${ratioText(replicated.perSecond, WRR.perSecond)} times as many`,
  },
];

function findingOf(conclusion: Conclusion, nodes: readonly number[], results: Results): Finding {
  const many = nodes.filter((count) => count >= MANY_NODES);
  const looked = many.length > 0 ? many : nodes.slice(-1);
  const sets = looked.map((count) => ({ count, by: at(count, results) }));
  return {
    text: conclusion.text,
    holds: sets.every(({ by }) => conclusion.holds(by)),
    figures: sets.map(({ count, by }) => `${count} nodes: ${conclusion.figures(by)}`).join('; '),
  };
}

/** One figure of all policies over the number of nodes, as a table and as a chart. */
interface Measure {
  readonly title: string;
  readonly unit: string;
  value(result: RunResult): string;
}

const MEASURES: readonly Measure[] = [
  { title: 'Throughput', unit: 'requests/s', value: ({ perSecond }) => rateText(perSecond) },
  { title: 'Misses', unit: '% of the requests', value: ({ missShare }) => percentText(missShare) },
  { title: 'Idle nodes', unit: '% of the time', value: ({ idleShare }) => percentText(idleShare) },
];

function tableOf(measure: Measure, nodes: readonly number[], results: Results): Table {
  return {
    title: `${measure.title}, ${measure.unit}`,
    head: ['nodes', ...POLICIES],
    rows: nodes.map((count) => {
      const by = at(count, results);
      return [String(count), ...POLICIES.map((kind) => measure.value(by[kind]))];
    }),
  };
}

function chartOf(measure: Measure, nodes: readonly number[], results: Results): Chart {
  return {
    title: measure.title,
    kind: 'curve',
    categories: nodes.map(String),
    categoryName: 'nodes',
    valueName: measure.unit,
    series: POLICIES.map((name) => ({
      name,
      values: nodes.map((count) => Number(measure.value(results(clusterOf(name, count))))),
    })),
  };
}

/** The comparison over `nodes`, which are in ascending order. */
export function comparison(nodes: readonly number[]): Section {
  return {
    clusters: nodes.flatMap((count) => POLICIES.map((kind) => clusterOf(kind, count))),
    tell: (results) => ({
      title: 'Six policies',
      text: [
        'WRR: the node with the fewest connections, equals in turn. WRR/GMS: the same, and what a ' +
          'peer has in memory comes from there. LB: the node that a hash of the file names. LB/GC: ' +
          'the node that has the file, as the controller knows them all, else the one with the ' +
          'oldest file. LARD: the node that has had the file, until it has too much to do. LARD/R: ' +
          'the same with a set of nodes for each file.',
        'A request misses when it has its file read from disk. A node is idle while it has less ' +
          'than 0.4 times as many connections as LARD’s lower threshold.',
        'Whether LB/GC is before LB, and LB before WRR/GMS, depends on the trace and on where ' +
          'LB/GC puts a file: nothing is concluded from that.',
      ],
      findings: CONCLUSIONS.map((each) => findingOf(each, nodes, results)),
      tables: MEASURES.map((each) => tableOf(each, nodes, results)),
      charts: MEASURES.map((each) => chartOf(each, nodes, results)),
    }),
  };
}

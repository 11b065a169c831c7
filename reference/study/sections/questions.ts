/** Four questions about the comparison. */
import { clusterOf, COSTS, type Cluster } from '../cluster.ts';
import {
  percentText,
  rateText,
  ratioText,
  type Chart,
  type Passage,
  type Results,
  type Section,
} from '../passage.ts';
import { MEBIBYTE } from '../trace.ts';

const NO_MORE: Pick<Passage, 'findings' | 'tables' | 'charts'> = {
  findings: [],
  tables: [],
  charts: [],
};

/** Why is LB slow, though its caches hit? */
export function idleness(nodes: number): Section {
  const kinds = ['LB', 'LARD', 'LARD/R'] as const;
  const clusters = kinds.map((kind) => clusterOf(kind, nodes));
  return {
    clusters,
    tell(results): Passage {
      const [hashed, lard] = clusters.map(results);
      const idle = percentText(hashed?.idleShare ?? 0);
      return {
        ...NO_MORE,
        title: 'Question 1: why is LB slow, though its caches hit?',
        text: [
          'A hash knows neither what a file costs nor who waits: nodes have next to nothing to do ' +
            `for ${idle} % of the time, while others have a queue. Under LARD it is ` +
            `${percentText(lard?.idleShare ?? 0)} %.`,
        ],
        tables: [
          {
            title: `${nodes} nodes`,
            head: ['policy', 'requests/s', 'missed, %', 'idle, %', 'delay, ms'],
            rows: clusters.map((cluster, place) => {
              const { perSecond, missShare, idleShare, delayMs } = results(cluster);
              return [
                kinds[place] ?? '',
                rateText(perSecond),
                percentText(missShare),
                percentText(idleShare),
                rateText(delayMs),
              ];
            }),
          },
        ],
      };
    },
  };
}

const SPEEDS = [1, 2, 4, 8];
const PEER_FACTORS = [0, 0.5, 1, 2, 4];

function withCosts(cluster: Cluster, costs: Partial<Cluster['costs']>): Cluster {
  return { ...cluster, costs: { ...COSTS, ...costs } };
}

/** Would WRR with a global memory be as good with faster processors, or a faster network? */
export function globalMemory(nodes: number): Section {
  const shared = clusterOf('WRR/GMS', nodes);
  const lard = clusterOf('LARD/R', nodes);
  const faster = (processorSpeed: number): readonly Cluster[] => [
    withCosts(shared, { processorSpeed }),
    withCosts(lard, { processorSpeed }),
  ];
  const cheaper = (peerFactor: number): Cluster => withCosts(shared, { peerFactor });
  return {
    clusters: [...SPEEDS.flatMap(faster), ...PEER_FACTORS.map(cheaper)],
    tell(results): Passage {
      const rate = (cluster: Cluster): string => rateText(results(cluster).perSecond);
      const missed = (cluster: Cluster): string => percentText(results(cluster).missShare);
      const gain = (cluster: Cluster): string =>
        ratioText(
          results(withCosts(cluster, { processorSpeed: 8 })).perSecond,
          results(cluster).perSecond,
        );
      return {
        ...NO_MORE,
        title: 'Question 2: would WRR/GMS catch up with faster processors or a faster network?',
        text: [
          `Eight times as fast processors make it ${gain(shared)} times as fast, and LARD/R ` +
            `${gain(lard)} times. For ${missed(shared)} % of its requests a disk has to work, for ` +
            `${missed(lard)} % of those of LARD/R: a file that several nodes hold takes room from ` +
            'another.',
        ],
        tables: [
          {
            title: `Processors, ${nodes} nodes, requests/s`,
            head: ['times as fast', 'WRR/GMS', 'LARD/R'],
            rows: SPEEDS.map((speed) => [`×${speed}`, ...faster(speed).map(rate)]),
          },
          {
            title: `What passing a file to a peer costs, ${nodes} nodes, requests/s`,
            head: ['in sendings of the file', 'WRR/GMS'],
            rows: PEER_FACTORS.map((factor) => [`×${factor}`, rate(cheaper(factor))]),
          },
        ],
      };
    },
  };
}

const FRONTS = [0, 8, 32, 128];

const FRONT_KINDS = ['WRR', 'LARD/R'] as const;
type FrontKind = (typeof FRONT_KINDS)[number];

function frontChart(rateOf: (kind: FrontKind, mebibytes: number) => number): Chart {
  return {
    title: 'A cache in the controller',
    kind: 'bar',
    categories: FRONTS.map((size) => `${size} MiB`),
    categoryName: 'memory of the controller',
    valueName: 'requests/s',
    series: FRONT_KINDS.map((name) => ({
      name,
      values: FRONTS.map((size) => Math.round(rateOf(name, size))),
    })),
  };
}

/** Does a cache in front do what LARD does? */
export function frontCache(nodes: number): Section {
  const withFront = (kind: FrontKind, mebibytes: number): Cluster => ({
    ...clusterOf(kind, nodes),
    frontOctets: mebibytes * MEBIBYTE,
  });
  return {
    clusters: FRONTS.flatMap((size) => FRONT_KINDS.map((kind) => withFront(kind, size))),
    tell(results): Passage {
      const rateOf = (kind: FrontKind, size: number): number =>
        results(withFront(kind, size)).perSecond;
      const largest = FRONTS.at(-1) ?? 0;
      const ratio = (size: number): string =>
        ratioText(rateOf('LARD/R', size), rateOf('WRR', size));
      return {
        ...NO_MORE,
        title: 'Question 3: does a cache in the controller do what LARD does?',
        text: [
          `LARD/R answers ${ratio(0)} times as many requests as WRR without such a cache, and ` +
            `${ratio(largest)} times as many with one of ${largest} MiB. What passes it are the ` +
            'rarer files, for which the disks have to work. What the controller answers itself ' +
            'takes no time here, so that no real one does more.',
        ],
        tables: [
          {
            title: `A cache in the controller, ${nodes} nodes`,
            head: ['MiB', 'answered by it, %', 'WRR, requests/s', 'LARD/R, requests/s', 'ratio'],
            rows: FRONTS.map((size) => [
              String(size),
              percentText(results(withFront('LARD/R', size)).frontShare),
              rateText(rateOf('WRR', size)),
              rateText(rateOf('LARD/R', size)),
              ratio(size),
            ]),
          },
        ],
        charts: [frontChart(rateOf)],
      };
    },
  };
}

const BUCKETS = [64, 1024, 4096, 16_384];

function bucketChart(
  rate: (count: number, moves: boolean) => number,
  hashed: number,
  lard: number,
): Chart {
  return {
    title: 'LARD with buckets',
    kind: 'line',
    categories: BUCKETS.map(String),
    categoryName: 'buckets',
    valueName: 'requests/s',
    series: [
      { name: 'moved', values: BUCKETS.map((count) => rate(count, true)) },
      { name: 'stay', values: BUCKETS.map((count) => rate(count, false)) },
      { name: 'LB', values: BUCKETS.map(() => hashed) },
      { name: 'LARD', values: BUCKETS.map(() => lard) },
    ],
  };
}

/** Is a table of buckets enough, where there is no room for one of files? */
export function buckets(nodes: number): Section {
  const bucketed = (count: number, moves: boolean): Cluster => ({
    ...clusterOf('LARD', nodes),
    policy: { kind: 'buckets', buckets: count, moves },
  });
  const lines = ['LB', 'LARD'] as const;
  const all = BUCKETS.flatMap((count) => [bucketed(count, true), bucketed(count, false)]);
  const rateOf = (results: Results, cluster: Cluster): number =>
    Math.round(results(cluster).perSecond);
  return {
    clusters: [...all, ...lines.map((kind) => clusterOf(kind, nodes))],
    tell(results): Passage {
      const rate = (cluster: Cluster): number => rateOf(results, cluster);
      const lard = rate(clusterOf('LARD', nodes));
      const hashed = rate(clusterOf('LB', nodes));
      const [fewest = 0] = BUCKETS;
      const most = BUCKETS.at(-1) ?? 0;
      const share = (count: number): string => percentText(rate(bucketed(count, true)) / lard);
      return {
        ...NO_MORE,
        title: 'Question 4: is a table of buckets enough?',
        text: [
          `With ${fewest} buckets LARD’s rule reaches ${share(fewest)} % of what it reaches with a ` +
            `table of files, with ${most} buckets ${share(most)} %. A bucket that moves takes all ` +
            'its files with it, which its new node has to read.',
        ],
        tables: [
          {
            title: `${nodes} nodes, requests/s; LB ${hashed}, LARD ${lard}`,
            head: ['buckets', 'moved as LARD does', 'stay where they were put'],
            rows: BUCKETS.map((count) => [
              String(count),
              String(rate(bucketed(count, true))),
              String(rate(bucketed(count, false))),
            ]),
          },
        ],
        charts: [bucketChart((count, moves) => rate(bucketed(count, moves)), hashed, lard)],
      };
    },
  };
}

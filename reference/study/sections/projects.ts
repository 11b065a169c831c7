/** Two projects: proxies before the cluster, and locality without a table of files. */
import { clusterOf, POLICIES, type Cluster } from '../cluster.ts';
import { percentText, rateText, ratioText, type Passage, type Section } from '../passage.ts';
import { PROXIES } from '../proxies.ts';
import { MEBIBYTE } from '../trace.ts';

const PROXY_SIZES = [0, 16, 64, 256];

/** Project 1: what is left of LARD's gain behind caching proxies? */
export function proxies(nodes: number): Section {
  const behind = (kind: 'WRR' | 'LARD', mebibytes: number): Cluster => ({
    ...clusterOf(kind, nodes),
    proxyOctets: mebibytes * MEBIBYTE,
  });
  return {
    clusters: PROXY_SIZES.flatMap((size) => [behind('WRR', size), behind('LARD', size)]),
    tell(results): Passage {
      const ratio = (size: number): string =>
        ratioText(results(behind('LARD', size)).perSecond, results(behind('WRR', size)).perSecond);
      const all = results(behind('LARD', 0)).asked;
      const [, small = 0] = PROXY_SIZES;
      const largest = PROXY_SIZES.at(-1) ?? 0;
      const top = (size: number): string =>
        (100 * results(behind('LARD', size)).topShare).toFixed(2);
      return {
        title: 'Project 1: behind caching proxies',
        text: [
          `${PROXIES} proxies with LRU caches share the clients. Without them LARD answers ` +
            `${ratio(0)} times as many requests as WRR; with ${small} MiB each it is ` +
            `${ratio(small)} times, though the most popular file falls from ${top(0)} to ` +
            `${top(small)} % of the requests that pass, and with ${largest} MiB each ` +
            `${ratio(largest)} times.`,
        ],
        findings: [],
        tables: [
          {
            title: `Behind ${PROXIES} proxies, ${nodes} nodes`,
            head: ['MiB each', 'requests that pass, %', 'most popular, %', 'WRR', 'LARD', 'ratio'],
            rows: PROXY_SIZES.map((size) => [
              String(size),
              percentText(results(behind('LARD', size)).asked / all),
              top(size),
              rateText(results(behind('WRR', size)).perSecond),
              rateText(results(behind('LARD', size)).perSecond),
              ratio(size),
            ]),
          },
        ],
        charts: [],
      };
    },
  };
}

const TABLE_FREE = [
  ['bounded load, c = 1.25', { kind: 'bounded', bound: 1.25 }],
  ['bounded load, c = 1.5', { kind: 'bounded', bound: 1.5 }],
  ['bounded load, c = 2', { kind: 'bounded', bound: 2 }],
  ['two choices', { kind: 'two-choice' }],
] as const;

/** Project 2: how near to LARD/R does a hash come that looks at loads? */
export function withoutTable(nodes: readonly number[]): Section {
  const hashed = (place: number, count: number): Cluster => ({
    ...clusterOf('LARD/R', count),
    policy: TABLE_FREE[place]?.[1] ?? { kind: 'LARD/R' },
  });
  const places = [...TABLE_FREE.keys()];
  return {
    clusters: nodes.flatMap((count) => [
      clusterOf('LARD/R', count),
      ...places.map((place) => hashed(place, count)),
    ]),
    tell(results): Passage {
      const share = (place: number, count: number): number =>
        results(hashed(place, count)).perSecond / results(clusterOf('LARD/R', count)).perSecond;
      const best = nodes.map((count) => {
        const most = Math.max(...places.map((place) => share(place, count)));
        return `${percentText(most)} % with ${count} nodes`;
      });
      return {
        title: 'Project 2: without a table of files',
        text: [
          `A hash that looks at loads remembers nothing, and reaches of LARD/R ${best.join(', ')}.`,
        ],
        findings: [],
        tables: [
          {
            title: 'requests/s, and % of LARD/R',
            head: ['policy', ...nodes.map((count) => `${count} nodes`)],
            rows: TABLE_FREE.map(([name], place) => [
              name,
              ...nodes.map(
                (count) =>
                  `${rateText(results(hashed(place, count)).perSecond)}, ` +
                  `${percentText(share(place, count))} %`,
              ),
            ]),
          },
        ],
        charts: [],
      };
    },
  };
}

/** The same comparison with another way of replacing files. */
export function replacement(nodes: number): Section {
  const cluster = (place: number, kind: 'lru' | 'gds'): Cluster => ({
    ...clusterOf(POLICIES[place] ?? 'WRR', nodes),
    replacement: kind,
  });
  const places = [...POLICIES.keys()];
  return {
    clusters: places.flatMap((place) => [cluster(place, 'lru'), cluster(place, 'gds')]),
    tell: (results) => ({
      title: 'LRU and Greedy-Dual-Size',
      text: [
        'Everything above is with LRU. Greedy-Dual-Size keeps small files rather than large ones.',
      ],
      findings: [],
      tables: [
        {
          title: `${nodes} nodes, requests/s / missed, %`,
          head: ['policy', 'LRU', 'Greedy-Dual-Size'],
          rows: POLICIES.map((name, place) => [
            name,
            ...(['lru', 'gds'] as const).map((kind) => {
              const { perSecond, missShare } = results(cluster(place, kind));
              return `${rateText(perSecond)} / ${percentText(missShare)}`;
            }),
          ]),
        },
      ],
      charts: [],
    }),
  };
}

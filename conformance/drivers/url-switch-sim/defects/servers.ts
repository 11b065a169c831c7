/** URL switches that weigh, check and count in a wrong way. */
import { fromClients, fromServers, texts } from './around.ts';
import { checksAs, PASSING_ON, policies, poolsAs, type UrlSwitchDefect } from './defect.ts';
import { deafToResets, repeatingPosts } from './failing.ts';

/** Who is silent is there, and another is not looked for. */
const INSISTING = { connectMs: 1_000_000, responseMs: 1_000_000, missedMax: 1_000_000 };

/** What is wrong with policies, checks and LARD. */
export const SERVER_DEFECTS: readonly UrlSwitchDefect[] = [
  {
    name: 'prefers-one-server',
    sentence: 'There is only one server in each pool.',
    breaks: 'PRISM-POL-01',
    site: poolsAs((pool) => ({ ...pool, servers: pool.servers.slice(0, 1) })),
  },
  {
    name: 'knows-no-weights',
    sentence: 'All weights are 1.',
    breaks: 'PRISM-POL-02',
    site: poolsAs((pool) => {
      return { ...pool, servers: pool.servers.map((each) => ({ ...each, weight: 1 })) };
    }),
  },
  {
    name: 'counts-nothing',
    sentence: 'Where the least active is to be chosen, servers have turns.',
    breaks: 'PRISM-POL-05',
    site: policies('least-connections', () => ({ policy: 'round-robin' })),
  },
  {
    name: 'never-asks',
    sentence: 'No server is checked.',
    breaks: 'PRISM-HC-01',
    setup: checksAs(() => undefined),
  },
  {
    name: 'asks-no-question',
    sentence: 'A server that accepts connections is well.',
    breaks: 'PRISM-HC-04',
    setup: checksAs((check) => ({ ...check, probe: 'connect' })),
  },
  {
    name: 'hears-one-bad-answer',
    sentence: 'One bad result takes a server out, and one good one brings it back.',
    breaks: 'PRISM-HC-02',
    setup: checksAs((check) => ({ ...check, fall: 1, rise: 1 })),
  },
  {
    name: 'asks-seldom',
    sentence: 'Servers are asked a third as often as was said.',
    breaks: 'PRISM-HC-03',
    setup: checksAs((check) => ({ ...check, intervalMs: 3 * check.intervalMs })),
  },
  {
    name: 'hears-no-refusal',
    sentence: 'A server that refuses connections is waited for, and so is the answer.',
    breaks: 'PRISM-HC-05',
    wrap: deafToResets,
    controller: INSISTING,
  },
  {
    name: 'insists-on-the-dead',
    sentence: 'A server that cannot be reached is not replaced by another of its pool.',
    breaks: 'PRISM-URL-11',
    wrap: deafToResets,
    controller: INSISTING,
  },
  {
    name: 'repeats-a-post',
    sentence: 'A POST whose server has died is sent to another.',
    breaks: 'PRISM-HC-06',
    wrap: repeatingPosts,
  },
  {
    name: 'gives-targets-by-hash',
    sentence: 'A target goes where its hash says, whoever has how much to do.',
    breaks: 'PRISM-LARD-01',
    site: policies('lard', () => {
      return { policy: 'url-hash', input: 'path', placement: { kind: 'modulo', hash: 'crc32' } };
    }),
  },
  {
    name: 'bears-more',
    sentence: 'The upper threshold is one more than was said.',
    breaks: 'PRISM-LARD-02',
    site: policies('lard', (policy) => ({ ...policy, high: (policy.high ?? 65) + 1 })),
  },
  {
    name: 'never-replicates',
    sentence: 'A target has one server, where it may have several.',
    breaks: 'PRISM-LARD-03',
    site: policies('lard', (policy) => ({ ...policy, replicated: false })),
  },
  {
    name: 'never-shrinks',
    sentence: 'A server that has come to a target stays with it.',
    breaks: 'PRISM-LARD-03',
    site: policies('lard', (policy) => ({ ...policy, keepMs: 1e9 })),
  },
  {
    name: 'admits-all',
    sentence: 'Nobody has too much to do.',
    breaks: 'PRISM-LARD-04',
    site: policies('lard', (policy) => ({ ...policy, high: 10_000 })),
  },
  {
    name: 'forgets-half',
    sentence: 'Half as many targets as declared are remembered.',
    breaks: 'PRISM-LARD-05',
    site: policies('lard', (policy) => ({ ...policy, targets: policy.targets / 2 })),
  },
  {
    name: 'forgets-nothing',
    sentence: 'More targets than declared are remembered.',
    breaks: 'PRISM-LARD-05',
    site: policies('lard', (policy) => ({ ...policy, targets: policy.targets * 2 })),
  },
  {
    name: 'keeps-targets-of-the-dead',
    sentence: 'A target comes back to a server that was down, for its hash has not changed.',
    breaks: 'PRISM-LARD-06',
    site: policies('lard', () => {
      return { policy: 'url-hash', input: 'path', placement: { kind: 'modulo', hash: 'djb2' } };
    }),
  },
  {
    name: 'takes-silence-for-health',
    sentence: 'A server that accepts connections and is silent is well.',
    breaks: 'PRISM-HC-09',
    setup: checksAs((check) => ({ ...check, probe: 'connect' })),
  },
  {
    name: 'stores-nothing',
    sentence: 'There is no store.',
    breaks: 'PRISM-URL-16',
    site: (site) => ({ ...site, cache: undefined }),
  },
  {
    name: 'stores-what-is-private',
    sentence: 'An answer for one client alone is given to another.',
    breaks: 'PRISM-URL-18',
    wrap: fromServers(texts((text) => text.replace(': private, ', ': Xrivate, '))),
  },
  {
    name: 'stores-for-any-host',
    sentence: 'An answer of one host is given for another.',
    breaks: 'PRISM-URL-18',
    wrap: fromClients(texts((text) => text.replace('Host: b.test', 'Host: a.test'))),
  },
  {
    name: 'passes-all-on',
    sentence: 'A hand-off is claimed, and everything passes the controller.',
    breaks: 'PRISM-LARD-10',
    controller: PASSING_ON,
  },
  {
    name: 'passes-on-what-comes-together',
    sentence: 'Requests that come together pass the controller, and a hand-off is claimed.',
    breaks: 'PRISM-LARD-11',
    controller: PASSING_ON,
  },
];

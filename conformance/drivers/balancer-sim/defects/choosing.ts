/** Server switches that choose servers in another way than they are told. */
import { TCP_FLAG } from 'scapy-ts';
import type { Server, Service } from '../../../../reference/balancer/config.ts';
import type { PolicyDeclaration } from '../../../../reference/policy/declaration.ts';
import type { TurnOrder } from '../../../../reference/policy/weighted-round-robin.ts';
import { leaving, type Wrap } from './around.ts';
import { servicesAs, type BalancerDefect, type Configure } from './defect.ts';

const HOUR_MS = 3_600_000;
const TURNS: PolicyDeclaration = { policy: 'round-robin' };

function serversAs(edit: (server: Server, nth: number, service: Service) => Server): Configure {
  return servicesAs((each) => ({
    ...each,
    servers: each.servers.map((server, nth) => edit(server, nth, each)),
  }));
}

/** Another policy in the place of those called `name`. */
function policyAs(
  name: PolicyDeclaration['policy'],
  edit: (policy: PolicyDeclaration) => PolicyDeclaration,
): Configure {
  return servicesAs((each) =>
    each.policy.policy === name ? { ...each, policy: edit(each.policy) } : each,
  );
}

/** Weighted turns come in this order. */
export function turnsAs(order: TurnOrder): Configure {
  return policyAs('weighted-round-robin', () => ({ policy: 'weighted-round-robin', order }));
}

function withoutWeights(name: PolicyDeclaration['policy']): Configure {
  return serversAs((server, _nth, { policy }) => {
    return policy.policy === name ? { ...server, weight: Math.min(1, server.weight) } : server;
  });
}

/** A hash that looks at where a server stands in the list. */
const byPlace = policyAs('connection-hash', () => ({
  policy: 'connection-hash',
  placement: { kind: 'modulo', hash: 'crc32' },
}));

/** Resets of clients do not come in. */
const deafToResets: Wrap = () => (process) => {
  const { step } = leaving(({ octets }) => octets)(process);
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const flags = event.kind === 'frame' ? event.octets[14 + 20 + 13] : undefined;
      const isReset = flags !== undefined && (flags & TCP_FLAG.RST) !== 0;
      return step(isReset ? { kind: 'tick' } : event, nowNs);
    },
  };
};

/** Servers are others with every setup, so that nothing of theirs is known any more. */
function beginningAnew(): Configure {
  let setups = 0;
  const rename = serversAs((server) => ({ ...server, name: `${server.name}.${setups}` }));
  return (options) => {
    setups += 1;
    return rename(options);
  };
}

/** What is wrong with how servers are chosen. */
export const CHOOSING_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'takes-no-turns',
    sentence: 'Round robin is a random choice.',
    breaks: 'PRISM-POL-01',
    options: policyAs('weighted-round-robin', () => ({ policy: 'random' })),
  },
  {
    name: 'ignores-weights',
    sentence: 'All servers have as many turns.',
    breaks: 'PRISM-POL-02',
    options: withoutWeights('weighted-round-robin'),
  },
  {
    name: 'has-another-order',
    sentence: 'Weighted turns come in the order of Linux, and that of nginx is declared.',
    breaks: 'PRISM-POL-03',
    options: turnsAs('ipvs'),
  },
  {
    name: 'has-no-weight-zero',
    sentence: 'Weight 0 is taken for 1.',
    breaks: 'PRISM-POL-04',
    options: serversAs((server) => ({ ...server, weight: Math.max(1, server.weight) })),
  },
  {
    name: 'does-not-count',
    sentence: 'Least connections is round robin.',
    breaks: 'PRISM-POL-05',
    options: policyAs('least-connections', () => TURNS),
  },
  {
    name: 'breaks-ties-otherwise',
    sentence: 'Of several servers the next is chosen, and the first declared.',
    breaks: 'PRISM-POL-05',
    options: policyAs('least-connections', () => ({ policy: 'least-connections', tie: 'turn' })),
  },
  {
    name: 'counts-what-was-broken-off',
    sentence: 'A reset of a client does not end its connection.',
    breaks: 'PRISM-POL-05',
    wrap: deafToResets,
  },
  {
    name: 'takes-turns-for-chance',
    sentence: 'A random choice is round robin.',
    breaks: 'PRISM-POL-06',
    options: policyAs('random', () => TURNS),
  },
  {
    name: 'throws-a-loaded-die',
    sentence: 'A random choice prefers the first server.',
    breaks: 'PRISM-POL-06',
    options: serversAs((server, nth, { policy }) => {
      const isMeant = policy.policy === 'random' && nth === 0;
      return isMeant ? { ...server, weight: 3 * server.weight } : server;
    }),
  },
  {
    name: 'begins-anew-with-weights',
    sentence: 'Other weights end all connections.',
    breaks: 'PRISM-POL-09',
    options: beginningAnew(),
  },
  {
    name: 'gives-the-first-more',
    sentence: 'The first server has twice its share of a Maglev table.',
    breaks: 'PRISM-POL-10',
    options: serversAs((server, nth, { policy }) => {
      const isMeant = policy.policy === 'connection-hash' && nth === 0;
      return isMeant ? { ...server, weight: 2 * server.weight } : server;
    }),
  },
  {
    name: 'hashes-to-places',
    sentence: 'A hash leads to a place in the list of servers.',
    breaks: 'PRISM-POL-11',
    options: byPlace,
  },
  {
    name: 'moves-most',
    sentence: 'Where a server leaves, most connections have another.',
    breaks: 'PRISM-POL-13',
    options: byPlace,
  },
  {
    name: 'ignores-weights-in-tables',
    sentence: 'All servers have the same share of a Maglev table.',
    breaks: 'PRISM-POL-14',
    options: withoutWeights('connection-hash'),
  },
  {
    name: 'forgets-clients',
    sentence: 'A client is chosen for anew each time.',
    breaks: 'PRISM-SES-01',
    options: policyAs('source-affinity', () => TURNS),
  },
  {
    name: 'remembers-clients-for-ever',
    sentence: 'A client stays with its server for an hour.',
    breaks: 'PRISM-SES-01',
    options: policyAs('source-affinity', (policy) =>
      policy.policy === 'source-affinity' ? { ...policy, expireMs: HOUR_MS } : policy,
    ),
  },
  {
    name: 'begins-anew-with-servers',
    sentence: 'That a server comes ends all connections.',
    breaks: 'PRISM-HA-01',
    options: beginningAnew(),
  },
];

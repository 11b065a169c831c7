/** Steps that say how servers are chosen, weighed and checked, whatever the switch reads. */
import { Given, When } from '@cucumber/cucumber';
import {
  SERVERS,
  type Choosing,
  type Mode,
  type ServerName,
  type ServerState,
  type VirtualService,
} from '../../../conformance/driver/balancer.ts';
import { NotSupported } from '../../../conformance/driver/device.ts';
import { serversIn } from '../../support/balancer/servers.ts';
import { stay, type BalancerWorld } from '../../support/balancer/world.ts';

const CHOICES: Readonly<Record<string, Choosing>> = {
  'by turns': 'round-robin',
  'at random': 'random',
  'by who has least to do': 'least-connections',
  'by Maglev': 'maglev',
  'by source hash': 'source-hash',
};

/** How a service is reached where a scenario is about no way in particular. */
function anyMode({ hello }: BalancerWorld): Mode {
  if (hello.capabilities.includes('NAT')) return 'nat';
  if (hello.capabilities.includes('HTTP')) return 'http';
  throw new NotSupported('NAT');
}

function weightsIn(
  words: string,
  servers: readonly ServerName[],
): Partial<Record<ServerName, number>> {
  const weights = words.split(', ').map(Number);
  return Object.fromEntries(servers.map((name, at) => [name, weights[at] ?? 1]));
}

/** The last service that was told of is another. */
function amend(world: BalancerWorld, changes: Partial<VirtualService>): void {
  world.services = world.services.map((each, at) =>
    at === world.services.length - 1 ? { ...each, ...changes } : each,
  );
}

Given(
  /^the service (\S+):(\d+) to (s\d(?:, s\d)*)(?: with weights (\d+(?:, \d+)*))?$/u,
  function (
    this: BalancerWorld,
    address: string,
    port: string,
    names: string,
    weights: string | null,
  ) {
    const servers = serversIn(names);
    this.services.push({
      name: `${address}:${port}`,
      address,
      port: Number(port),
      mode: anyMode(this),
      servers,
      choosing: 'round-robin',
      ...(weights === null ? {} : { weights: weightsIn(weights, servers) }),
    });
  },
);

Given(/^servers are chosen (.*)$/u, function (this: BalancerWorld, words: string) {
  const choosing = CHOICES[words];
  if (choosing === undefined) throw new Error(`no servers are chosen ${words}`);
  amend(this, { choosing });
});

Given(
  /^servers are checked (by HTTP|by connecting) every (\d+) ms, and are out after (\d+) bad results, back after (\d+) good ones$/u,
  function (this: BalancerWorld, way: string, every: string, fall: string, rise: string) {
    const intervalMs = Number(every);
    amend(this, {
      check: {
        probe: way === 'by HTTP' ? 'http' : 'connect',
        intervalMs,
        timeoutMs: intervalMs / 2,
        fall: Number(fall),
        rise: Number(rise),
      },
    });
  },
);

Given('a client stays with its server for {int} ms', function (this: BalancerWorld, ms: number) {
  amend(this, { session: { kind: 'source', expireMs: ms } });
});

When(
  /^the weights become (\d+(?:, \d+)*) after (\d+) ms$/u,
  function (this: BalancerWorld, words: string, ms: string) {
    this.change(Number(ms), (world) => {
      const { servers } = world.service();
      amend(world, { weights: weightsIn(words, servers) });
    });
  },
);

const STATES: readonly ServerState[] = ['up', 'sick', 'hung', 'dead'];

When(
  /^(server s\d|every server) is (up|sick|hung|dead) after (\d+) ms$/u,
  function (this: BalancerWorld, who: string, word: string, ms: string) {
    const state = STATES.find((each) => each === word) ?? 'up';
    const name = who.slice(-2);
    const servers = SERVERS.filter((each) => who === 'every server' || each === name);
    for (const server of servers) this.happen({ kind: 'server', server, state, atMs: Number(ms) });
    stay(this, Number(ms));
  },
);

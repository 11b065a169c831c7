/** Steps in which a server switch is set up, at first and later. */
import { Given, When } from '@cucumber/cucumber';
import type { AccessRule, Mode, VirtualService } from '../../../conformance/driver/balancer.ts';
import { serversIn } from '../../support/balancer/servers.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';

const MODES: Readonly<Record<string, Mode>> = {
  NAT: 'nat',
  'direct return': 'dsr',
  tunnel: 'ipip',
};

const SERVICE =
  '(\\S+):(\\d+) by (NAT|direct return|tunnel) to (s\\d(?:, s\\d)*)(?: at port (\\d+))?(, chosen by source hash)?';

function serviceOf(words: readonly (string | null)[]): VirtualService {
  const [address, port, way, servers, serverPort, hash] = words.map((word) => word ?? '');
  const mode = MODES[way ?? ''];
  if (address === undefined || mode === undefined) throw new Error('no such service');
  return {
    name: `${address}:${port}`,
    address,
    port: Number(port),
    mode,
    servers: serversIn(servers ?? ''),
    choosing: hash === '' ? 'round-robin' : 'source-hash',
    ...(serverPort === '' ? {} : { serverPort: Number(serverPort) }),
  };
}

Given(
  new RegExp(`^the service ${SERVICE}$`, 'u'),
  function (
    this: BalancerWorld,
    address: string,
    port: string,
    way: string,
    servers: string,
    serverPort: string | null,
    hash: string | null,
  ) {
    this.services.push(serviceOf([address, port, way, servers, serverPort, hash]));
  },
);

When(
  /^the service (\S+) by NAT to (s\d(?:, s\d)*) is added after (\d+) ms$/u,
  function (this: BalancerWorld, endpoint: string, servers: string, ms: string) {
    const [address = '', port = ''] = endpoint.split(':');
    const service = serviceOf([address, port, 'NAT', servers, null, null]);
    this.change(Number(ms), ({ services }) => services.push(service));
  },
);

When(
  /^the service (\S+) is taken away after (\d+) ms$/u,
  function (this: BalancerWorld, endpoint: string, ms: string) {
    this.change(Number(ms), (world) => {
      world.services = world.services.filter(({ name }) => name !== endpoint);
    });
  },
);

When(
  /^the servers of (\S+) become (s\d(?:, s\d)*) after (\d+) ms$/u,
  function (this: BalancerWorld, endpoint: string, servers: string, ms: string) {
    this.change(Number(ms), (world) => {
      world.services = world.services.map((each) =>
        each.name === endpoint ? { ...each, servers: serversIn(servers) } : each,
      );
    });
  },
);

function rulesIn(words: string): AccessRule[] {
  return words.split(', ').map((each): AccessRule => {
    const [action, source = ''] = each.split(' ');
    return { action: action === 'permit' ? action : 'deny', source };
  });
}

Given(/^the access rules: (.*)$/u, function (this: BalancerWorld, words: string) {
  this.access = rulesIn(words);
});

When(
  /^the access rules become after (\d+) ms: (.*)$/u,
  function (this: BalancerWorld, ms: string, words: string) {
    this.change(Number(ms), (world) => {
      world.access = rulesIn(words);
    });
  },
);

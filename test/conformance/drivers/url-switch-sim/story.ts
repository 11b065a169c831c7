/** Stories for a URL switch, and what came of them in a word. */
import type {
  BalancerObservation,
  BalancerStory,
  VirtualService,
  Visitor,
} from '../../../../conformance/driver/balancer.ts';

/** A service of all servers by turns. */
export const SERVICE: VirtualService = {
  name: 'web',
  address: '10.1.0.201',
  port: 80,
  mode: 'http',
  servers: ['s1', 's2', 's3', 's4'],
  choosing: 'round-robin',
};

/** Octets of requests for targets of the site. */
export function requestsFor(...targets: readonly string[]): Uint8Array {
  const heads = targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
  return new TextEncoder().encode(heads.join(''));
}

/** A client that asks for one target after the other on one connection, and closes. */
export function visitor(
  client: number,
  targets: readonly string[],
  { afterMs = 0, service = SERVICE }: { afterMs?: number; service?: VirtualService } = {},
): Visitor {
  const writes = targets.map((target, count): Visitor['lines'][number] => ({
    cue: count === 0 ? { kind: 'opened' } : { kind: 'answers', count },
    act: { kind: 'write', octets: requestsFor(target), cuts: [] },
  }));
  return {
    client,
    port: 40_000 + client,
    service,
    lines: [
      { cue: { kind: 'after', ms: afterMs }, act: { kind: 'connect', offer: {} } },
      ...writes,
      { cue: { kind: 'answers', count: targets.length }, act: { kind: 'close' } },
    ],
  };
}

/** A story about one service. */
export function storyOf(
  visitors: readonly Visitor[],
  more: Partial<BalancerStory> = {},
): BalancerStory {
  const setup = { services: [SERVICE], access: [] };
  return { seed: 1, setup, visitors, happenings: [], patienceMs: 20_000, ...more };
}

/** Who answered on each connection, in order, and how it ended. */
export function answersOf({ visitors }: BalancerObservation): readonly (readonly string[])[] {
  return visitors.map((connections) =>
    connections.map(({ received, end }) => {
      const text = new TextDecoder('latin1').decode(received);
      const servers = [...text.matchAll(/^X-Backend: (?<name>\w+)\r$/gmu)].map(
        ({ groups }) => groups?.['name'],
      );
      return [...servers, end].join(' ');
    }),
  );
}

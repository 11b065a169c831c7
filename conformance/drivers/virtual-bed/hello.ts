/** What server switches say of themselves, whatever door they are behind. */
import type { Capability } from '../../catalogue/capability.ts';
import type { BalancerHello, BalancerProfile } from '../../driver/balancer.ts';

/** What a server switch is called, claims and chooses, and whose time it lives in. */
export interface BalancerIdentity extends Pick<
  BalancerHello,
  'name' | 'vendor' | 'version' | 'clock' | 'choices'
> {
  readonly claims: readonly Capability[];
}

/** What the reference server switch can do. */
export const REFERENCE_CLAIMS = [
  'NAT',
  'DSR',
  'IPIP',
  'ACL',
  'WEIGHTS',
  'LEAST',
  'RANDOM',
  'SRCHASH',
  'MAGLEV',
  'CHECK',
  'STICKY',
  'PAIR',
] as const;

/** What the reference server switch declares. */
export const REFERENCE_CHOICES: BalancerProfile = {
  hops: 1,
  tunnelHops: 0,
  strays: 'reset',
  refusal: 'reset',
  departed: 'reset',
  down: 'reset',
  turns: 'nginx',
  ties: 'first',
  fragments: 'follow',
  ipOptions: 'drop',
  establishedSeconds: 7440,
  halfOpenMax: 64,
  takeover: 'lose',
  preempts: true,
};

/** The introduction of a server switch: it has no ports of its own, and no rules. */
export function balancerHello({ claims, ...identity }: BalancerIdentity): BalancerHello {
  return {
    protocol: 'prism-dut/1',
    ...identity,
    ports: {},
    mtu: 1500,
    capabilities: claims,
    profile: {
      lock: 'drop',
      ttl: 'decrement',
      capacity: 0,
      holdFrames: 0,
      idleSeconds: 0,
      leaseMs: 0,
    },
    barrier: 'none',
  };
}

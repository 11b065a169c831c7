/** The introduction of the reference Prism, in virtual and in real time. */
import type { Bounds, SystemHello } from '../../driver/system.ts';

/** What differs. */
export interface HelloParts extends Pick<SystemHello, 'name' | 'clock'> {
  /** Of a lock. */
  readonly leaseMs: number;
  readonly bounds: Bounds;
}

/** A reference Prism that says who it is. */
export function helloOf({ name, clock, leaseMs, bounds }: HelloParts): SystemHello {
  return {
    protocol: 'prism-dut/1',
    name,
    vendor: 'prismspec',
    version: '1',
    ports: {},
    mtu: 1500,
    capabilities: [
      'SPLICE',
      'TS',
      'WS',
      'HOLD',
      'RULES',
      'LOCK',
      'LOCKBOTH',
      'REVERSE',
      'EPOCH',
      'MATCH',
      'BRIDGE',
    ],
    profile: {
      lock: 'drop',
      ttl: 'unchanged',
      capacity: 1024,
      holdFrames: 64,
      idleSeconds: 0,
      leaseMs,
    },
    barrier: 'none',
    clock,
    bounds,
  };
}

/** What happens to a pool and its switches, as the consistency of mechanisms is compared by. */
import { createMechanism, type MechanismName } from './mechanism.ts';
import { countViolations, type Step } from './violations.ts';

/** An event with the circumstances that it happens in. */
export interface MembershipEvent {
  readonly name: string;
  readonly switches: 1 | 2;
  /** The share of the connections that a table has room for, 0 … 1. */
  readonly room: number;
  /** Whether some of the switches' memory is lost, or too small from the beginning. */
  readonly forgets: boolean;
  readonly steps: readonly Step[];
}

/** How much is simulated. */
export interface Extent {
  /** The hash of each connection. */
  readonly hashes: Uint32Array;
  /** Servers of weight 1 at the beginning, at least 2. */
  readonly servers: number;
  readonly maglevSize: number;
  readonly seed: number;
}

/** The share of the connections that fits into a table that overflows. */
const SCARCE_ROOM = 0.75;

/** The events for so many servers of weight 1; one more server is ready to be added. */
export function membershipEvents(servers: number): readonly MembershipEvent[] {
  const middle = servers >> 1;
  const add: Step = { kind: 'weigh', server: servers, weight: 1 };
  const one = { switches: 1, room: 1, forgets: false } as const;
  const losing = { ...one, forgets: true };
  const pair = { ...losing, switches: 2 } as const;
  const scarce = { ...losing, room: SCARCE_ROOM };
  return [
    { ...one, name: 'server added', steps: [add] },
    { ...one, name: 'other removed', steps: [{ kind: 'weigh', server: middle, weight: 0 }] },
    { ...one, name: 'weight 1 to 2', steps: [{ kind: 'weigh', server: middle, weight: 2 }] },
    { ...losing, name: 'restart', steps: [{ kind: 'restart' }] },
    { ...pair, name: 'one of two lost', steps: [{ kind: 'loss' }] },
    { ...scarce, name: 'table full', steps: [{ kind: 'quiet' }] },
    { ...losing, name: 'added, restart', steps: [add, { kind: 'restart' }] },
    { ...pair, name: 'added, one lost', steps: [add, { kind: 'loss' }] },
    { ...scarce, name: 'table full, added', steps: [add] },
  ];
}

/** The violations of one event under one mechanism. */
export function violationsOf(
  name: MechanismName,
  { switches, room, steps }: MembershipEvent,
  { hashes, servers, maglevSize, seed }: Extent,
): number {
  const weights = [...Array.from({ length: servers }, () => 1), 0];
  const capacity = Math.floor(room * hashes.length);
  const mechanism = createMechanism(name, {
    weights,
    hashes,
    switches,
    capacity,
    maglevSize,
    seed,
  });
  return countViolations(mechanism, hashes.length, weights, steps);
}

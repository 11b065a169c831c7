/** What tells the two cards apart for those who write files for their simulations. */
import { BASES } from '../../driver/registers.ts';

/** Hosts of the test bed, and where punted frames go. */
export type Role = 'client0' | 'client1' | 'controller' | 'backend0' | 'backend1' | 'punt';

/** One of NetFPGA's cards. A port is a bit of TUSER: 2 I is wire nfI, 2 I + 1 the host's nfI. */
export interface CardKind {
  /** Address of the core's first register. */
  readonly base: number;
  /** How many wires it has: nf0 and so on. */
  readonly wires: number;
  /** Octets in a word of the simulation's files. */
  readonly wordOctets: number;
  /** Where the hosts of the test bed are attached; the second ones are not where wires are few. */
  readonly ports: Readonly<Partial<Record<Role, number>> & Record<'punt', number>>;
}

/** The cards by name. */
export const CARDS: Readonly<Record<keyof typeof BASES, CardKind>> = {
  SUME: {
    base: BASES.SUME,
    wires: 4,
    wordOctets: 32,
    ports: { client0: 0, client1: 2, backend0: 4, backend1: 6, controller: 1, punt: 3 },
  },
  PLUS: {
    base: BASES.PLUS,
    wires: 2,
    wordOctets: 64,
    ports: { client0: 0, backend0: 2, controller: 1, punt: 3 },
  },
};

/** The ports that the bridge of a card serves: all but the one for punted frames. */
export function bridgedPorts({ ports }: CardKind): readonly number[] {
  return Object.values(ports).filter((port) => port !== ports.punt);
}

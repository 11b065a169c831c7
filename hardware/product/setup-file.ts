/**
 * What a product that is judged as a server switch is started with: a JSON file of the bed, of
 * which these are the parts that products here read (docs/howto says all of it).
 */
import type { ServerName, Setup } from '../../conformance/driver/balancer.ts';

/** What it is to be, and where it is. */
export interface SetupFile {
  readonly setup: Setup;
  /** The network device that faces the clients; it carries virtual addresses. */
  readonly device: string;
  /** The MAC address of the device. */
  readonly mac: string;
  readonly servers: readonly ServerPlace[];
  /** Of two switches that stand for one. */
  readonly pair?: PairPlace;
}

/** Which of two switches it is. */
export interface PairPlace {
  readonly place: 1 | 2;
  /** With prefix length: what the active one has beside the virtual addresses. */
  readonly shared: readonly string[];
}

/** Where a server is. */
export interface ServerPlace {
  readonly name: string;
  /** Of IPv4, dotted. */
  readonly address: string;
  readonly mac: string;
}

/** The virtual addresses of a setup, each once. */
export function virtualAddresses({ services }: Setup): readonly string[] {
  return [...new Set(services.map(({ address }) => address))];
}

/** Where a server is. Throws Error where the file does not tell of it. */
export function placeOf({ servers }: Pick<SetupFile, 'servers'>, server: ServerName): ServerPlace {
  const found = servers.find(({ name }) => name === server);
  if (found === undefined) throw new Error(`nobody says where ${server} is`);
  return found;
}

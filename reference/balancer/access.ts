/** Who may open a connection: rules of which the first that fits counts. */
import type { Ipv4Address } from 'scapy-ts';
import type { PortRange, Protocol } from './config.ts';

/** The addresses whose first `length` bits, 0 … 32, are those of `address`. RFC 4632. */
export interface Prefix {
  readonly address: Ipv4Address;
  readonly length: number;
}

/** Whom a rule is about; what is left out fits everything. */
export interface AccessRule {
  readonly action: 'permit' | 'deny';
  readonly source?: Prefix;
  /** Fits TCP and UDP only. */
  readonly sourcePorts?: PortRange;
  readonly destination?: Prefix;
  /** Fits TCP and UDP only. */
  readonly destinationPorts?: PortRange;
  readonly protocol?: Protocol | 'icmp';
}

/** A list of rules, and what holds where none fits. */
export interface Access {
  readonly rules: readonly AccessRule[];
  readonly otherwise: 'permit' | 'deny';
  /** Whether a changed list ends what was permitted before: its packets are dropped both ways. */
  readonly established: 'keep' | 'apply';
}

/** Who asks for what; ports are undefined in an echo request. */
export interface Visit {
  readonly protocol: Protocol | 'icmp';
  readonly source: Ipv4Address;
  readonly sourcePort: number | undefined;
  readonly destination: Ipv4Address;
  readonly destinationPort: number | undefined;
}

/** Whether `access` permits a visit. */
export function isPermitted(access: Access, visit: Visit): boolean {
  const rule = access.rules.find((each) => fits(each, visit));
  return (rule?.action ?? access.otherwise) === 'permit';
}

function fits(rule: AccessRule, visit: Visit): boolean {
  return (
    (rule.protocol === undefined || rule.protocol === visit.protocol) &&
    isWithin(rule.source, visit.source) &&
    isWithin(rule.destination, visit.destination) &&
    isAmong(rule.sourcePorts, visit.sourcePort) &&
    isAmong(rule.destinationPorts, visit.destinationPort)
  );
}

function isWithin(prefix: Prefix | undefined, address: Ipv4Address): boolean {
  if (prefix === undefined) return true;
  const size = 2 ** (32 - prefix.length);
  return Math.floor(prefix.address / size) === Math.floor(address / size);
}

function isAmong(ports: PortRange | undefined, port: number | undefined): boolean {
  if (ports === undefined) return true;
  return port !== undefined && port >= ports.first && port <= ports.last;
}

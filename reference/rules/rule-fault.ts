/** Rules that no connection can have. */
import { formatIpv4, formatIpv6, formatMac } from 'scapy-ts';
import type { ConnectionKey, Deltas, Endpoint, Rule, WindowShift } from './rule.ts';
import { sameEndpoint } from './rule.ts';

/** The first field of a rule that makes it impossible. */
export interface RuleFault {
  /** As in `owner.port`. */
  readonly field: string;
  readonly need: string;
  readonly have: string;
}

const SHIFT_MAX = 14; // RFC 7323 section 2.3
const MAC_MULTICAST_BIT = 2 ** 40;

/** One sentence for people. */
export function formatRuleFault(fault: RuleFault): string {
  return `${fault.field}: need ${fault.need}, have ${fault.have}`;
}

/** The first reason why no connection can have this key; undefined when there is none. */
export function findKeyFault(key: ConnectionKey): RuleFault | undefined {
  return (
    endpointFault('key.client', key.client) ??
    endpointFault('key.virtual', key.virtual) ??
    familyFault('key.virtual', key.virtual, key.client) ??
    twinFault('key.virtual', key.virtual, key.client)
  );
}

/** The first reason why no connection can have this rule; undefined when there is none. */
export function findRuleFault(rule: Rule): RuleFault | undefined {
  const { key, owner, deltas } = rule;
  return (
    findKeyFault(key) ??
    endpointFault('owner', owner) ??
    macFault(owner.mac) ??
    familyFault('owner', owner, key.client) ??
    twinFault('owner', owner, key.client) ??
    deltasFault(deltas)
  );
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint;
  return typeof address === 'bigint'
    ? `[${formatIpv6(address)}]:${port}`
    : `${formatIpv4(address)}:${port}`;
}

function endpointFault(field: string, endpoint: Endpoint): RuleFault | undefined {
  const { address, port } = endpoint;
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    return { field: `${field}.port`, need: '1 to 65535', have: String(port) };
  }
  const unicast = typeof address === 'bigint' ? isIpv6Unicast(address) : isIpv4Unicast(address);
  if (unicast) return undefined;
  const have = typeof address === 'bigint' ? formatIpv6(address) : formatIpv4(address);
  return { field: `${field}.address`, need: 'the unicast address of a host', have };
}

/** Not unspecified (0/8), loopback (127/8), multicast (224/4) or broadcast. RFC 6890. */
function isIpv4Unicast(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first >> 4 !== 0xe && address !== 0xffffffff;
}

/** Not unspecified (::), loopback (::1) or multicast (ff00::/8). RFC 4291 section 2.4. */
function isIpv6Unicast(address: bigint): boolean {
  return address > 1n && address >> 120n !== 0xffn;
}

function macFault(address: Rule['owner']['mac']): RuleFault | undefined {
  const isMulticast = Math.floor(address / MAC_MULTICAST_BIT) % 2 === 1;
  if (address !== 0 && !isMulticast) return undefined;
  return { field: 'owner.mac', need: 'the address of one host', have: formatMac(address) };
}

function familyFault(field: string, end: Endpoint, client: Endpoint): RuleFault | undefined {
  if (typeof end.address === typeof client.address) return undefined;
  return {
    field: `${field}.address`,
    need: `the client's IP version (${formatEndpoint(client)})`,
    have: formatEndpoint(end),
  };
}

function twinFault(field: string, end: Endpoint, client: Endpoint): RuleFault | undefined {
  if (!sameEndpoint(end, client)) return undefined;
  return { field, need: 'another endpoint than the client', have: formatEndpoint(end) };
}

function deltasFault(deltas: Deltas): RuleFault | undefined {
  return (
    sumFault('clientSeq', deltas.clientSeq) ??
    sumFault('ownerSeq', deltas.ownerSeq) ??
    sumFault('clientTimestamp', deltas.clientTimestamp) ??
    sumFault('ownerTimestamp', deltas.ownerTimestamp) ??
    shiftFault('clientWindow', deltas.clientWindow) ??
    shiftFault('ownerWindow', deltas.ownerWindow)
  );
}

function sumFault(name: string, sum: number): RuleFault | undefined {
  if (Number.isInteger(sum) && sum >>> 0 === sum) return undefined;
  return { field: `deltas.${name}`, need: 'an integer, 0 to 4294967295', have: String(sum) };
}

function shiftFault(name: string, window: WindowShift): RuleFault | undefined {
  const isShift = (count: number): boolean =>
    Number.isInteger(count) && count >= 0 && count <= SHIFT_MAX;
  if (isShift(window.in) && isShift(window.out)) return undefined;
  const have = `${window.in} and ${window.out}`;
  return { field: `deltas.${name}`, need: `shift counts, 0 to ${SHIFT_MAX}`, have };
}

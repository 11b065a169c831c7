/** Rules that no connection can have. */
import type { ConnectionKey, Endpoint, Rule, WindowShift } from './rule.ts';
import { sameEndpoint } from './rule.ts';

const SHIFT_MAX = 14; // RFC 7323 section 2.3
const MAC_MULTICAST_BIT = 2 ** 40;

/** What a key must have, each with how to tell. */
const KEY_NEEDS: Readonly<Record<string, (key: ConnectionKey) => boolean>> = {
  'a client port, 1 to 65535': ({ client }) => isPort(client.port),
  'a client with the unicast address of a host': ({ client }) => isUnicast(client.address),
  'a virtual port, 1 to 65535': ({ virtual }) => isPort(virtual.port),
  'a virtual endpoint with a unicast address': ({ virtual }) => isUnicast(virtual.address),
  "a virtual endpoint of the client's IP version": ({ virtual, client }) =>
    sameVersion(virtual, client),
  'a virtual endpoint that is not the client': ({ virtual, client }) =>
    !sameEndpoint(virtual, client),
};

/** What a rule must have beside a sound key, each with how to tell. */
const RULE_NEEDS: Readonly<Record<string, (rule: Rule) => boolean>> = {
  'an owner port, 1 to 65535': ({ owner }) => isPort(owner.port),
  'an owner with the unicast address of a host': ({ owner }) => isUnicast(owner.address),
  'an owner with the MAC address of one host': ({ owner }) =>
    owner.mac !== 0 && Math.floor(owner.mac / MAC_MULTICAST_BIT) % 2 === 0,
  "an owner of the client's IP version": ({ owner, key }) => sameVersion(owner, key.client),
  'an owner that is not the client': ({ owner, key }) => !sameEndpoint(owner, key.client),
  'integers from 0 to 2^32 - 1 as deltas': ({ deltas }) =>
    [deltas.clientSeq, deltas.ownerSeq, deltas.clientTimestamp, deltas.ownerTimestamp].every(
      (sum) => sum >>> 0 === sum,
    ),
  'shift counts from 0 to 14': ({ deltas }) =>
    [deltas.clientWindow, deltas.ownerWindow].every(isShift),
};

/** What a connection's key would need and this one lacks, for people; undefined if nothing. */
export function findKeyFault(key: ConnectionKey): string | undefined {
  return Object.entries(KEY_NEEDS).find(([, isMet]) => !isMet(key))?.[0];
}

/** What a connection's rule would need and this one lacks, for people; undefined if nothing. */
export function findRuleFault(rule: Rule): string | undefined {
  const fault = findKeyFault(rule.key);
  return fault ?? Object.entries(RULE_NEEDS).find(([, isMet]) => !isMet(rule))?.[0];
}

function isPort(port: number): boolean {
  return port !== 0 && (port & 0xffff) === port;
}

function isUnicast(address: Endpoint['address']): boolean {
  return typeof address === 'bigint' ? isIpv6Unicast(address) : isIpv4Unicast(address);
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

function sameVersion(a: Endpoint, b: Endpoint): boolean {
  return typeof a.address === typeof b.address;
}

function isShift(window: WindowShift): boolean {
  return [window.in, window.out].every(
    (count) => Number.isInteger(count) && count >= 0 && count <= SHIFT_MAX,
  );
}

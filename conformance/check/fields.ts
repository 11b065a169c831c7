/**
 * The fields that a rule leaves alone, compared between the two sides of the switch.
 *
 * What a correct device may choose is not held against it: a TTL less by one, CE set on a packet
 * that may be marked, a new identification for a packet that may be fragmented.
 */
import { formatTcpFlags } from 'scapy-ts';
import { u16 } from './octets.ts';
import { hex, holds, tell, type Bench, type Pair } from './pair.ts';
import { FLAG, has, type Seen } from './seen.ts';

const ECN = { notEct: 0, ce: 3 } as const;
/** Flow label of IPv6, in the low 20 bits of the first word. */
const FLOW_LABEL = 0xf_ffff;

/** RFC 3168 section 5: a congested device may mark what is capable of it. */
function classKept(before: number, after: number): boolean {
  if (before === after) return true;
  const marked = (before & 3) !== ECN.notEct && (after & 3) === ECN.ce;
  return marked && before >> 2 === after >> 2;
}

function ttlKept(before: number, after: number): boolean {
  return after !== 0 && (after === before || after === before - 1);
}

function sameOctets(a: Seen, from: number, b: Seen, start: number, count: number): boolean {
  for (let step = 0; step < count; step += 1) {
    if (a.header[from + step] !== b.header[start + step]) return false;
  }
  return true;
}

/** IPv4 options or IPv6 extension headers, octet for octet. */
function extrasKept({ arrived, left }: Pair): boolean {
  if (arrived.extraOctets !== left.extraOctets) return false;
  const count = arrived.extraOctets;
  return sameOctets(arrived, arrived.tcpAt - count, left, left.tcpAt - count, count);
}

function flowLabel({ header, ipAt }: Seen): number {
  return ((u16(header, ipAt) << 16) | u16(header, ipAt + 2)) & FLOW_LABEL;
}

function compareIp(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  if (!holds(pair, bench, 'PRISM-REW-13', classKept(arrived.trafficClass, left.trafficClass))) {
    tell(pair, bench, 'PRISM-REW-13', [
      arrived.trafficClass >> 2 === left.trafficClass >> 2 ? 'IP ECN' : 'IP DSCP',
      hex(arrived.trafficClass, 2),
      hex(left.trafficClass, 2),
    ]);
  }
  if (!holds(pair, bench, 'PRISM-REW-14', ttlKept(arrived.ttl, left.ttl))) {
    tell(pair, bench, 'PRISM-REW-14', [
      arrived.family === 4 ? 'TTL' : 'hop limit',
      `${arrived.ttl}, or one less on a device that routes`,
      `${left.ttl}`,
    ]);
  }
  if (arrived.dontFragment !== left.dontFragment) {
    if (pair.sure)
      tell(pair, bench, 'PRISM-REW-13', ['DF', `${arrived.dontFragment}`, `${left.dontFragment}`]);
  }
  if (arrived.extraOctets > 0 || left.extraOctets > 0) {
    const id = arrived.family === 4 ? 'PRISM-REW-12' : 'PRISM-REW-18';
    const name = arrived.family === 4 ? 'IPv4 options' : 'IPv6 extension headers';
    if (!holds(pair, bench, id, extrasKept(pair))) {
      tell(pair, bench, id, [
        name,
        `the same ${arrived.extraOctets} octets`,
        `${left.extraOctets} octets, changed`,
      ]);
    }
  }
  if (arrived.family === 6 && flowLabel(arrived) !== flowLabel(left)) {
    if (pair.sure)
      tell(pair, bench, 'PRISM-REW-03', [
        'flow label',
        hex(flowLabel(arrived), 5),
        hex(flowLabel(left), 5),
      ]);
  }
}

/** An identification that is new in some packets only, or in all, shows over a whole rule. */
function countIdentification({ arrived, left, side }: Pair): void {
  if (arrived.family === 6 || !arrived.dontFragment || arrived.length === 0) return;
  if (arrived.id === left.id) side.idKept += 1;
  else side.idChanged += 1;
}

function flagText(flags: number): string {
  return `${formatTcpFlags(flags & 0x1ff)}, reserved ${flags >> 9}`;
}

function compareTcp(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  if (!holds(pair, bench, 'PRISM-REW-15', arrived.flags === left.flags)) {
    tell(pair, bench, 'PRISM-REW-15', ['tcp.flags', flagText(arrived.flags), flagText(left.flags)]);
  }
  if (!has(arrived, FLAG.urg) && arrived.urgent === left.urgent) return;
  const id = has(arrived, FLAG.urg) ? 'PRISM-SEQ-09' : 'PRISM-REW-15';
  if (!holds(pair, bench, id, arrived.urgent === left.urgent)) {
    tell(pair, bench, id, ['tcp.urgent', `${arrived.urgent}`, `${left.urgent}`]);
  }
}

function comparePayload(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  const comparable = arrived.hashed === left.hashed;
  if (!comparable) return;
  if (!holds(pair, bench, 'PRISM-REW-03', arrived.hash === left.hash)) {
    tell(pair, bench, 'PRISM-REW-03', [
      'payload',
      `the ${arrived.length} octets that arrived`,
      `${left.length} octets, changed`,
    ]);
  }
}

/** Compares everything that no rule changes. */
export function compareFields(pair: Pair, bench: Bench): void {
  compareIp(pair, bench);
  countIdentification(pair);
  compareTcp(pair, bench);
  comparePayload(pair, bench);
}

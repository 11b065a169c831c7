/**
 * Compares the frame that left with the frame that had to leave, field by field.
 *
 * What a correct device is free to choose is not compared: the Ethernet source, the Ethernet
 * padding of what it did not rewrite, ack and TSecr and SACK of a segment without ACK, and 0xffff
 * for 0x0000 in a checksum. TTL may be one less where the device says so. Checksums are judged by
 * adding up the frame that left, so that one wrong field is one finding and not three.
 */
import {
  diff,
  layer,
  parse,
  TCP_FLAG,
  verifyChecksums,
  type Packet,
  type Tcp,
  type TcpOption,
  type VerifiedChecksum,
  type Written,
} from 'scapy-ts';
import { writeOptions } from '../traffic/option-text.ts';
import type { Aspect, Finding } from './aspect.ts';

/** What the judge must know to compare fairly. */
export interface Leeway {
  /** The device takes one from TTL and hop limit of what it rewrites. */
  readonly ttl: 'unchanged' | 'decrement';
  /** The injected frame had a wrong TCP checksum: it must not leave with a right one. */
  readonly corruptTcp?: boolean;
  /** The injected frame had a wrong IPv4 header checksum: likewise. */
  readonly corruptIpv4?: boolean;
  /** The injected segment had a TSecr of 0, which may leave as it came. */
  readonly zeroEcho?: boolean;
  /** No rule applies: the checksums have to be those of the injected frame, right or wrong. */
  readonly bridged?: boolean;
}

/** What a correct device may choose when `injected` passes a rule. RFC 7323 section 3.2. */
export function leewayFor(injected: Uint8Array, ttl: Leeway['ttl']): Leeway {
  const options = layer(parse(injected).layers, 'tcp')?.options ?? [];
  const zeroEcho = options.some((option) => option.kind === 'timestamps' && option.echo === 0);
  return zeroEcho ? { ttl, zeroEcho } : { ttl };
}

const ASPECT_OF_FIELD: Readonly<Record<string, Aspect>> = {
  'ether.dst': 'addressed-to-owner',
  'ipv4.src': 'addressed-from-virtual',
  'ipv4.dst': 'addressed-to-owner',
  'ipv6.src': 'addressed-from-virtual',
  'ipv6.dst': 'addressed-to-owner',
  'tcp.srcPort': 'addressed-from-virtual',
  'tcp.dstPort': 'addressed-to-owner',
  'ipv4.dscp': 'traffic-class',
  'ipv4.ecn': 'traffic-class',
  'ipv4.id': 'traffic-class',
  'ipv4.df': 'traffic-class',
  'ipv6.dscp': 'traffic-class',
  'ipv6.ecn': 'traffic-class',
  'ipv4.checksum': 'ipv4-checksum',
  'tcp.checksum': 'tcp-checksum',
  'ipv4.ttl': 'ttl',
  'ipv6.hopLimit': 'ttl',
  'tcp.seq': 'sequence',
  'tcp.ack': 'sequence',
  'tcp.window': 'window',
  'tcp.urgent': 'urgent',
  'tcp.flags': 'flags',
  'tcp.reserved': 'flags',
};

/** Fields that are judged otherwise, or that a device may choose. */
const NOT_COMPARED: readonly string[] = ['ether.src', 'tcp.options'];
const CHECKSUMS: readonly string[] = ['ipv4.checksum', 'tcp.checksum'];

function aspectOf(layerKind: string, field: string): Aspect {
  if (layerKind === 'dot1q') return 'vlan';
  if (layerKind === 'raw') return 'payload';
  // What left is another kind of packet: the one that had to leave did not.
  if (field === 'kind') return 'delivery';
  return ASPECT_OF_FIELD[`${layerKind}.${field}`] ?? 'other';
}

function optionText(option: TcpOption | undefined): string {
  return option === undefined ? 'none' : writeOptions([option]);
}

function optionAspect(option: TcpOption | undefined): Aspect {
  if (option?.kind === 'sack') return 'sack';
  return option?.kind === 'timestamps' ? 'timestamps' : 'options';
}

/** What of an option has no meaning in a segment without ACK, made equal on both sides. */
function meaningful(option: TcpOption, acknowledges: boolean): TcpOption {
  if (acknowledges) return option;
  if (option.kind === 'timestamps') return { ...option, echo: 0 };
  return option.kind === 'sack' ? { ...option, blocks: [] } : option;
}

/** `seen` as it is to be compared: where 0 came in, a device may take TSecr 0 for no echo at all. */
function withEcho(seen: TcpOption, wanted: TcpOption | undefined, leeway: Leeway): TcpOption {
  const isZero = seen.kind === 'timestamps' && seen.echo === 0 && leeway.zeroEcho === true;
  return isZero && wanted?.kind === 'timestamps' ? { ...seen, echo: wanted.echo } : seen;
}

function compareOptions(
  wanted: Written<Tcp>,
  seen: Written<Tcp>,
  leeway: Leeway,
): readonly Finding[] {
  const acknowledges = (Number(wanted.flags) & TCP_FLAG.ACK) !== 0;
  const expected = (wanted.options ?? []).map((option) => meaningful(option, acknowledges));
  const observed = (seen.options ?? []).map((option, index) =>
    withEcho(meaningful(option, acknowledges), expected[index], leeway),
  );
  const count = Math.max(expected.length, observed.length);
  return Array.from({ length: count }, (_, index) => index).flatMap((index): readonly Finding[] => {
    const [want, have] = [optionText(expected[index]), optionText(observed[index])];
    if (want === have) return [];
    const aspect = optionAspect(expected[index] ?? observed[index]);
    return [{ aspect, field: `tcp.options[${index}]`, expected: want, observed: have }];
  });
}

/** The outermost IPv4 and TCP checksum of a frame, as far as there are any. */
function outerChecksums(frame: Uint8Array): readonly VerifiedChecksum[] {
  const all = verifyChecksums(frame);
  const outermost = (name: string): readonly VerifiedChecksum[] =>
    all.filter((check) => check.layer === name).slice(0, 1);
  return [...outermost('ipv4'), ...outermost('tcp')];
}

function compareChecksums(
  wanted: readonly VerifiedChecksum[],
  seen: readonly VerifiedChecksum[],
  leeway: Leeway,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { layer: name, computed } of wanted) {
    const check = seen.find((each) => each.layer === name);
    const field = `${name}.checksum`;
    const aspect = name === 'tcp' ? 'tcp-checksum' : 'ipv4-checksum';
    const corrupt = name === 'tcp' ? leeway.corruptTcp : leeway.corruptIpv4;
    if (check === undefined) {
      const expected = `0x${computed.toString(16).padStart(4, '0')}`;
      if (corrupt !== true) findings.push({ aspect, field, expected, observed: 'none to verify' });
      continue;
    }
    const observed = `0x${check.found.toString(16).padStart(4, '0')}`;
    const right = `0x${check.computed.toString(16).padStart(4, '0')}`;
    if (corrupt === true) {
      if (!check.valid) continue;
      const expected = 'a checksum that is still wrong, or no frame';
      findings.push({
        aspect: 'repaired-checksum',
        field,
        expected,
        observed: `${observed}, valid`,
      });
    } else if (!check.valid) {
      findings.push({ aspect, field, expected: right, observed });
    } else if (check.found !== check.computed) {
      findings.push({ aspect: 'canonical-checksum', field, expected: right, observed });
    }
  }
  return findings;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // A loop: a callback for each octet takes most of the time of a run that fails.
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Frames do not change, and a frame of a broken device is likened to many. */
const parsed = new WeakMap<Uint8Array, Packet>();

/** The layers of a frame up to the end of the IP packet: a device may pad and cut as it likes. */
function withoutPadding(frame: Uint8Array): Packet {
  const known = parsed.get(frame);
  if (known !== undefined) return known;
  const packet = parse(frame).layers.filter(({ kind }) => kind !== 'padding');
  parsed.set(frame, packet);
  return packet;
}

/** Whether a correct device may leave `before` as `after` in the field `name`. */
function allowed(
  name: string,
  wanted: Packet,
  before: string,
  after: string,
  leeway: Leeway,
): boolean {
  if (NOT_COMPARED.includes(name)) return true;
  if (name === 'ipv4.checksum' && leeway.ttl === 'decrement') return true;
  if (CHECKSUMS.includes(name)) return leeway.bridged !== true;
  if (name === 'tcp.ack') return ((layer(wanted, 'tcp')?.flags ?? 0) & TCP_FLAG.ACK) === 0;
  if (name === 'ipv4.ttl' || name === 'ipv6.hopLimit') {
    // A router drops what would leave with 0. RFC 1812 section 5.3.1.
    return leeway.ttl === 'decrement' && Number(after) === Number(before) - 1 && after !== '0';
  }
  return false;
}

/** What is wrong with the checksums that a correct device may have changed. */
function judgedChecksums(wanted: Uint8Array, seen: Uint8Array, leeway: Leeway): readonly Finding[] {
  const before = outerChecksums(wanted);
  if (leeway.bridged !== true) return compareChecksums(before, outerChecksums(seen), leeway);
  // A bridge keeps both; a router changes that of IPv4, and it stays as right or wrong as it was.
  const ipv4 = before.filter(({ layer: name }) => name === 'ipv4' && leeway.ttl === 'decrement');
  const corruptIpv4 = ipv4.some(({ valid }) => !valid);
  const findings = compareChecksums(ipv4, outerChecksums(seen), { ...leeway, corruptIpv4 });
  return findings.filter(({ aspect }) => aspect !== 'canonical-checksum');
}

/**
 * All findings about one frame that left, against the frame that had to leave.
 *
 * An empty list means that a correct device may send `seen`.
 */
export function compareFrames(
  wanted: Uint8Array,
  seen: Uint8Array,
  leeway: Leeway,
): readonly Finding[] {
  const corrupt = leeway.corruptTcp === true || leeway.corruptIpv4 === true;
  if (!corrupt && sameOctets(wanted, seen)) return [];
  const expected = withoutPadding(wanted);
  const observed = withoutPadding(seen);
  const fields = diff(expected, observed)
    .map(({ layer: kind, field, before, after }): Finding => {
      const name = `${kind}.${field}`;
      return { aspect: aspectOf(kind, field), field: name, expected: before, observed: after };
    })
    .filter((each) => !allowed(each.field, expected, each.expected, each.observed, leeway));
  const [wantedTcp, seenTcp] = [layer(expected, 'tcp'), layer(observed, 'tcp')];
  const options =
    wantedTcp === undefined || seenTcp === undefined
      ? []
      : compareOptions(wantedTcp, seenTcp, leeway);
  const checksums = judgedChecksums(wanted, seen, leeway);
  return [...fields, ...options, ...checksums].map((finding) => {
    return { ...finding, output: seen, wanted };
  });
}

/**
 * The judgement on frames that no rule matches: octet for octet as they were sent.
 *
 * Two things are free. Ethernet pads a short frame to 60 octets. A device that declares L3 sets MAC
 * addresses and takes one from TTL or hop limit.
 */
import { build, parse, type Layer } from 'scapy-ts';
import type { Hello, PortRole } from '../driver/device.ts';
import type { Finding } from './aspect.ts';
import { describeFrame, type Output } from './delivery.ts';

/** Shortest Ethernet frame without its check sequence. IEEE 802.3 clause 4.4.2. */
export const MIN_FRAME_OCTETS = 60;
/** Octets of the two MAC addresses. */
const MACS_OCTETS = 12;

/** A frame that was sent, and the ports at which it has to come out. */
export interface Sent {
  readonly frame: Uint8Array;
  readonly at: readonly PortRole[];
  /** A correct device may also drop it. */
  readonly optional?: boolean;
}

function startsWith(seen: Uint8Array, sent: Uint8Array, from: number): boolean {
  const padded = seen.length > sent.length && seen.length <= MIN_FRAME_OCTETS;
  if (seen.length !== sent.length && !padded) return false;
  for (let at = from; at < sent.length; at += 1) if (sent[at] !== seen[at]) return false;
  return true;
}

/** `frame` after one hop; the same octets when it is no IP packet. */
function afterHop(frame: Uint8Array): Uint8Array {
  const { layers } = parse(frame);
  const at = layers.findIndex(({ kind }) => kind === 'ipv4' || kind === 'ipv6');
  return build(layers.map((layer, index): Layer => (index === at ? oneHopLess(layer) : layer)));
}

function oneHopLess(layer: Layer): Layer {
  if (layer.kind === 'ipv6') return { ...layer, hopLimit: (layer.hopLimit ?? 1) - 1 };
  if (layer.kind !== 'ipv4') return layer;
  const { checksum: _recomputed, ...rest } = layer;
  return { ...rest, ttl: (layer.ttl ?? 1) - 1 };
}

/** Whether a correct device may let `sent` out as `seen`. */
export function isUnchanged(sent: Uint8Array, seen: Uint8Array, hello: Hello): boolean {
  const routes = hello.capabilities.includes('L3');
  if (startsWith(seen, sent, routes ? MACS_OCTETS : 0)) return true;
  return routes && startsWith(seen, afterHop(sent), MACS_OCTETS);
}

/** The first octet in which two frames differ, as text. */
function firstDifference(sent: Uint8Array, seen: Uint8Array): string {
  const at = seen.findIndex((octet, index) => octet !== sent[index]);
  const hex = seen[at]?.toString(16).padStart(2, '0') ?? 'the end of the frame';
  return `${describeFrame(seen)}, octet ${at < 0 ? seen.length : at} is ${hex}`;
}

/** Takes the first output of `pool` at `role` that `accepts` takes. */
function take(
  pool: Output[],
  role: PortRole,
  accepts: (frame: Uint8Array) => boolean,
): Output | undefined {
  const at = pool.findIndex((each) => each.role === role && accepts(each.frame));
  return at < 0 ? undefined : pool.splice(at, 1)[0];
}

function notUnchanged(frame: Uint8Array, role: PortRole, changed: Output | undefined): Finding {
  return {
    aspect: 'other',
    field: 'frame',
    expected: `as it was sent at ${role}: ${describeFrame(frame)}`,
    observed: changed === undefined ? 'no such frame there' : firstDifference(frame, changed.frame),
    injected: frame,
    wanted: frame,
    ...(changed === undefined ? {} : { output: changed.frame }),
  };
}

function surplus({ role, frame }: Output): Finding {
  return {
    aspect: 'port',
    field: 'frame',
    expected: 'no further frame at any port',
    observed: `${describeFrame(frame)} at ${role}`,
    output: frame,
  };
}

/** What is wrong with `outputs`, when each of `sent` had to come out unchanged at its ports only. */
export function judgeUnchanged(
  sent: readonly Sent[],
  outputs: readonly Output[],
  hello: Hello,
): readonly Finding[] {
  const pool = [...outputs];
  const wanted = sent.flatMap((each) => each.at.map((role) => ({ ...each, role })));
  const missing = wanted.filter(
    ({ frame, role }) => !take(pool, role, (seen) => isUnchanged(frame, seen, hello)),
  );
  const findings = missing.flatMap(({ frame, role, optional }): readonly Finding[] => {
    const changed = take(pool, role, () => true);
    return changed === undefined && optional === true ? [] : [notUnchanged(frame, role, changed)];
  });
  return [...findings, ...pool.map(surplus)];
}

/** What is wrong with `outputs`, when `sent` may come out anywhere or nowhere, but only unchanged. */
export function judgeUntouched(
  sent: readonly Uint8Array[],
  outputs: readonly Output[],
  hello: Hello,
): readonly Finding[] {
  return outputs
    .filter(({ frame }) => !sent.some((each) => isUnchanged(each, frame, hello)))
    .map((output) => notUnchanged(sent[0] ?? output.frame, output.role, output));
}

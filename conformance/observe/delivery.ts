/**
 * Pairs the frames that left with the frames that had to leave, and finds what is wrong.
 *
 * Frames of different flows may overtake each other, so a frame is paired with the wanted frame
 * that it equals; what is left on both sides of one port is paired by likeness, first within a
 * flow, and the rest is missing, doubled, or at the wrong port.
 */
import { layer, parse, summary } from 'scapy-ts';
import type { PortRole } from '../driver/device.ts';
import type { Finding } from './aspect.ts';
import { compareFrames, type Leeway } from './compare.ts';
import type { Direction } from './translate.ts';

/** What a device must do with an injected frame. */
export type Expectation =
  | {
      readonly kind: 'frame';
      readonly at: PortRole;
      readonly frame: Uint8Array;
      readonly leeway: Leeway;
      /** A correct device may also drop it. */
      readonly optional?: boolean;
      /** Judges what left where `compareFrames` does not fit; the findings, or none. */
      readonly compare?: (seen: Uint8Array) => readonly Finding[];
      readonly direction?: Direction;
    }
  | { readonly kind: 'nothing' };

/** A frame to inject and what must come of it. */
export interface Stimulus {
  readonly role: PortRole;
  readonly frame: Uint8Array;
  readonly expectation: Expectation;
}

/** A frame that left, and where. */
export interface Output {
  readonly role: PortRole;
  readonly frame: Uint8Array;
}

type Wanted = Extract<Expectation, { kind: 'frame' }> & { readonly injected: Uint8Array };

/** How many frames are tried as the wanted one, and likened to it: bounds the work on a broken device. */
const MAX_TRIED = 4;
const MAX_LIKENED = 16;
/** A frame with so few differences is the wanted one with a fault: no other is looked at. */
const FEW_FINDINGS = 2;

/** Where a frame has its Ethernet source. IEEE 802.3. */
const SOURCE_AT = 6;
const SOURCE_OCTETS = 6;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** One line that tells what a frame is. */
export function describeFrame(frame: Uint8Array): string {
  return summary(parse(frame).layers);
}

function describeOutput(output: Output): string {
  return `${describeFrame(output.frame)} at ${output.role}`;
}

/** What is wrong with `seen` as the frame that `wanted` asks for. */
function findingsOn({ compare, frame, leeway }: Wanted, seen: Uint8Array): readonly Finding[] {
  return compare === undefined ? compareFrames(frame, seen, leeway) : compare(seen);
}

type Pool = Map<string, Output[]>;

/** `outputs` by what `keyOf` says of them, each list in the order in which they left. */
function poolOf(outputs: Iterable<Output>, keyOf: (output: Output) => string): Pool {
  const pool: Pool = new Map();
  for (const output of outputs) {
    const key = keyOf(output);
    const list = pool.get(key);
    if (list === undefined) pool.set(key, [output]);
    else list.push(output);
  }
  return pool;
}

/**
 * A port and a hash of a frame's octets (FNV-1a) without the Ethernet source, which a device may
 * choose. Frames of one key are compared before they are taken for equal.
 */
function octetsKey({ role, frame }: Output): string {
  let hash = FNV_OFFSET;
  for (let at = 0; at < frame.length; at += 1) {
    if (at === SOURCE_AT) at += SOURCE_OCTETS;
    hash = Math.imul(hash ^ (frame[at] ?? 0), FNV_PRIME);
  }
  return `${role} ${frame.length} ${hash}`;
}

/** A port and the ends of a packet: what has the same key keeps its order. */
function flowKey({ role, frame }: Output): string {
  const { layers } = parse(frame);
  const ip = layer(layers, 'ipv4') ?? layer(layers, 'ipv6');
  const transport = layer(layers, 'tcp') ?? layer(layers, 'udp');
  return [role, ip?.src, ip?.dst, transport?.srcPort, transport?.dstPort].join(' ');
}

/** Takes out of `candidates` the first that is right for `wanted`. */
function takeEqual(candidates: Output[], wanted: Wanted): Output | undefined {
  const at = candidates
    .slice(0, MAX_TRIED)
    .findIndex((output) => findingsOn(wanted, output.frame).length === 0);
  return at < 0 ? undefined : candidates.splice(at, 1)[0];
}

/** Takes out of `left` what is right for a wanted frame; returns what is wanted in vain. */
function takeAllEqual(
  left: Set<Output>,
  wanted: readonly Wanted[],
  keyOf: (output: Output) => string,
): readonly Wanted[] {
  if (wanted.length === 0) return [];
  const pool = poolOf(left, keyOf);
  return wanted.filter((each) => {
    const key = keyOf({ role: each.at, frame: each.frame });
    const found = takeEqual(pool.get(key) ?? [], each);
    if (found !== undefined) left.delete(found);
    return found === undefined;
  });
}

/** What a finding tells of the frame that it is about. */
function origin({ injected, direction }: Wanted): Pick<Finding, 'injected' | 'direction'> {
  return direction === undefined ? { injected } : { injected, direction };
}

/** Takes the one of `candidates` that differs least from `wanted`. */
function takeLike(
  left: Set<Output>,
  candidates: Output[],
  wanted: Wanted,
): readonly Finding[] | undefined {
  let best: { readonly output: Output; readonly findings: readonly Finding[] } | undefined;
  for (const output of candidates.slice(0, MAX_LIKENED)) {
    const findings = findingsOn(wanted, output.frame);
    if (best === undefined || findings.length < best.findings.length) best = { output, findings };
    if (best.findings.length <= FEW_FINDINGS) break;
  }
  if (best === undefined) return undefined;
  candidates.splice(candidates.indexOf(best.output), 1);
  left.delete(best.output);
  return best.findings.map((finding) => ({ ...finding, ...origin(wanted) }));
}

function missing(wanted: Wanted, elsewhere: Output | undefined): Finding {
  return {
    aspect: wanted.direction === 'owner-to-client' ? 'delivery-to-client' : 'delivery',
    field: 'frame',
    expected: `${describeFrame(wanted.frame)} at ${wanted.at}`,
    observed: elsewhere === undefined ? 'no such frame at any port' : describeOutput(elsewhere),
    ...origin(wanted),
    wanted: wanted.frame,
    ...(elsewhere === undefined ? {} : { output: elsewhere.frame }),
  };
}

/** What is wrong with a frame that nothing asked for; `paired` are the keys of those it did. */
function unexpected(output: Output, paired: ReadonlySet<string>): Finding {
  const again = paired.has(octetsKey(output));
  return {
    aspect: again ? 'duplicate' : 'port',
    field: 'frame',
    expected: again ? 'the frame once' : 'no further frame at any port',
    observed: again ? `the frame again: ${describeOutput(output)}` : describeOutput(output),
    output: output.frame,
  };
}

type Told = readonly Finding[];

/** What `tell` has to say of each of `wanted`; the rest of them is returned. */
function tellSome(
  wanted: readonly Wanted[],
  tell: (each: Wanted) => Told | undefined,
): { readonly findings: Told; readonly rest: readonly Wanted[] } {
  const told = wanted.map((each) => ({ each, findings: tell(each) }));
  return {
    findings: told.flatMap(({ findings }) => findings ?? []),
    rest: told.filter(({ findings }) => findings === undefined).map(({ each }) => each),
  };
}

/** Findings about frames that had to leave where no right one left. */
function judgeUnmet(unmet: readonly Wanted[], left: Set<Output>): Told {
  if (unmet.length === 0) return [];
  const flows = poolOf(left, flowKey);
  const inFlow = tellSome(unmet, (each) =>
    takeLike(left, flows.get(flowKey({ role: each.at, frame: each.frame })) ?? [], each),
  );
  const ports = poolOf(left, ({ role }) => role);
  const atPort = tellSome(inFlow.rest, (each) => takeLike(left, ports.get(each.at) ?? [], each));
  const elsewhere = poolOf(left, ({ frame }) => describeFrame(frame));
  const astray = atPort.rest.flatMap((each): Told => {
    if (each.optional === true) return [];
    const output = elsewhere.get(describeFrame(each.frame))?.shift();
    if (output !== undefined) left.delete(output);
    return [missing(each, output)];
  });
  return [...inFlow.findings, ...atPort.findings, ...astray];
}

/** Everything that is wrong with `outputs` as the answer to `stimuli`; empty when all is right. */
export function judgeDelivery(
  stimuli: readonly Stimulus[],
  outputs: readonly Output[],
): readonly Finding[] {
  // Told apart by identity: the same frame twice is two frames.
  const all = outputs.map((output) => ({ ...output }));
  const left = new Set<Output>(all);
  const wanted = stimuli.flatMap(({ frame, expectation }): readonly Wanted[] =>
    expectation.kind === 'frame' ? [{ ...expectation, injected: frame }] : [],
  );
  const unmet = takeAllEqual(left, takeAllEqual(left, wanted, octetsKey), flowKey);
  const findings = judgeUnmet(unmet, left);
  if (left.size === 0) return findings;
  const paired = new Set(all.filter((each) => !left.has(each)).map(octetsKey));
  return [...findings, ...[...left].map((output) => unexpected(output, paired))];
}

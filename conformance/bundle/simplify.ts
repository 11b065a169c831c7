/**
 * Simpler frames in the place of those that a device failed on.
 *
 * What must become of a simpler frame is known where it is known what must become of the frame: it
 * is the translation by a rule that the sequence has set, or the frame itself, or nothing.
 */
import {
  build,
  parse,
  TCP_FLAG,
  type Layer,
  type Packet,
  type Tcp,
  type TcpOption,
  type Written,
} from 'scapy-ts';
import type { Rule } from '../driver/device.ts';
import type { Expectation } from '../observe/delivery.ts';
import { translated } from '../observe/translate.ts';
import { endsOf, endText } from './ends.ts';
import type { Operation, RecordedStimulus } from './sequence.ts';

/** A packet with one thing less in it; the same packet when that thing is not there. */
type Edit = (packet: Packet) => Packet;

function mapTcp(packet: Packet, change: (header: Written<Tcp>) => Written<Tcp>): Packet {
  return packet.map((layer): Layer => (layer.kind === 'tcp' ? change(layer) : layer));
}

function payloadOf(octets: number): Edit {
  return (packet) =>
    packet.flatMap((layer): readonly Layer[] => {
      if (layer.kind !== 'raw') return [layer];
      const { octets: payload = new Uint8Array(0) } = layer;
      return octets === 0 ? [] : [{ ...layer, octets: payload.subarray(0, octets) }];
    });
}

function withoutOption(index: number): Edit {
  return (packet) =>
    mapTcp(packet, (header) => {
      const options = (header.options ?? []).filter((_, at) => at !== index);
      return { ...header, options };
    });
}

const withoutOptions: Edit = (packet) => mapTcp(packet, (header) => ({ ...header, options: [] }));

/** Most options of a header: 40 octets of one each. */
const MAX_OPTIONS = 40;

/** Each SACK option with its first block alone. */
const oneBlock: Edit = (packet) =>
  mapTcp(packet, (header) => {
    const options = (header.options ?? []).map((option): TcpOption =>
      option.kind === 'sack' ? { ...option, blocks: option.blocks.slice(0, 1) } : option,
    );
    return { ...header, options };
  });

/** A plain acknowledgment. */
const plainFlags: Edit = (packet) =>
  mapTcp(packet, (header) => ({ ...header, flags: TCP_FLAG.ACK }));

const plainNumbers: Edit = (packet) =>
  mapTcp(packet, (header) => ({ ...header, seq: 1000, ack: 2000 }));

/** What a scenario that does not care sends: values that draw no attention. */
const ordinary: Edit = (packet) =>
  mapTcp(packet, (header) => ({ ...header, urgent: 0, reserved: 0, window: 0xfaf0 })).map(
    (layer): Layer =>
      layer.kind === 'ipv4'
        ? { ...layer, dscp: 0, ecn: 0, id: 0x1000, ttl: 64, df: 1, reserved: 0 }
        : layer,
  );

/** The edits, the greatest first; each is kept if the failure is still there. */
export const EDITS: readonly Edit[] = [
  (packet) => plainNumbers(plainFlags(ordinary(withoutOptions(payloadOf(0)(packet))))),
  payloadOf(0),
  payloadOf(1),
  payloadOf(20),
  withoutOptions,
  ...Array.from({ length: MAX_OPTIONS }, (_, at) => withoutOption(MAX_OPTIONS - 1 - at)),
  oneBlock,
  ordinary,
  plainFlags,
  plainNumbers,
];

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

/** A header without what is computed from the rest, so that it is computed anew. */
function uncomputed(layer: Layer): Layer {
  if (layer.kind === 'tcp') {
    const { checksum: _checksum, dataOffset: _words, ...rest } = layer;
    return rest;
  }
  if (layer.kind === 'ipv4') {
    const { checksum: _checksum, totalLength: _octets, ...rest } = layer;
    return rest;
  }
  if (layer.kind !== 'ipv6') return layer;
  const { payloadLength: _octets, ...rest } = layer;
  return rest;
}

const PLAIN: readonly Layer['kind'][] = ['ether', 'dot1q', 'ipv4', 'ipv6', 'tcp', 'raw'];

/** The layers of an ordinary segment; undefined where something is forced, padded or damaged. */
function plainLayers(frame: Uint8Array): Packet | undefined {
  const { layers } = parse(frame);
  if (!layers.every(({ kind }) => PLAIN.includes(kind))) return undefined;
  const packet = layers.map(uncomputed);
  return same(build(packet), frame) ? packet : undefined;
}

/** The rules that `operations` have set, of all times: a frame may have met any of them. */
export function rulesOf(operations: readonly Operation[]): readonly Rule[] {
  const rules: Rule[] = [];
  for (const operation of operations) {
    if (operation.kind !== 'command' || !operation.reply.ok) continue;
    const { command } = operation;
    if (command.op === 'add') rules.push(command.rule);
    if (command.op !== 'chown') continue;
    const { owner, deltas, key } = command;
    rules.push({ client: key.client, virtual: key.virtual, owner, deltas, locked: false });
  }
  return rules;
}

/** What must become of `frame`, which stands in for the frame that `expectation` is about. */
function expectationFor(
  { frame: before, expectation }: RecordedStimulus,
  frame: Uint8Array,
  rules: readonly Rule[],
): Expectation | undefined {
  if (expectation.kind === 'nothing') return expectation;
  const { compare, leeway, direction } = expectation;
  if (compare !== undefined || leeway.corruptTcp === true || leeway.corruptIpv4 === true) {
    return undefined;
  }
  if (same(expectation.frame, before)) return { ...expectation, frame };
  if (direction === undefined) return undefined;
  const ends = endsOf(before);
  const rule = rules.find(
    (each) =>
      ends.includes(endText(each.client)) &&
      same(translated(before, each, direction), expectation.frame),
  );
  return rule === undefined
    ? undefined
    : { ...expectation, frame: translated(frame, rule, direction) };
}

/** `stimulus` after `edit`; undefined when nothing changes, or not known what to expect then. */
export function simplified(
  stimulus: RecordedStimulus,
  edit: Edit,
  rules: readonly Rule[],
): RecordedStimulus | undefined {
  if (stimulus.alternatives !== undefined) return undefined;
  const layers = plainLayers(stimulus.frame);
  if (layers === undefined) return undefined;
  const frame = build(edit(layers));
  if (same(frame, stimulus.frame)) return undefined;
  const expectation = expectationFor(stimulus, frame, rules);
  return expectation === undefined ? undefined : { ...stimulus, frame, expectation };
}

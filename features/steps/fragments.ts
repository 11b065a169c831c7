/** Steps about fragments of segments of the connection. RFC 791 section 3.2, RFC 8200 section 4.5. */
import { Then, When } from '@cucumber/cucumber';
import { build, ether, ipv4, ipv6, ipv6Fragment, layer, parse, raw, type Layer } from 'scapy-ts';
import type { Rule } from '../../conformance/driver/device.ts';
import { describeFrame, type Output, type Stimulus } from '../../conformance/observe/delivery.ts';
import { translatedError } from '../../conformance/observe/icmp-error.ts';
import { translated, type Direction } from '../../conformance/observe/translate.ts';
import { pattern, segment } from '../../conformance/traffic/segment.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { unruled } from '../support/bridge.ts';
import {
  coversAll,
  fateOf,
  fragmentsOf,
  isPartOf,
  pieceOf,
  reassembled,
  type Piece,
} from '../../conformance/observe/fragments.ts';
import { fieldOf } from '../support/fields.ts';
import type { PrismWorld } from '../support/world.ts';
import { pathFrom } from './segments.ts';

/** The orders in which fragments are sent, by the words of scenarios. */
const ORDERS: Readonly<Record<string, (frames: readonly Uint8Array[]) => readonly Uint8Array[]>> = {
  'in order': (frames) => frames,
  'in reverse': (frames) => frames.toReversed(),
  'the first one last': ([first, ...rest]) => (first === undefined ? [] : [...rest, first]),
};

/** The fragments of one segment; segments differ in identification and sequence number. */
export function fragmentedSegment(
  world: PrismWorld,
  host: Host,
  { octets, cuts, which }: Fragmentation,
): readonly Uint8Array[] {
  const payload = pattern(octets, which);
  const fields = { seq: 1000 + which * octets, flags: 'PA', payload };
  const ipv4Fields = { df: 0, id: 0x7000 + which };
  return fragmentsOf(segment(pathFrom(world, host), { ...fields, ipv4: ipv4Fields }), cuts);
}

export interface Fragmentation {
  /** Octets of payload of the segment. */
  readonly octets: number;
  /** Where its TCP header and payload are cut. */
  readonly cuts: readonly number[];
  readonly which: number;
}

When(
  /^(the client|backend 1) sends a segment of (\d+) octets in fragments cut at (\d+(?: and \d+)*), (in order|in reverse|the first one last)$/u,
  async function (this: PrismWorld, words: string, octets: string, at: string, order: string) {
    const host = words === 'the client' ? this.clientHost() : this.ownerHost();
    const cuts = at.split(' and ').map(Number);
    const arrange = ORDERS[order];
    if (arrange === undefined) throw new Error(`no order is called ${order}`);
    const frames = fragmentedSegment(this, host, { octets: Number(octets), cuts, which: 0 });
    await this.inject(arrange(frames).map((frame) => unruled(host, frame)));
  },
);

When(
  '{host} sends {int} segments of {int} octets in fragments that alternate',
  async function (this: PrismWorld, host: Host, count: number, octets: number) {
    const all = Array.from({ length: count }, (_, which) =>
      fragmentedSegment(this, host, { octets, cuts: [64, 512], which }),
    );
    const rounds = [0, 1, 2].flatMap((round) => all.flatMap((frames) => frames[round] ?? []));
    await this.inject(rounds.map((frame) => unruled(host, frame)));
  },
);

When(
  'the client sends fragments of two segments that alternate, one of another connection',
  async function (this: PrismWorld) {
    const host = this.clientHost();
    const path = pathFrom(this, host);
    const other = { ...path, source: { ...path.source, port: path.source.port + 1 } };
    const [ruled, unruledOnes] = [path, other].map((way, which) => {
      const fields = {
        flags: 'PA',
        payload: pattern(200, which),
        ipv4: { df: 0, id: 0x7000 + which },
      };
      return fragmentsOf(segment(way, fields), [64, 128]);
    });
    const rounds = [0, 1, 2].flatMap((at) => [ruled?.[at] ?? [], unruledOnes?.[at] ?? []].flat());
    await this.inject(rounds.map((frame) => unruled(host, frame)));
  },
);

When(
  "the client sends a segment, and in reverse the fragments of another connection's with its identification",
  async function (this: PrismWorld) {
    const host = this.clientHost();
    const path = pathFrom(this, host);
    const id = 0x7000;
    // The identification of a datagram that is whole means nothing. RFC 6864 section 4.1.
    const whole = segment(path, { flags: 'PA', payload: pattern(50), ipv4: { df: 1, id } });
    await this.inject([unruled(host, whole)]);
    await this.turnPage();
    const other = { ...path, source: { ...path.source, port: path.source.port + 1 } };
    const fields = { flags: 'PA', payload: pattern(200, 3), ipv4: { df: 0, id } };
    const fragments = fragmentsOf(segment(other, fields), [64, 128]);
    await this.inject(fragments.toReversed().map((frame) => unruled(host, frame)));
  },
);

When(
  'the client sends the {word} of two fragments of a segment',
  async function (this: PrismWorld, which: string) {
    const host = this.clientHost();
    const both = fragmentedSegment(this, host, { octets: 100, cuts: [24], which: 0 });
    const [frame] = which === 'first' ? both : both.slice(1);
    if (frame === undefined) throw new Error('a segment was not cut');
    // What leaves now is not what leaves next.
    await this.turnPage();
    await this.inject([unruled(host, frame)]);
  },
);

Then('nothing goes to {host}', async function (this: PrismWorld, host: Host) {
  const outputs = await this.outputs();
  const found = outputs.find(({ frame }) => fieldOf(frame, 'destination MAC') === host.mac);
  if (found !== undefined) {
    const observed = `${describeFrame(found.frame)} at ${found.role}`;
    throw new Failure({ expected: `no frame for ${host.mac}, which owns no more`, observed });
  }
  await this.proven([]);
  await this.turnPage();
});

/** A datagram that was sent in fragments: as it was, and as the rule makes it. */
export interface Datagram {
  readonly asSent: Piece;
  readonly asRuled: Piece;
}

function wholePiece(frame: Uint8Array): Piece {
  const piece = pieceOf(frame);
  if (piece === undefined) throw new Error('a datagram is no IP packet');
  return piece;
}

/** What was sent in fragments since the last page, as `rule` makes it. */
export function datagramsOf(world: PrismWorld, rule: Rule = world.theRule()): readonly Datagram[] {
  const byLabel = new Map<string, Stimulus[]>();
  for (const stimulus of world.stimuli) {
    const { label } = wholePiece(stimulus.frame);
    byLabel.set(label, [...(byLabel.get(label) ?? []), stimulus]);
  }
  return [...byLabel.values()].map((stimuli) => {
    const whole = reassembled(stimuli.map(({ frame }) => frame));
    const isClient = stimuli[0]?.role === world.clientHost().role;
    const direction: Direction = isClient ? 'client-to-owner' : 'owner-to-client';
    const asSent = wholePiece(whole);
    if (layer(parse(whole).layers, 'icmpv4') !== undefined) {
      const sender = isClient ? 'owner' : 'client';
      return { asSent, asRuled: wholePiece(translatedError(whole, rule, sender)) };
    }
    const isRuled = !isClient || fieldOf(whole, 'source port') === String(rule.client.port);
    return { asSent, asRuled: isRuled ? wholePiece(translated(whole, rule, direction)) : asSent };
  });
}

/** What left, apart from exceptions that were handed on as they came. */
export function forwarded(world: PrismWorld, outputs: readonly Output[]): readonly Output[] {
  const sent = world.stimuli.map(({ frame }) => frame.join());
  return outputs.filter(({ role, frame }) => role !== 'punt' || !sent.includes(frame.join()));
}

Then(
  'the fragments that leave are all translated, or all as they were sent',
  async function (this: PrismWorld) {
    const datagrams = datagramsOf(this);
    const treated = new Map<Datagram, string>();
    for (const { role, frame } of forwarded(this, await this.outputs())) {
      const piece = pieceOf(frame);
      const ruled = datagrams.find(({ asRuled }) => piece && isPartOf(piece, asRuled));
      const kept = datagrams.find(({ asSent }) => piece && isPartOf(piece, asSent));
      // Where a rule changes nothing of a fragment, it goes with either.
      if (ruled !== undefined && kept !== undefined) continue;
      const datagram = ruled ?? kept;
      const how = ruled === undefined ? 'as it was sent' : 'translated';
      const before = datagram === undefined ? undefined : treated.get(datagram);
      if (datagram === undefined || (before !== undefined && before !== how)) {
        const mixed = before === undefined ? 'translated in part' : `${how}, another ${before}`;
        const expected = 'fragments of one datagram, all translated or all as they were sent';
        throw new Failure({ expected, observed: `${describeFrame(frame)} at ${role}: ${mixed}` });
      }
      treated.set(datagram, how);
    }
    await this.turnPage();
  },
);

Then(
  'the fragments that leave make up the translated segment(s)',
  async function (this: PrismWorld) {
    const outputs = await this.outputs();
    const pieces = outputs.flatMap(({ frame }) => pieceOf(frame) ?? []);
    for (const { asRuled } of datagramsOf(this)) {
      const parts = pieces.filter((piece) => isPartOf(piece, asRuled));
      if (coversAll(parts, asRuled)) continue;
      throw new Failure({
        expected: `all ${asRuled.octets.length} octets from ${asRuled.label}`,
        observed: outputs.map(({ frame }) => describeFrame(frame)).join(', then ') || 'no frame',
      });
    }
    await this.turnPage();
  },
);

/** Octets of an Ethernet header and of an IP header without options or extensions. */
const BEFORE_TCP_OCTETS = { 4: 34, 6: 54 } as const;

/** A later fragment between the ends of the connection, with the given octets. */
function laterFragment(
  world: PrismWorld,
  host: Host,
  {
    offset,
    octets,
    id,
  }: { readonly offset: number; readonly octets: Uint8Array; readonly id: number },
): Uint8Array {
  const { source, destination, sourceMac, destinationMac } = pathFrom(world, host);
  const ends = { src: source.address, dst: destination.address };
  const place = { fragmentOffset: offset, id };
  const network: readonly Layer[] = source.address.includes(':')
    ? [ipv6({ ...ends, nextHeader: 44 }), ipv6Fragment({ ...place, mf: 0, nextHeader: 6 })]
    : [ipv4({ ...ends, ...place, protocol: 6 })];
  return build([ether({ src: sourceMac, dst: destinationMac }), ...network, raw(octets)]);
}

When(
  '{host} sends two fragments at offset {int}, of which one looks like a segment',
  async function (this: PrismWorld, host: Host, offset: number) {
    const version = pathFrom(this, host).source.address.includes(':') ? 6 : 4;
    const whole = segment(pathFrom(this, host), { flags: 'PA', payload: pattern(20) });
    const alike = whole.slice(BEFORE_TCP_OCTETS[version]);
    const other = pattern(alike.length, 0xa5);
    await this.inject([
      unruled(host, laterFragment(this, host, { offset, octets: alike, id: 0x7001 })),
      unruled(host, laterFragment(this, host, { offset, octets: other, id: 0x7002 })),
    ]);
  },
);

Then('both go the same way, their octets untouched', async function (this: PrismWorld) {
  const outputs = await this.outputs();
  const fates = this.stimuli.map(({ frame }) => {
    const payload = wholePiece(frame).octets.join();
    return outputs.filter((each) => pieceOf(each.frame)?.octets.join() === payload).map(fateOf);
  });
  const [alike = [], other = []] = fates;
  const changed = outputs.length - alike.length - other.length;
  const observed = outputs.map(fateOf).join(', then ');
  if (changed > 0) throw new Failure({ expected: 'both fragments with their octets', observed });
  if (alike.join() !== other.join()) {
    throw new Failure({ expected: 'both fragments treated alike', observed });
  }
  await this.turnPage();
});

/** What a defect of a switch does to the frames that leave it. */
import { build, ipv4Address, parse, raw, type Layer } from 'scapy-ts';
import type { Captures, Frame } from './captures.ts';

type Parsed = ReturnType<typeof parse>['layers'][number];
/** A layer of one kind, with all its fields. */
export type LayerOf<K extends Parsed['kind']> = Extract<Parsed, { kind: K }>;
type Sack = Extract<LayerOf<'tcp'>['options'][number], { kind: 'sack' }>;
type Times = Extract<LayerOf<'tcp'>['options'][number], { kind: 'timestamps' }>;

/** A change of a frame; checksums that it does not set are right afterwards. */
export type Edit = (layer: Parsed) => Layer;
/** The frames that a defect spoils. */
export type Which = (frame: Frame, index: number) => boolean;

const CLIENT = ipv4Address('192.0.2.10');

function unsummed(layer: Parsed): Layer {
  if (layer.kind !== 'ipv4' && layer.kind !== 'tcp') return layer;
  const { checksum: _computed, ...rest } = layer;
  return rest;
}

/** Changes fields of the layers of one kind. */
export function fields<K extends Parsed['kind']>(
  kind: K,
  change: (layer: LayerOf<K>) => Partial<LayerOf<K>>,
): Edit {
  const isMeant = (layer: Parsed): layer is LayerOf<K> => layer.kind === kind;
  return (layer) => (isMeant(layer) ? { ...unsummed(layer), ...change(layer) } : unsummed(layer));
}

/** Changes the edges of SACK blocks. */
export function sackBlocks(change: (blocks: Sack['blocks']) => Sack['blocks']): Edit {
  return fields('tcp', ({ options }) => {
    return {
      options: options.map((each) =>
        each.kind === 'sack' ? { ...each, blocks: change(each.blocks) } : each,
      ),
    };
  });
}

/** Changes timestamps. */
export function timestamps(change: (times: Times) => Partial<Times>): Edit {
  return fields('tcp', ({ options }) => {
    return {
      options: options.map((each) =>
        each.kind === 'timestamps' ? { ...each, ...change(each) } : each,
      ),
    };
  });
}

/** Changes every octet of the payload. */
export function payload(change: (octet: number) => number): Edit {
  return (layer) => (layer.kind === 'raw' ? raw(layer.octets.map(change)) : unsummed(layer));
}

/** `frame` after a change. */
export function edited(frame: Frame, edit: Edit): Frame {
  return { ...frame, octets: build(parse(frame.octets).layers.map(edit)) };
}

/** `frame` with its octet at `at` changed, and nothing mended. */
export function flipped(frame: Frame, at: number): Frame {
  const octets = frame.octets.slice();
  octets[at] = (octets[at] ?? 0) ^ 0x55;
  return { ...frame, octets };
}

/** Whether the client sent a frame. */
export function isFromClient({ octets }: Frame): boolean {
  return parse(octets).layers.some((each) => each.kind === 'ipv4' && each.src === CLIENT);
}

/** Frames whose segments have a flag. */
export function flagged(flag: number): Which {
  return ({ octets }) =>
    parse(octets).layers.some((each) => each.kind === 'tcp' && (each.flags & flag) !== 0);
}

/** Full segments, and one in five of those behind the first ones. */
export const isLarge: Which = ({ octets }) => octets.length > 200;
/** One frame in five, behind the first ones. */
export const oneInFive: Which = (_, index) => index > 6 && index % 5 === 0;

function changed(frames: readonly Frame[] = [], edit: Edit, which: Which): readonly Frame[] {
  return frames.map((frame, index) => (which(frame, index) ? edited(frame, edit) : frame));
}

/** Changes the client's segments as they leave on the backend's side. */
export function toOwner(edit: Edit, which: Which = () => true) {
  const leaves: Which = (frame, index) => isFromClient(frame) && which(frame, index);
  return ({ client = [], backend }: Captures): Captures => {
    return { client, backend: changed(backend, edit, leaves) };
  };
}

/** Changes the owner's segments as they leave on the client's side. */
export function toClient(edit: Edit, which: Which = () => true) {
  const leaves: Which = (frame, index) => !isFromClient(frame) && which(frame, index);
  return ({ client, backend = [] }: Captures): Captures => {
    return { client: changed(client, edit, leaves), backend };
  };
}

/**
 * What a rule makes of a frame, by another way than the code under test: decode all fields, compute
 * in unbounded integers, and build the packet anew with full checksums.
 */
import type { ParsedLayer, TcpOption } from 'scapy-ts';
import { build, parse } from 'scapy-ts';
import type { Endpoint, Rule, WindowShift } from '../../../reference/rules/rule.ts';
import type { Sender } from '../arbitrary.ts';

type Tcp = Extract<ParsedLayer, { readonly kind: 'tcp' }>;

/** How one direction's fields change. */
interface Change {
  readonly src?: Endpoint;
  readonly dst?: Endpoint;
  readonly mac?: Rule['owner']['mac'];
  readonly seq: bigint;
  readonly ack: bigint;
  readonly value: bigint;
  readonly echo: bigint;
  readonly window: WindowShift;
}

/** The frame after the rule, its checksums computed in full; `frame` must be a sound segment. */
export function expectedFrame(frame: Uint8Array, rule: Rule, sender: Sender): Uint8Array {
  const change = changeOf(rule, sender);
  const { layers, errors } = parse(frame);
  if (errors.length > 0) throw new Error('the oracle needs a sound frame');
  return build(layers.map((layer) => changed(layer, change)));
}

function changeOf({ key, owner, deltas }: Rule, sender: Sender): Change {
  const clientSeq = BigInt(deltas.clientSeq);
  const ownerSeq = BigInt(deltas.ownerSeq);
  const clientTimestamp = BigInt(deltas.clientTimestamp);
  const ownerTimestamp = BigInt(deltas.ownerTimestamp);
  if (sender === 'client') {
    return {
      dst: owner,
      mac: owner.mac,
      seq: clientSeq,
      ack: ownerSeq,
      value: clientTimestamp,
      echo: ownerTimestamp,
      window: deltas.clientWindow,
    };
  }
  return {
    src: key.virtual,
    seq: -ownerSeq,
    ack: -clientSeq,
    value: -ownerTimestamp,
    echo: -clientTimestamp,
    window: deltas.ownerWindow,
  };
}

function changed(layer: ParsedLayer, change: Change): Parameters<typeof build>[0][number] {
  switch (layer.kind) {
    case 'ether':
      return { ...layer, dst: change.mac ?? layer.dst };
    case 'ipv4': {
      const src = change.src?.address ?? layer.src;
      const dst = change.dst?.address ?? layer.dst;
      if (typeof src === 'bigint' || typeof dst === 'bigint') throw new TypeError('not IPv4');
      return { ...layer, src, dst, checksum: undefined };
    }
    case 'ipv6': {
      const src = change.src?.address ?? layer.src;
      const dst = change.dst?.address ?? layer.dst;
      if (typeof src === 'number' || typeof dst === 'number') throw new TypeError('not IPv6');
      return { ...layer, src, dst };
    }
    case 'tcp':
      return changedTcp(layer, change);
    default:
      return layer;
  }
}

function changedTcp(layer: Tcp, change: Change): Parameters<typeof build>[0][number] {
  const hasAck = (layer.flags & 0x10) !== 0;
  const isSyn = (layer.flags & 0x02) !== 0;
  return {
    ...layer,
    srcPort: change.src?.port ?? layer.srcPort,
    dstPort: change.dst?.port ?? layer.dstPort,
    seq: sum(layer.seq, change.seq),
    ack: hasAck ? sum(layer.ack, change.ack) : layer.ack,
    window: isSyn ? layer.window : rescaled(layer.window, change.window),
    checksum: undefined,
    options: layer.options.map((option) => changedOption(option, change, hasAck)),
  };
}

function changedOption(option: TcpOption, change: Change, hasAck: boolean): TcpOption {
  if (option.kind === 'sack' && hasAck) {
    const blocks = option.blocks.map(({ left, right }) => ({
      left: sum(left, change.ack),
      right: sum(right, change.ack),
    }));
    return { ...option, blocks };
  }
  if (option.kind !== 'timestamps') return option;
  const isEcho = hasAck && option.echo !== 0;
  return {
    ...option,
    value: sum(option.value, change.value),
    echo: isEcho ? sum(option.echo, change.echo) : option.echo,
  };
}

function sum(value: number, delta: bigint): number {
  return Number(BigInt.asUintN(32, BigInt(value) + delta));
}

function rescaled(window: number, shift: WindowShift): number {
  const scaled = (BigInt(window) * 2n ** BigInt(shift.in)) / 2n ** BigInt(shift.out);
  return Number(scaled > 65535n ? 65535n : scaled);
}

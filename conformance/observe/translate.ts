/**
 * What a rule must make of a frame: the judge's own reading of the requirements.
 *
 * It shares no code with any device. It takes the packet apart, computes each field in unlimited
 * arithmetic, and builds the packet anew with all checksums computed in full; a device that edits
 * octets and patches checksums must come to the same frame.
 */
import {
  build,
  ipv4Address,
  ipv6Address,
  mac,
  parse,
  TCP_FLAG,
  type Ipv4,
  type Ipv6,
  type Layer,
  type Packet,
  type Tcp,
  type TcpOption,
  type Written,
} from 'scapy-ts';
import type { Endpoint, Rule, WindowShift } from '../driver/device.ts';

/** Which way a frame travels through a rule. */
export type Direction = 'client-to-owner' | 'owner-to-client';

/** `value + delta` in a 32-bit number space. RFC 9293 section 3.4. */
export function shifted(value: number, delta: number): number {
  return Number(BigInt.asUintN(32, BigInt(value) + BigInt(delta)));
}

/** What is added to each number of a segment, and who it is addressed to. */
interface Plan {
  readonly seq: number;
  readonly ack: number;
  readonly timestamp: number;
  readonly echo: number;
  readonly window: WindowShift;
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  readonly destinationMac?: string;
}

function planOf(rule: Rule, direction: Direction): Plan {
  const { deltas } = rule;
  if (direction === 'client-to-owner') {
    return {
      seq: deltas.clientSeq,
      ack: deltas.ownerSeq,
      timestamp: deltas.clientTimestamp,
      echo: deltas.ownerTimestamp,
      window: deltas.clientWindow,
      destination: rule.owner,
      destinationMac: rule.owner.mac,
    };
  }
  return {
    seq: -deltas.ownerSeq,
    ack: -deltas.clientSeq,
    timestamp: -deltas.ownerTimestamp,
    echo: -deltas.clientTimestamp,
    window: deltas.ownerWindow,
    source: rule.virtual,
  };
}

/** The plan that undoes `plan`, for making the frame that a rule turns into a given one. */
function inverse(plan: Plan, rule: Rule, direction: Direction): Plan {
  const ends =
    direction === 'client-to-owner' ? { destination: rule.virtual } : { source: rule.owner };
  return {
    ...ends,
    seq: -plan.seq,
    ack: -plan.ack,
    timestamp: -plan.timestamp,
    echo: -plan.echo,
    window: { in: plan.window.out, out: plan.window.in },
  };
}

function scaledWindow(window: number, shift: WindowShift): number {
  return Math.min(0xffff, Math.floor((window * 2 ** shift.in) / 2 ** shift.out));
}

function translateOption(option: TcpOption, plan: Plan, acknowledges: boolean): TcpOption {
  if (option.kind === 'sack' && acknowledges) {
    return {
      kind: 'sack',
      blocks: option.blocks.map(({ left, right }) => ({
        left: shifted(left, plan.ack),
        right: shifted(right, plan.ack),
      })),
    };
  }
  if (option.kind === 'timestamps') {
    return {
      kind: 'timestamps',
      value: shifted(option.value, plan.timestamp),
      echo: acknowledges ? shifted(option.echo, plan.echo) : option.echo,
    };
  }
  return option;
}

function translateTcp(header: Written<Tcp>, plan: Plan): Written<Tcp> {
  const { flags = 0 } = header;
  const acknowledges = (flags & TCP_FLAG.ACK) !== 0;
  const synchronizes = (flags & TCP_FLAG.SYN) !== 0;
  const { checksum: _recomputed, ...rest } = header;
  return {
    ...rest,
    srcPort: plan.source?.port ?? header.srcPort ?? 0,
    dstPort: plan.destination?.port ?? header.dstPort ?? 0,
    seq: shifted(header.seq ?? 0, plan.seq),
    ack: acknowledges ? shifted(header.ack ?? 0, plan.ack) : (header.ack ?? 0),
    window: synchronizes ? (header.window ?? 0) : scaledWindow(header.window ?? 0, plan.window),
    options: (header.options ?? []).map((option) => translateOption(option, plan, acknowledges)),
  };
}

function translateIpv4(header: Written<Ipv4>, plan: Plan): Written<Ipv4> {
  const { checksum: _recomputed, ...rest } = header;
  return {
    ...rest,
    ...(plan.source === undefined ? {} : { src: ipv4Address(plan.source.address) }),
    ...(plan.destination === undefined ? {} : { dst: ipv4Address(plan.destination.address) }),
  };
}

function translateIpv6(header: Written<Ipv6>, plan: Plan): Written<Ipv6> {
  return {
    ...header,
    ...(plan.source === undefined ? {} : { src: ipv6Address(plan.source.address) }),
    ...(plan.destination === undefined ? {} : { dst: ipv6Address(plan.destination.address) }),
  };
}

function translateLayer(layer: Layer, plan: Plan): Layer {
  switch (layer.kind) {
    case 'ether':
      return plan.destinationMac === undefined
        ? layer
        : { ...layer, dst: mac(plan.destinationMac) };
    case 'ipv4':
      return translateIpv4(layer, plan);
    case 'ipv6':
      return translateIpv6(layer, plan);
    case 'tcp':
      return translateTcp(layer, plan);
    default:
      return layer;
  }
}

/** The layers that must leave when `packet` passes `rule`; checksums are left to be computed. */
function translatedLayers(packet: Packet, rule: Rule, direction: Direction): Packet {
  const plan = planOf(rule, direction);
  return packet.map((layer) => translateLayer(layer, plan));
}

/** The frame that must leave when `frame` passes `rule` in `direction`, with right checksums. */
export function translated(frame: Uint8Array, rule: Rule, direction: Direction): Uint8Array {
  return build(translatedLayers(parse(frame).layers, rule, direction));
}

/**
 * A frame that `rule` must turn into `frame`, apart from the Ethernet addresses.
 *
 * With it a captured frame of a real stack is the expected result itself.
 */
export function untranslated(frame: Uint8Array, rule: Rule, direction: Direction): Uint8Array {
  const plan = inverse(planOf(rule, direction), rule, direction);
  return build(parse(frame).layers.map((layer) => translateLayer(layer, plan)));
}

/** Defects of a switch, each as what it does to the captures on its two sides. */
import {
  build,
  ipv4Address,
  layer,
  parse,
  raw,
  TCP_FLAG,
  type Layer,
  type LayerKind,
  type Packet,
  type TcpOption,
} from 'scapy-ts';
import type { Deltas } from '../../../conformance/driver/device.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { SPLICE, SPLICE_TS, type Captures, type Frame } from './captures.ts';

/** A defect: what it is seen in, what it does, and what it breaks. */
export interface CaptureDefect {
  readonly name: string;
  readonly fixture: string;
  readonly deltas: Deltas;
  readonly breaks: string;
  readonly apply: (captures: Captures) => Captures;
}

type Edit = (packet: Packet, index: number) => Packet;

/** Rebuilds a frame with other layers; checksums are computed where `edit` leaves them out. */
function edited(frame: Frame, edit: Edit, index: number): Frame {
  const octets = build(edit(parse(frame.octets).layers, index));
  return { ...frame, octets };
}

/** `packet` with fields of its first layer of `kind` replaced, and all checksums computed anew. */
function withFields(packet: Packet, kind: LayerKind, fields: object): Packet {
  return packet.map((each): Layer => {
    if (each.kind === 'ipv4' || each.kind === 'tcp') {
      const { checksum: _computed, ...rest } = each;
      return each.kind === kind ? { ...rest, ...fields } : rest;
    }
    return each.kind === kind ? { ...each, ...fields } : each;
  });
}

/** `frame` with its octet at `at` changed, and nothing mended. */
export function flipped(frame: Frame, at: number): Frame {
  const octets = frame.octets.slice();
  octets[at] = (octets[at] ?? 0) ^ 0x55;
  return { ...frame, octets };
}

const isData = ({ octets }: Frame): boolean => octets.length > 200;

function sourceOf({ octets }: Frame): string {
  const ip = layer(parse(octets).layers, 'ipv4');
  return ip?.src === ipv4Address('192.0.2.10') ? 'client' : 'other';
}

/** Edits what leaves at the backend's side: the client's segments. */
function toOwner(edit: Edit, which: (frame: Frame, index: number) => boolean = () => true) {
  return ({ client, backend = [] }: Captures): Captures => ({
    ...(client === undefined ? {} : { client }),
    backend: backend.map((frame, index) =>
      sourceOf(frame) === 'client' && which(frame, index) ? edited(frame, edit, index) : frame,
    ),
  });
}

/** Edits what leaves at the client's side: the owner's segments. */
function toClient(edit: Edit, which: (frame: Frame, index: number) => boolean = () => true) {
  return ({ client = [], backend }: Captures): Captures => ({
    ...(backend === undefined ? {} : { backend }),
    client: client.map((frame, index) =>
      sourceOf(frame) !== 'client' && which(frame, index) ? edited(frame, edit, index) : frame,
    ),
  });
}

function tcpOf(packet: Packet) {
  const tcp = layer(packet, 'tcp');
  if (tcp === undefined) throw new Error('no TCP');
  return tcp;
}

function seqOf(packet: Packet): number {
  return tcpOf(packet).seq ?? 0;
}

const minus = (value: number, delta: number): number => (value - delta) >>> 0;

function withOptions(packet: Packet, change: (option: TcpOption) => TcpOption): Packet {
  return withFields(packet, 'tcp', { options: (tcpOf(packet).options ?? []).map(change) });
}

function hasFlag(frame: Frame, flag: number): boolean {
  return ((layer(parse(frame.octets).layers, 'tcp')?.flags ?? 0) & flag) !== 0;
}

const middle = (_: Frame, index: number): boolean => index > 6 && index % 5 === 0;

/** The defects that `check` has to name on its own. */
export const DEFECTS: readonly CaptureDefect[] = [
  {
    name: 'the TCP checksum is not updated',
    fixture: 'http/keep-alive-three-requests',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-05',
    apply: toOwner((packet) =>
      withFields(packet, 'tcp', { checksum: (tcpOf(packet).checksum ?? 0) ^ 0x1234 }),
    ),
  },
  {
    name: 'the IPv4 checksum is not updated',
    fixture: 'http/keep-alive-three-requests',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-04',
    apply: toClient((packet) =>
      withFields(packet, 'ipv4', { checksum: (layer(packet, 'ipv4')?.checksum ?? 0) ^ 0x0101 }),
    ),
  },
  {
    name: 'the sequence number is not shifted',
    fixture: 'http/keep-alive-three-requests',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-01',
    apply: toOwner((packet) =>
      withFields(packet, 'tcp', { seq: minus(seqOf(packet), SPLICE.clientSeq) }),
    ),
  },
  {
    name: 'the sequence number of one segment in five is not shifted',
    fixture: 'loss/sack-of-request',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-01',
    apply: toOwner(
      (packet) => withFields(packet, 'tcp', { seq: minus(seqOf(packet), SPLICE.clientSeq) }),
      middle,
    ),
  },
  {
    name: 'the acknowledgment number takes the delta of the sequence number',
    fixture: 'flow/large-transfer',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-01',
    apply: toOwner((packet) => {
      const ack = minus(tcpOf(packet).ack ?? 0, SPLICE.ownerSeq - SPLICE.clientSeq);
      return withFields(packet, 'tcp', { ack });
    }),
  },
  {
    name: 'SACK edges are not shifted',
    fixture: 'loss/sack-four-blocks',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-04',
    apply: toOwner((packet) =>
      withOptions(packet, (option) =>
        option.kind === 'sack'
          ? {
              kind: 'sack',
              blocks: option.blocks.map(({ left, right }) => {
                return {
                  left: minus(left, SPLICE.ownerSeq),
                  right: minus(right, SPLICE.ownerSeq),
                };
              }),
            }
          : option,
      ),
    ),
  },
  {
    name: 'the right edge of the last SACK block is wrong',
    fixture: 'loss/sack-four-blocks',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-04',
    apply: toOwner((packet) =>
      withOptions(packet, (option) => {
        if (option.kind !== 'sack') return option;
        const last = option.blocks.length - 1;
        const blocks = option.blocks.map(({ left, right }, index) => {
          return { left, right: index === last ? minus(right, 1) : right };
        });
        return { kind: 'sack', blocks };
      }),
    ),
  },
  {
    name: 'a D-SACK block is not shifted',
    fixture: 'loss/d-sack',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-05',
    apply: toOwner((packet) =>
      withOptions(packet, (option) =>
        option.kind === 'sack'
          ? {
              kind: 'sack',
              blocks: option.blocks.map(({ left, right }) => {
                return { left: minus(left, SPLICE.ownerSeq), right };
              }),
            }
          : option,
      ),
    ),
  },
  {
    name: 'TSecr is not shifted back',
    fixture: 'flow/large-transfer',
    deltas: SPLICE_TS,
    breaks: 'PRISM-SEQ-10',
    apply: toClient((packet) =>
      withOptions(packet, (option) =>
        option.kind === 'timestamps'
          ? { ...option, echo: (option.echo + SPLICE_TS.clientTimestamp) >>> 0 }
          : option,
      ),
    ),
  },
  {
    name: 'the window of a SYN is scaled',
    fixture: 'http/keep-alive-three-requests',
    deltas: { ...NO_DELTAS, clientWindow: { in: 10, out: 7 }, ownerWindow: { in: 7, out: 10 } },
    breaks: 'PRISM-SEQ-12',
    apply: toOwner(
      (packet) => withFields(packet, 'tcp', { window: (tcpOf(packet).window ?? 0) >> 3 }),
      (frame) => hasFlag(frame, TCP_FLAG.SYN),
    ),
  },
  {
    name: 'the window is changed without a shift',
    fixture: 'flow/large-transfer',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-15',
    apply: toOwner(
      (packet) => withFields(packet, 'tcp', { window: (tcpOf(packet).window ?? 0) + 1 }),
      middle,
    ),
  },
  {
    name: 'TTL less by two',
    fixture: 'http/keep-alive-three-requests',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-14',
    apply: toClient((packet) =>
      withFields(packet, 'ipv4', { ttl: (layer(packet, 'ipv4')?.ttl ?? 0) - 2 }),
    ),
  },
  {
    name: 'ECN is cleared',
    fixture: 'ecn/ecn',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-13',
    apply: toClient((packet) => withFields(packet, 'ipv4', { ecn: 0 })),
  },
  {
    name: 'ECE and CWR are cleared',
    fixture: 'ecn/ecn',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-15',
    apply: toOwner((packet) =>
      withFields(packet, 'tcp', {
        flags: (tcpOf(packet).flags ?? 0) & ~(TCP_FLAG.ECE | TCP_FLAG.CWR),
      }),
    ),
  },
  {
    name: 'the source of one segment in five is the owner',
    fixture: 'flow/large-transfer',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-02',
    apply: toClient(
      (packet) =>
        withFields(withFields(packet, 'ipv4', { src: ipv4Address('10.0.0.21') }), 'tcp', {
          srcPort: 8080,
        }),
      middle,
    ),
  },
  {
    name: 'one segment in five goes to another backend',
    fixture: 'flow/large-transfer',
    deltas: NO_DELTAS,
    breaks: 'PRISM-REW-01',
    apply: toOwner(
      (packet) => withFields(packet, 'ipv4', { dst: ipv4Address('10.0.0.22') }),
      middle,
    ),
  },
  {
    name: 'a segment leaves twice',
    fixture: 'flow/large-transfer',
    deltas: NO_DELTAS,
    breaks: 'PRISM-FWD-11',
    apply: ({ client = [], backend }) => ({
      ...(backend === undefined ? {} : { backend }),
      client: client.flatMap((frame, index) =>
        index % 40 === 20 && sourceOf(frame) !== 'client' ? [frame, frame] : [frame],
      ),
    }),
  },
  {
    name: 'the payload is changed and the checksum made good',
    fixture: 'flow/large-transfer',
    deltas: SPLICE,
    breaks: 'PRISM-REW-03',
    apply: toClient(
      (packet) =>
        withFields(packet, 'tcp', {}).map((each) =>
          each.kind === 'raw'
            ? raw((each.octets ?? new Uint8Array(0)).map((octet) => octet ^ 1))
            : each,
        ),
      (frame, index) => isData(frame) && index % 50 === 25,
    ),
  },
  {
    name: 'the urgent pointer is shifted',
    fixture: 'flow/urgent',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-09',
    apply: toOwner(
      (packet) =>
        withFields(packet, 'tcp', { urgent: ((tcpOf(packet).urgent ?? 0) + 77) & 0xffff }),
      (frame) => hasFlag(frame, TCP_FLAG.URG),
    ),
  },
  {
    name: 'a wrong checksum is made good',
    fixture: 'flow/large-transfer',
    deltas: SPLICE,
    breaks: 'PRISM-REW-07',
    apply: ({ client = [], backend = [] }) => {
      const spoil = (frame: Frame): Frame => flipped(frame, 100);
      return {
        client: client.map((frame, index) =>
          index === 300 && sourceOf(frame) !== 'client' && isData(frame)
            ? edited(spoil(frame), (packet) => withFields(packet, 'tcp', {}), 0)
            : frame,
        ),
        backend: backend.map((frame, index) => (index === 300 ? spoil(frame) : frame)),
      };
    },
  },
  {
    name: 'an unknown option is overwritten',
    fixture: 'options/fast-open-cookie-request',
    deltas: SPLICE,
    breaks: 'PRISM-SEQ-07',
    apply: toOwner((packet) =>
      withOptions(packet, (option) =>
        option.kind === 'fastOpen' ? { kind: 'unknown', type: 99, octets: option.cookie } : option,
      ),
    ),
  },
  {
    name: 'the VLAN tag of one segment in five is changed',
    fixture: 'vlan/keep-alive',
    deltas: NO_DELTAS,
    breaks: 'PRISM-FWD-10',
    apply: toOwner((packet) => withFields(packet, 'dot1q', { vid: 77 }), middle),
  },
  {
    name: 'the sequence number of a reset is not shifted',
    fixture: 'reset/client-reset-mid-response',
    deltas: SPLICE,
    breaks: 'PRISM-RST-01',
    apply: toOwner(
      (packet) => withFields(packet, 'tcp', { seq: minus(seqOf(packet), SPLICE.clientSeq) }),
      (frame) => hasFlag(frame, TCP_FLAG.RST),
    ),
  },
];

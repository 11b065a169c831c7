/** What the taps at a switch saw: segments, and what captures alone say of a Prism. */
import { formatIpv4, formatMac, layer, parse, TCP_FLAG } from 'scapy-ts';
import { createCheck, type CheckResult } from '../check/check.ts';
import type { Observation, TappedFrame } from '../driver/system.ts';
import { captureTime } from '../traffic/capture.ts';

const ETHERNET = 1;

/** A TCP segment at a tap. */
export interface Tapped {
  readonly tap: TappedFrame['tap'];
  readonly host: string;
  readonly direction: TappedFrame['direction'];
  readonly atMs: number;
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly seq: number;
  readonly ack: number | undefined;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly isRst: boolean;
  readonly payload: Uint8Array;
}

/** The segment in a frame; undefined if there is none. */
export function readTapped({ octets, ...place }: TappedFrame): Tapped | undefined {
  const { layers } = parse(octets);
  const ethernet = layer(layers, 'ether');
  const ip = layer(layers, 'ipv4');
  const tcp = layer(layers, 'tcp');
  if (ethernet === undefined || ip === undefined || tcp === undefined) return undefined;
  const raw = layers.find(({ kind }) => kind === 'raw');
  const { flags } = tcp;
  return {
    ...place,
    sourceMac: formatMac(ethernet.src),
    destinationMac: formatMac(ethernet.dst),
    source: formatIpv4(ip.src),
    destination: formatIpv4(ip.dst),
    sourcePort: tcp.srcPort,
    destinationPort: tcp.dstPort,
    seq: tcp.seq,
    ack: (flags & TCP_FLAG.ACK) === 0 ? undefined : tcp.ack,
    window: tcp.window,
    isSyn: (flags & TCP_FLAG.SYN) !== 0,
    isFin: (flags & TCP_FLAG.FIN) !== 0,
    isRst: (flags & TCP_FLAG.RST) !== 0,
    payload: raw?.kind === 'raw' ? raw.octets : new Uint8Array(0),
  };
}

/** All segments at the taps, in time. */
export function segmentsAt({ frames }: Observation): readonly Tapped[] {
  return frames.flatMap((frame) => readTapped(frame) ?? []);
}

/** What the three captures of a story show, taken alone. */
export function checkTaps({ frames }: Observation): CheckResult {
  const check = createCheck(['client', 'backend', 'controller']);
  for (const { tap, atMs, octets } of frames) {
    const packet = {
      interfaceId: 0,
      ...captureTime(atMs),
      octets: octets.slice(),
      originalLength: octets.length,
      comments: [],
    };
    check.take(tap, packet, ETHERNET);
  }
  return check.end();
}

/** The second part of the rewriting program: the headers, on the stack and back into the frame. */
import type { Line } from './assembler.ts';
import { compute, jump, jumpIf, label, load, store, swap } from './assembler.ts';
import type { Layout } from './lines.ts';
import { AT, fold, HELPER, shift, storeFrame, TCP_OCTETS, wordsIn } from './lines.ts';
import { RECORD_AT, RECORD_FLAG } from './record.ts';
import { FLAG_BIT, TCP_AT } from '../../tcp/header.ts';

const IP_CHECKSUM_AT = 24;
const F_PSEUDO_HEADER = 0x10;

/** `r1` holds the flags; `r9` becomes the sum of what the TCP checksum has to move by. */
export function readdress({
  ethernet,
  source,
  destination,
  addressOctets,
}: Layout): readonly Line[] {
  const writeAddress = (at: number): readonly Line[] =>
    wordsIn(addressOctets).flatMap((word) => [
      load('r2', 4, 'r7', RECORD_AT.address + word),
      store('fp', at + word, 4, 'r2'),
    ]);
  return [
    label('readdress'),
    load('r9', 4, 'r7', RECORD_AT.portDifference),
    load('r3', 2, 'r7', RECORD_AT.port),
    jumpIf('r1', '&', RECORD_FLAG.source, 'source'),
    ...writeAddress(destination),
    store('fp', AT.destinationPort, 2, 'r3'),
    jump('mac'),
    label('source'),
    ...writeAddress(source),
    store('fp', AT.sourcePort, 2, 'r3'),
    label('mac'),
    compute('r2', '=', 'r1'),
    compute('r2', '&=', RECORD_FLAG.mac),
    jumpIf('r2', '==', 0, 'numbers'),
    ...[0, 2, 4].flatMap((word) => [
      load('r2', 2, 'r7', RECORD_AT.mac + word),
      store('fp', ethernet + word, 2, 'r2'),
    ]),
  ];
}

function shiftAt(at: number, delta: number): readonly Line[] {
  return [load('r2', 4, 'fp', at), ...shift('r2', delta, 'r9'), store('fp', at, 4, 'r2')];
}

/** `r1` holds the flags. */
export function renumber(): readonly Line[] {
  return [
    label('numbers'),
    compute('r2', '=', 'r1'),
    compute('r2', '&=', RECORD_FLAG.numbers),
    jumpIf('r2', '==', 0, 'window'),
    ...shiftAt(AT.seq, RECORD_AT.seq),
    load('r2', 1, 'fp', AT.flags),
    compute('r2', '&=', FLAG_BIT.ack),
    jumpIf('r2', '==', 0, 'window'),
    ...shiftAt(AT.ack, RECORD_AT.ack),
  ];
}

/** `r1` holds the flags. The window of a SYN is never scaled. RFC 7323 section 2.2. */
export function rescale(): readonly Line[] {
  return [
    label('window'),
    compute('r2', '=', 'r1'),
    compute('r2', '&=', RECORD_FLAG.window),
    jumpIf('r2', '==', 0, 'options'),
    load('r2', 1, 'fp', AT.flags),
    jumpIf('r2', '&', FLAG_BIT.syn, 'options'),
    load('r2', 2, 'fp', AT.window),
    compute('r3', '=', 'r2'),
    compute('r3', '^=', 0xffff),
    compute('r9', '+=', 'r3'),
    swap('r2', 2),
    load('r3', 1, 'r7', RECORD_AT.windowIn),
    compute('r2', '<<=', 'r3'),
    load('r3', 1, 'r7', RECORD_AT.windowOut),
    compute('r2', '>>=', 'r3'),
    jumpIf('r2', '<=', 0xffff, 'rescaled'),
    compute('r2', '=', 0xffff),
    label('rescaled'),
    swap('r2', 2),
    compute('r9', '+=', 'r2'),
    store('fp', AT.window, 2, 'r2'),
  ];
}

/** A checksum that need not move stays: 0x0000 and 0xffff are never exchanged without need. */
export function write({ version, ethernet, tcpAt }: Layout): readonly Line[] {
  const moveTcp = (difference: Line, flags: number): readonly Line[] => [
    compute('r1', '=', 'r6'),
    compute('r2', '=', tcpAt + TCP_AT.checksum),
    compute('r3', '=', 0),
    difference,
    compute('r5', '=', flags),
    HELPER.moveTcpChecksum,
    jumpIf('r0', '!=', 0, 'failed'),
  ];
  const moveIp = [
    compute('r1', '=', 'r6'),
    compute('r2', '=', IP_CHECKSUM_AT),
    compute('r3', '=', 0),
    compute('r4', '=', 'r8'),
    compute('r5', '=', 0),
    HELPER.moveIpChecksum,
    jumpIf('r0', '!=', 0, 'failed'),
  ];
  return [
    label('write'),
    ...fold('r9', 'r2'),
    ...storeFrame(0, ethernet, tcpAt + TCP_OCTETS),
    load('r8', 4, 'r7', RECORD_AT.addressDifference),
    jumpIf('r8', '==', 0, 'segment'),
    ...(version === 4 ? moveIp : []),
    ...moveTcp(compute('r4', '=', 'r8'), F_PSEUDO_HEADER),
    label('segment'),
    jumpIf('r9', '==', 0, 'count'),
    jumpIf('r9', '==', 0xffff, 'count'),
    ...moveTcp(compute('r4', '=', 'r9'), 0),
  ];
}

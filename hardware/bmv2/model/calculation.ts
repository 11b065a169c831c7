/**
 * Checksums and hashes over fields, which follow each other bit by bit without padding.
 *
 * Fields of invalid headers are left out. The last octet is filled with zeros; the payload, if it
 * is wanted, follows after that.
 */
import { type Data, bigData, numberData } from './data.ts';
import { writeWide } from './bits.ts';
import { bitsOf, emitField, emitHeader, isValid, octetsOf } from './header.ts';
import { hexadecimal, pair, text } from './json-tree.ts';
import { type Field, findField, type Header, type Layout } from './layout.ts';
import type { Packet } from './packet.ts';
import type { CalculationJson } from './program-json.ts';
import { need, refuse, unknownTo } from './refusal.ts';
import { sum16, crc16, crc32, first64, xor16 } from './hash.ts';

interface Piece {
  /** How many bits it has in this packet. */
  readonly bits: (packet: Packet) => number;
  readonly write: (packet: Packet, octets: Uint8Array, bit: number) => void;
}

/** What the last algorithm has to say of some octets, by its name in the JSON. */
const NARROW: ReadonlyMap<string, readonly [(octets: Uint8Array) => number, bits: number]> =
  new Map([
    ['csum16', [sum16, 16]],
    ['cksum16', [sum16, 16]],
    ['crc16', [crc16, 16]],
    ['crc32', [crc32, 32]],
    ['xor16', [xor16, 16]],
  ]);

function fieldPiece(header: Header, field: Field): Piece {
  return {
    bits: (p) => (isValid(p, header) ? bitsOf(p, field) : 0),
    write: (p, octets, bit) => emitField(p, field, octets, bit),
  };
}

function constantPiece(value: bigint, width: number): Piece {
  return {
    bits: () => width,
    write: (_, octets, bit) => writeWide(octets, bit, width, BigInt.asUintN(width, value)),
  };
}

function headerPiece(header: Header): Piece {
  return {
    bits: (p) => (isValid(p, header) ? octetsOf(p, header) * 8 : 0),
    write: (p, octets, bit) => emitHeader(p, header, octets, bit),
  };
}

function pieceOf(
  { type, value, bitwidth }: CalculationJson['input'][number],
  layout: Layout,
  where: string,
): Piece {
  switch (type) {
    case 'field': {
      const { header, field } = findField(layout, ...pair(value, where), where);
      return fieldPiece(header, field);
    }
    case 'hexstr':
      if (bitwidth === undefined) return refuse(where, 'a constant without "bitwidth"');
      return constantPiece(hexadecimal(value, where), bitwidth);
    case 'header':
      return headerPiece(need(layout.headers, text(value, where), where, 'header'));
    default:
      return unknownTo(where, `input of type "${type}"`);
  }
}

/** The octets that a packet gives to the algorithm. */
function gatherer(pieces: readonly Piece[], withPayload: boolean): (p: Packet) => Uint8Array {
  return (p) => {
    const sizes = pieces.map(({ bits }) => bits(p));
    const fields = (sizes.reduce((a, b) => a + b, 0) + 7) >>> 3;
    const payload = withPayload ? p.octets.subarray(p.at).subarray(0, p.limit) : undefined;
    const octets = new Uint8Array(fields + (payload?.length ?? 0));
    let bit = 0;
    for (const [index, piece] of pieces.entries()) {
      const size = sizes[index] ?? 0;
      if (size > 0) piece.write(p, octets, bit);
      bit += size;
    }
    if (payload !== undefined) octets.set(payload, fields);
    return octets;
  };
}

/** Compiles a checksum or a hash. */
export function compileCalculation(json: CalculationJson, layout: Layout): Data {
  const where = `calculation ${json.name}`;
  const inputs = json.input.filter(({ type }) => type !== 'payload');
  const pieces = inputs.map((input) => pieceOf(input, layout, where));
  const gather = gatherer(pieces, inputs.length < json.input.length);
  const narrow = NARROW.get(json.algo);
  if (narrow !== undefined) {
    const [algorithm, bits] = narrow;
    return numberData(0n, (1n << BigInt(bits)) - 1n, (p) => algorithm(gather(p)));
  }
  if (json.algo !== 'identity') return unknownTo(where, `algorithm "${json.algo}"`);
  return bigData(0n, (1n << 64n) - 1n, (p) => first64(gather(p)));
}

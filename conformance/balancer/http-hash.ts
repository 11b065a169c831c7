/** Hash functions by which products choose a server for a URL, as they are described. */
import type { ServerName } from '../driver/balancer.ts';
import type { HttpProfile, KeyHash } from '../driver/http-profile.ts';

const CRC32_POLYNOMIAL = 0xedb88320;

/** CRC-32 of ISO 3309, bit by bit. */
function crc32(octets: Uint8Array): number {
  let rest = 0xffffffff;
  for (const octet of octets) {
    rest ^= octet;
    for (let bit = 0; bit < 8; bit += 1) {
      rest = (rest >>> 1) ^ ((rest & 1) === 1 ? CRC32_POLYNOMIAL : 0);
    }
  }
  return ~rest >>> 0;
}

function multiplied(octets: Uint8Array, from: number, factor: number): number {
  return octets.reduce((hash, octet) => (Math.imul(hash, factor) + octet) >>> 0, from);
}

/** The hash of a key; undefined where the function is the switch's own. */
function hashOf(kind: KeyHash, octets: Uint8Array): number | undefined {
  switch (kind) {
    case 'sdbm':
      return multiplied(octets, 0, 65_599);
    case 'djb2':
      return multiplied(octets, 5381, 33);
    case 'crc32':
      return crc32(octets);
    case 'crc32-high':
      return (crc32(octets) >>> 16) & 0x7fff;
    case 'own':
      return undefined;
    default:
      return kind satisfies never;
  }
}

/** What of a target in origin-form is hashed. */
export function hashedPart(
  target: string,
  { urlHashInput }: Pick<HttpProfile, 'urlHashInput'>,
): string {
  return urlHashInput === 'path' ? (target.split('?', 1)[0] ?? '') : target;
}

/** The server of a URL, all of `servers` at work and of one weight; undefined if it is not told. */
export function hashedServer(
  target: string,
  servers: readonly ServerName[],
  choices: Pick<HttpProfile, 'urlHashInput' | 'urlHash'>,
): ServerName | undefined {
  const octets = new TextEncoder().encode(hashedPart(target, choices));
  const hash = hashOf(choices.urlHash, octets);
  return hash === undefined ? undefined : servers[hash % servers.length];
}

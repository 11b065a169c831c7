/**
 * TCP options as scenarios write them, e.g. `nop; nop; sack 100-200 300-400`.
 *
 *   mss 1460 · windowScale 7 · sackPermitted · sack L-R … · timestamps VALUE/ECHO · nop · eol HEX
 *   unknown KIND HEX · malformed KIND HEX   (KIND in decimal; HEX is what follows kind and length,
 *   or for malformed the length octet and the rest)
 *
 * Numbers are decimal, or hexadecimal after `0x`.
 */
import type { TcpOption } from 'scapy-ts';

function octets(hex: string): Uint8Array {
  const pairs = hex.match(/[0-9a-f]{2}/giu) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function readOption(text: string): TcpOption {
  const [kind = '', ...words] = text.trim().split(/\s+/u);
  const [first = '', second = ''] = words;
  switch (kind) {
    case 'nop':
    case 'sackPermitted':
      return { kind };
    case 'eol':
      return { kind, rest: octets(first) };
    case 'mss':
      return { kind, mss: Number(first) };
    case 'windowScale':
      return { kind, shift: Number(first) };
    case 'sack': {
      const edges = words.map((word) => word.split('-').map(Number));
      return { kind, blocks: edges.map(([left = 0, right = 0]) => ({ left, right })) };
    }
    case 'timestamps': {
      const [value = 0, echo = 0] = first.split('/').map(Number);
      return { kind, value, echo };
    }
    case 'unknown':
    case 'malformed':
      return { kind, type: Number(first), octets: octets(second) };
    default:
      throw new Error(`no TCP option is written ${text}`);
  }
}

/** Reads a list of options; throws an `Error` that names a part that is none. */
export function readOptions(text: string): readonly TcpOption[] {
  return text.trim() === '' ? [] : text.split(';').map(readOption);
}

function writeOption(option: TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `mss ${option.mss}`;
    case 'windowScale':
      return `windowScale ${option.shift}`;
    case 'sack':
      return ['sack', ...option.blocks.map(({ left, right }) => `${left}-${right}`)].join(' ');
    case 'timestamps':
      return `timestamps ${option.value}/${option.echo}`;
    case 'eol':
      return option.rest.length === 0 ? 'eol' : `eol ${hexOf(option.rest)}`;
    case 'unknown':
    case 'malformed':
      return `${option.kind} ${option.type} ${hexOf(option.octets)}`.trimEnd();
    default:
      return option.kind;
  }
}

/** Writes options as `readOptions` reads them, numbers in decimal. */
export function writeOptions(options: readonly TcpOption[]): string {
  return options.map(writeOption).join('; ');
}

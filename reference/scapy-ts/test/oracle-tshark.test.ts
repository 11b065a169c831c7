/** tshark as the oracle: ten thousand packets, field by field against `tshark -T json`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import test from 'ava';
import fc from 'fast-check';

import { oracle } from '../../../test/oracle.ts';
import { build, formatIpv6, parse, parseIpv6 } from '../index.ts';
import { pcapHeader, pcapRecord } from '../index.ts';
import type { Layer, Packet, ParsedLayer } from '../index.ts';
import { frame } from './arbitrary.ts';
import { expected, FIELDS, GOOD, OPTIONS } from './oracle/tshark-fields.ts';
import type { Values } from './oracle/tshark-fields.ts';

const PACKETS = 10_000;
const SEED = Number(process.env['PRISMSPEC_SEED'] ?? '2');

interface Shown {
  readonly _source: { readonly layers: Readonly<Record<string, readonly string[]>> };
}

function ask(frames: readonly Uint8Array[]): readonly Shown[] {
  const folder = mkdtempSync(join(tmpdir(), 'tshark-oracle-'));
  try {
    const file = join(folder, 'packets.pcap');
    const records = frames.map((octets, seconds) =>
      pcapRecord({ seconds, nanoseconds: 0, octets }),
    );
    writeFileSync(file, Buffer.concat([pcapHeader(), ...records]));
    const fields = FIELDS.flatMap((name) => ['-e', name]);
    const args = ['-n', '-r', file, '-T', 'json', ...OPTIONS, ...fields];
    const run = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 2 ** 29 });
    if (run.status !== 0) throw new Error(run.stderr);
    const shown: readonly Shown[] = JSON.parse(run.stdout);
    return shown;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One form for all: numbers in decimal, IPv6 addresses as ours, octets without separators. */
function normal(name: string, value: string | number): string {
  if (typeof value === 'number') return String(value);
  if (name === 'ipv6.src' || name === 'ipv6.dst') {
    const address = parseIpv6(value);
    return address.ok ? formatIpv6(address.value) : `no address: ${value}`;
  }
  if (name.endsWith('.digest')) return value.replaceAll(':', '');
  if (name.endsWith('_mac') || name.startsWith('eth.')) {
    return value.includes(':') ? value : String(Number(value));
  }
  if (name === 'ip.src' || name === 'ip.dst' || name.endsWith('_ipv4')) return value;
  if (value === 'True' || value === 'False') return value === 'True' ? '1' : '0';
  return String(Number(value));
}

function collect(values: Values): Readonly<Record<string, readonly string[]>> {
  const collected: Record<string, string[]> = {};
  for (const [name, value] of values) (collected[name] ??= []).push(normal(name, value));
  return collected;
}

/** With a source route tshark shows its last address as the destination. */
function comparable(packet: Packet): boolean {
  return !packet.some((layer) => {
    const options = layer.kind === 'ipv4' ? (layer.options ?? []) : [];
    return options.some(({ kind }) => kind.endsWith('SourceRoute'));
  });
}

/** The length of RFC 4884 in the high octet would end the quoted packet early. */
function withoutExtensionLength(layer: Layer): Layer {
  if (layer.kind !== 'icmpv6' || (layer.type !== 1 && layer.type !== 3)) return layer;
  return { ...layer, rest: (layer.rest ?? 0) & 0xff_ffff };
}

function isQuote(layers: readonly ParsedLayer[]): boolean {
  return layers.filter(({ kind }) => kind === 'ipv4' || kind === 'ipv6').length > 1;
}

function expectedOf(layers: readonly ParsedLayer[]): Values {
  const values = layers.flatMap((layer, index) => expected(layer, layers[index - 1]));
  const transport = layers.find(({ kind }) => kind === 'tcp' || kind === 'udp');
  if (transport === undefined || isQuote(layers)) return values;
  return [...values, [`${transport.kind}.checksum.status`, GOOD]];
}

test(`tshark shows the same fields and finds every checksum right, ${PACKETS} packets`, (t) => {
  t.timeout(120_000);
  if (!oracle(t, 'tshark')) return;
  const packets: readonly Packet[] = fc
    .sample(frame.filter(comparable), { numRuns: PACKETS, seed: SEED })
    .map((packet) => packet.map(withoutExtensionLength));
  const frames = packets.map(build);
  const shown = ask(frames);
  t.is(shown.length, PACKETS);
  for (const [index, { _source }] of shown.entries()) {
    const { layers } = parse(frames[index] ?? new Uint8Array(0));
    const names = Object.entries(_source.layers).filter(([name]) => {
      return !(isQuote(layers) && name === 'tcp.checksum.status');
    });
    const theirs = names.flatMap(([name, list]) => {
      return list.map((value): Values[number] => [name, value]);
    });
    const place = `packet ${index} of PRISMSPEC_SEED=${SEED}`;
    t.deepEqual(collect(theirs), collect(expectedOf(layers)), place);
  }
});

/** Scapy 2.5 as the oracle: ten thousand packets both ways, octet for octet and field by field. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import fc from 'fast-check';

import { oracle } from '../../../test/oracle.ts';
import { build, parse } from '../index.ts';
import type { Layer, Packet } from '../index.ts';
import { frame } from './arbitrary.ts';

const PACKETS = 10_000;
const SEED = Number(process.env['PRISMSPEC_SEED'] ?? '1');
const SCRIPT = fileURLToPath(new URL('oracle/scapy_oracle.py', import.meta.url));

/**
 * What scapy does otherwise is left out: it takes the last address of a source route into the
 * pseudo-header (we the header's), and announces two VLAN tags by 0x8100 (we by 0x88a8).
 */
function comparable(packet: Packet): boolean {
  const routed = packet.some((l) => {
    return (
      l.kind === 'ipv4' && l.options?.some(({ kind }) => kind.endsWith('SourceRoute')) === true
    );
  });
  return !routed || !packet.some(({ kind }) => kind === 'tcp' || kind === 'udp');
}

/** Drops the NOPs at the end of every second list of options, so that padding is needed. */
function unpadded(layer: Layer, index: number): Layer {
  if (layer.kind !== 'tcp' || index % 2 === 0) return layer;
  const options = layer.options ?? [];
  const last = options.findLastIndex(({ kind }) => kind !== 'nop');
  return { ...layer, options: options.slice(0, last + 1) };
}

function tagged(packet: Packet): Packet {
  const [link, ...rest] = packet;
  if (link?.kind !== 'ether' || rest[0]?.kind !== 'dot1q' || rest[1]?.kind !== 'dot1q')
    return packet;
  return [{ ...link, etherType: 0x88a8 }, ...rest];
}

/** Layers for JSON: [kind, the fields that are set]. */
function plain(packet: Packet): readonly unknown[] {
  return packet.map(({ kind, ...fields }) => [kind, fields]);
}

/** Scapy says nothing of what stands after the end of a list. */
function replacer(key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Uint8Array)) return value;
  return key === 'rest' ? undefined : Buffer.from(value).toString('hex');
}

function json(value: unknown): string {
  return JSON.stringify(value, replacer);
}

interface Answer {
  readonly built: string;
  readonly parsed: readonly unknown[];
}

function ask(packets: readonly Packet[], octets: readonly Uint8Array[]): readonly Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'scapy-oracle-'));
  try {
    const [question, answer] = [join(folder, 'packets'), join(folder, 'answers')];
    const lines = packets.map((packet, i) => json({ layers: plain(packet), octets: octets[i] }));
    writeFileSync(question, lines.join('\n'));
    const run = spawnSync('/usr/bin/python3', [SCRIPT, question, answer], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(run.stderr);
    return readFileSync(answer, 'utf8')
      .trim()
      .split('\n')
      .map((line): Answer => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(`scapy builds the same octets and parses the same fields, ${PACKETS} packets`, (t) => {
  t.timeout(120_000);
  if (!oracle(t, 'scapy')) return;
  const packets = fc
    .sample(frame.filter(comparable), { numRuns: PACKETS, seed: SEED })
    .map((packet, index) => tagged(packet).map((layer) => unpadded(layer, index)));
  const octets = packets.map(build);
  const answers = ask(packets, octets);
  t.is(answers.length, PACKETS);
  for (const [index, { built, parsed }] of answers.entries()) {
    const ours = octets[index] ?? new Uint8Array(0);
    const place = `packet ${index} of PRISMSPEC_SEED=${SEED}: ${json(plain(packets[index] ?? []))}`;
    if (built !== Buffer.from(ours).toString('hex'))
      t.is(Buffer.from(ours).toString('hex'), built, place);
    const fields: unknown = JSON.parse(json(plain(parse(ours).layers)));
    t.deepEqual(fields, parsed, place);
  }
});

/** Laws of parse and build, for any octets. */
import test from 'ava';
import fc from 'fast-check';

import { runs } from '../../../test/runs.ts';
import { build, formatParseError, hexdump, parse, show, summary } from '../index.ts';
import { diff, ether, ipv4, raw, tcp, verifyChecksums } from '../index.ts';
import type { Layer, Packet, ParsedLayer } from '../index.ts';
import { octets } from './arbitrary-fields.ts';
import { anyOctets, damaged, firstLayer, frame } from './arbitrary.ts';

/** As bytes in hexadecimal, so that a failure shows them. */
function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}

test('building what was parsed gives the same octets, whatever they are', (t) => {
  const law = fc.property(anyOctets, firstLayer, (x, first) => {
    return hex(build(parse(x, first).layers)) === hex(x);
  });
  t.notThrows(() => fc.assert(law, runs(20_000)));
});

test('the spans of the layers follow each other from the first octet to the last', (t) => {
  const law = fc.property(anyOctets, firstLayer, (x, first) => {
    const { layers, spans } = parse(x, first);
    let at = 0;
    for (const span of spans) {
      if (span.at !== at || span.length <= 0) return false;
      at += span.length;
    }
    return at === x.length && layers.length === spans.length;
  });
  t.notThrows(() => fc.assert(law, runs(5000)));
});

test('an error tells a place in the octets, and more needed than there is', (t) => {
  const law = fc.property(anyOctets, firstLayer, (x, first) => {
    return parse(x, first).errors.every((error) => {
      const { kind, field, at, need, have } = error;
      const told = formatParseError(error).includes(`${error.layer}.${field} at octet ${at}`);
      return told && at >= 0 && at <= x.length && (kind === 'invalid' || need > have);
    });
  });
  t.notThrows(() => fc.assert(law, runs(5000)));
});

test('what shows packets takes any octets', (t) => {
  const law = fc.property(anyOctets, firstLayer, (x, first) => {
    const { layers } = parse(x, first);
    verifyChecksums(x, first);
    const lines = x.length === 0 ? 0 : Math.ceil(x.length / 16);
    const dumped = hexdump(x).split('\n').filter(Boolean).length;
    return show(layers) === show(layers) && summary(layers) !== ' / ' && dumped === lines;
  });
  t.notThrows(() => fc.assert(law, runs(3000)));
});

test('damaged packets reach every way in which a field can be wrong', (t) => {
  const seen = new Set<string>();
  for (const x of fc.sample(damaged, { numRuns: 20_000, seed: 1 })) {
    for (const { kind, layer, field } of parse(x).errors) seen.add(`${kind} ${layer}.${field}`);
  }
  const wanted = [
    'invalid ipv4.version',
    'invalid ipv4.ihl',
    'truncated ipv4.ihl',
    'invalid ipv4.totalLength',
    'truncated ipv4.totalLength',
    'invalid ipv6.version',
    'truncated ipv6.payloadLength',
    'truncated ipv6Extension.length',
    'invalid tcp.dataOffset',
    'truncated tcp.dataOffset',
    'truncated tcp.window',
    'invalid udp.length',
    'truncated udp.length',
    'invalid arp.hardwareLength',
    'invalid arp.protocolLength',
    'truncated ether.src',
  ];
  t.deepEqual(
    wanted.filter((one) => !seen.has(one)),
    [],
  );
});

test('an option list with an impossible length loses nothing', (t) => {
  const list = octets(40, 4).map((o) => o.subarray(0, o.length & ~3));
  const law = fc.property(list, (o) => {
    const words = 5 + o.length / 4;
    const x = build([ether(), ipv4(), tcp({ dataOffset: words }), raw(o)]);
    const { layers, errors } = parse(x);
    return errors.length === 0 && layers.at(-1)?.kind === 'tcp' && hex(build(layers)) === hex(x);
  });
  t.notThrows(() => fc.assert(law, runs(3000)));
});

/** The fields that were set, for comparing with the ones that were parsed. */
function setFields(layer: Layer): readonly (readonly [string, unknown])[] {
  return Object.entries(layer).filter(([, value]) => value !== undefined);
}

function kinds(packet: Packet): readonly string[] {
  return packet.map(({ kind }) => kind);
}

test('a field that is set is parsed as it was set, layer by layer', (t) => {
  const law = fc.property(frame, (packet) => {
    const { layers, errors } = parse(build(packet));
    t.deepEqual(errors, []);
    t.deepEqual(kinds(layers), kinds(packet));
    for (const [index, layer] of packet.entries()) {
      const parsed = new Map<string, unknown>(Object.entries(layers[index] ?? {}));
      for (const [name, value] of setFields(layer)) {
        const found = parsed.get(name);
        if (value instanceof Uint8Array && found instanceof Uint8Array) {
          t.is(hex(found), hex(value));
        } else t.deepEqual(found, value, `${layer.kind}.${name}`);
      }
    }
  });
  t.notThrows(() => fc.assert(law, runs(1000)));
});

test('checksums that were computed are right, and wrong after one bit of payload', (t) => {
  const law = fc.property(frame, fc.nat(7), (packet, bit) => {
    const x = build(packet);
    if (!verifyChecksums(x).every(({ valid, found, computed }) => valid && found === computed)) {
      return false;
    }
    const { layers, spans } = parse(x);
    const index = layers.findIndex(({ kind }) => kind === 'raw');
    const last = spans[index];
    if (last === undefined || isRouted(layers) || !isSummed(layers[index - 1])) return true;
    x[last.at] = (x[last.at] ?? 0) ^ (1 << bit);
    return verifyChecksums(x).filter(({ valid }) => !valid).length === 1;
  });
  t.notThrows(() => fc.assert(law, runs(5000)));
});

/** Behind a source route a transport checksum is not verified. */
function isRouted(packet: Packet): boolean {
  return packet.some((l) => {
    const options = l.kind === 'ipv4' ? (l.options ?? []) : [];
    return options.some(({ kind }) => kind.endsWith('SourceRoute'));
  });
}

/** Whether a header has a checksum over its payload. */
function isSummed(layer: ParsedLayer | undefined): boolean {
  return layer !== undefined && ['tcp', 'udp', 'icmpv4', 'icmpv6'].includes(layer.kind);
}

test('a packet differs from itself in nothing, and from a changed one in that field', (t) => {
  const law = fc.property(frame, fc.nat(0xffff), (packet, id) => {
    const { layers } = parse(build(packet));
    const changed = layers.map((l) => (l.kind === 'ipv4' ? { ...l, id } : l));
    const wanted = layers.flatMap((l, index) => {
      return l.kind === 'ipv4' && l.id !== id ? [`${index} ${l.id} ${id}`] : [];
    });
    t.deepEqual(diff(layers, layers), []);
    t.deepEqual(
      diff(layers, changed).map(({ index, before, after }) => `${index} ${before} ${after}`),
      wanted,
    );
  });
  t.notThrows(() => fc.assert(law, runs(1000)));
});

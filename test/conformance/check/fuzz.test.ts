/** Whatever a capture holds, `check` neither throws nor hangs, and its memory stays bounded. */
import test from 'ava';
import fc from 'fast-check';
import { createRandom } from '../../../conformance/traffic/random.ts';
import { pattern, segment } from '../../../conformance/traffic/segment.ts';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { runs } from '../../runs.ts';
import { createCheck } from '../../../conformance/check/check.ts';
import { MAX_CLIENTS } from '../../../conformance/check/table.ts';
import { judge, SPLICE_TS, throughReference, type Frame } from './captures.ts';

function mutated(frames: readonly Frame[], seed: number): readonly Frame[] {
  const random = createRandom(seed);
  return frames.flatMap((frame): readonly Frame[] => {
    const octets = frame.octets.slice();
    switch (random.below(6)) {
      case 0:
        for (let n = 0; n < 3; n += 1) octets[random.below(octets.length)] = random.below(256);
        return [{ ...frame, octets }];
      case 1:
        return [{ ...frame, octets: octets.slice(0, random.below(octets.length)) }];
      case 2: {
        // The lengths are where a reader goes wrong.
        const at = [14, 16, 17, 46, 55][random.below(5)] ?? 14;
        octets[at] = random.below(256);
        return [{ ...frame, octets }];
      }
      case 3:
        return [frame, { ...frame, timeUs: 0 }];
      case 4:
        return [{ ...frame, octets: octets.slice(0, 60), originalLength: 0xffff_ffff }];
      default:
        return [frame];
    }
  });
}

test('mutated captures on both sides', async (t) => {
  const names = [
    'loss/sack-four-blocks',
    'vlan/keep-alive',
    'ipv6/keep-alive',
    'http/pipelined-split',
  ];
  const all = await Promise.all(
    names.map(async (name) => throughReference(await readFixture(name), SPLICE_TS)),
  );
  const property = fc.property(fc.nat(names.length - 1), fc.integer(), (index, seed) => {
    const { client = [], backend = [] } = all[index] ?? {};
    const result = judge({ client: mutated(client, seed), backend: mutated(backend, seed + 1) });
    return result.judgements.length > 0;
  });
  fc.assert(property, runs(300));
  t.pass();
});

test('random octets under every link type', (t) => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 200, size: 'max' }),
    fc.constantFrom(0, 1, 12, 101, 113, 228, 229, 276, 147),
    fc.nat(0xffff_ffff),
    (octets, linkType, originalLength) => {
      const check = createCheck(['client', 'backend']);
      const packet = {
        interfaceId: 0,
        seconds: 0,
        nanoseconds: 0,
        octets,
        originalLength,
        comments: [],
      };
      check.take('client', packet, linkType);
      check.take('backend', packet, linkType);
      return check.end().captures.client?.packets === 1;
    },
  );
  fc.assert(property, runs(2000));
  t.pass();
});

test('tags upon tags are no IP', (t) => {
  const octets = new Uint8Array(1500);
  for (let at = 12; at < octets.length; at += 4) octets.set([0x81, 0], at);
  const result = judge({ client: [{ octets, timeUs: 0 }] });
  t.is(result.captures.client?.readings['not-ip'], 1);
});

test('more clients than fit are given up, the quiet ones first', (t) => {
  const check = createCheck(['client', 'backend']);
  const path = {
    sourceMac: '02:00:00:00:00:01',
    destinationMac: '02:00:00:00:00:02',
    source: { address: '10.1.0.1', port: 1000 },
    destination: { address: '198.51.100.1', port: 80 },
  };
  const octets = segment(path, { flags: 'S', payload: pattern(8) });
  const view = new DataView(octets.buffer);
  const count = MAX_CLIENTS + 5000;
  for (let n = 0; n < count; n += 1) {
    view.setUint32(26, 0x0a00_0000 + n);
    const packet = {
      interfaceId: 0,
      seconds: n,
      nanoseconds: 0,
      octets,
      originalLength: octets.length,
      comments: [],
    };
    check.take('client', packet, 1);
  }
  const before = process.memoryUsage().heapUsed;
  t.is(check.end().clients, count);
  t.true(before < 600 * 2 ** 20, `${before} octets`);
});

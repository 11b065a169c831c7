/** An edit changes what it is told to change, and leaves a checksum as right or wrong as it was. */
import test from 'ava';
import fc from 'fast-check';
import { verifyChecksums } from 'scapy-ts';
import {
  add32,
  edited,
  optionsOf,
  sackEdges,
  segmentOf,
  TCP,
  type Segment,
} from '../../../conformance/defects/edit.ts';
import { repaired } from '../../../conformance/defects/packet.ts';
import { segments } from '../../../conformance/traffic/arbitrary.ts';
import { readOptions } from '../../../conformance/traffic/option-text.ts';
import { keyOf, HOSTS } from '../../../conformance/traffic/testbed.ts';
import { clientPath, segment } from '../../../conformance/traffic/segment.ts';
import { runs } from '../../runs.ts';
import { fromClient, patched, ruleWith } from '../bed.ts';

const RULE = ruleWith();

function readSegment(frame: Uint8Array): Segment {
  const found = segmentOf(frame);
  if (found === undefined) throw new Error('no segment');
  return found;
}

function validity(frame: Uint8Array): readonly boolean[] {
  return verifyChecksums(frame).map(({ valid }) => valid);
}

const family = fc.constantFrom(4 as const, 6 as const);

test('an edit keeps right checksums right and wrong ones wrong', (t) => {
  const damage = fc.constantFrom('none', 'ipv4', 'tcp');
  fc.assert(
    fc.property(segments(), family, damage, fc.nat(0xffffffff), (fields, version, what, by) => {
      const sound = segment(clientPath(keyOf(HOSTS.client, version), HOSTS.client), fields);
      const { ip, tcp } = readSegment(sound);
      const places: Readonly<Record<string, number>> = { ipv4: ip + 10, tcp: tcp + TCP.checksum };
      const at = version === 6 && what === 'ipv4' ? undefined : places[what];
      const frame = at === undefined ? sound : patched(sound, at, 0x5a);
      const after = edited(readSegment(frame), (octets) => {
        add32(octets, tcp + TCP.seq, by);
        octets.setUint8(ip + (version === 4 ? 8 : 7), 77);
      });
      t.deepEqual(validity(after), validity(frame));
    }),
    runs(300),
  );
});

test('an edit changes its octets and the two checksums, in a copy', (t) => {
  fc.assert(
    fc.property(segments(), fc.nat(0xffff), (fields, window) => {
      const frame = fromClient(RULE, fields);
      const before = frame.slice();
      const { ip, tcp, ...found } = readSegment(frame);
      const after = edited({ ip, tcp, ...found }, (octets) => {
        octets.setUint16(tcp + TCP.window, window);
      });
      const touched = [tcp + TCP.window, tcp + TCP.checksum].flatMap((at) => [at, at + 1]);
      const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
      t.deepEqual(
        changed.filter((at) => !touched.includes(at)),
        [],
      );
      t.deepEqual(frame, before);
    }),
    runs(200),
  );
});

test('an edit that changes nothing gives the same octets', (t) => {
  fc.assert(
    fc.property(segments(), (fields) => {
      const frame = fromClient(RULE, fields);
      t.deepEqual(
        edited(readSegment(frame), () => undefined),
        frame,
      );
    }),
    runs(100),
  );
});

test('the options of a segment are found where they stand', (t) => {
  const options = readOptions('nop; mss 1460; sack 1-2 3-4; timestamps 5/6');
  const found = readSegment(fromClient(RULE, { options }));
  t.deepEqual(
    optionsOf(found).map(({ kind, at, length }) => [kind, at - found.tcp, length]),
    [
      [1, 20, 1],
      [2, 21, 4],
      [5, 25, 18],
      [8, 43, 10],
    ],
  );
  const view = new DataView(found.frame.buffer, found.frame.byteOffset);
  t.deepEqual(
    sackEdges(found).map((at) => view.getUint32(at)),
    [1, 2, 3, 4],
  );
});

test('the options end at one that is malformed', (t) => {
  const options = readOptions('nop; malformed 5 12000000640000');
  t.deepEqual(
    optionsOf(readSegment(fromClient(RULE, { options }))).map(({ kind }) => kind),
    [1],
  );
});

test('a segment in a quotation or a tunnel is none of the frame', (t) => {
  const inner = fromClient(RULE).subarray(14);
  const outer = fromClient(RULE).slice(0, 34);
  outer[23] = 4;
  t.is(segmentOf(Uint8Array.of(...outer, ...inner)), undefined);
});

test('a repaired packet has the same sum, right or wrong', (t) => {
  for (const frame of [fromClient(RULE), patched(fromClient(RULE), 24, 0x11)]) {
    const after = repaired(frame, (octets) => {
      octets.setUint8(22, 9);
    });
    t.deepEqual(validity(after), validity(frame));
    t.is(after[22], 9);
  }
});

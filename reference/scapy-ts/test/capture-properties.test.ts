/** Laws of reading and writing captures. */
import test from 'ava';
import * as fc from 'fast-check';

import { runs } from '../../../test/runs.ts';
import { captureReader } from '../capture/index.ts';
import { cut, pcapFiles, pcapngFiles, readChunks } from './capture-files.ts';

const files = fc.oneof(pcapFiles, pcapngFiles);

test('a pcap file is read as what was written', (t) => {
  fc.assert(
    fc.property(pcapFiles, ({ file, events }) => {
      t.deepEqual(readChunks([file]), { events, error: undefined });
    }),
    runs(300),
  );
});

test('a pcapng file is read as what was written', (t) => {
  fc.assert(
    fc.property(pcapngFiles, ({ file, events }) => {
      t.deepEqual(readChunks([file]), { events, error: undefined });
    }),
    runs(300),
  );
});

test('however a file is cut into chunks, it says the same', (t) => {
  fc.assert(
    fc.property(files, fc.array(fc.nat({ max: 4000 }), { maxLength: 12 }), (written, places) => {
      t.deepEqual(readChunks(cut(written.file, places)), {
        events: written.events,
        error: undefined,
      });
    }),
    runs(400),
  );
});

test('a file that comes octet by octet says the same', (t) => {
  fc.assert(
    fc.property(files, ({ file, events }) => {
      const chunks = Array.from(file, (octet) => Uint8Array.of(octet));
      t.deepEqual(readChunks(chunks), { events, error: undefined });
    }),
    runs(50),
  );
});

test('a file cut short gives its first events, then where and what is missing', (t) => {
  fc.assert(
    fc.property(files, fc.nat(), ({ file, events }, place) => {
      const length = place % file.length;
      const reading = readChunks([file.slice(0, length)]);
      t.deepEqual(reading.events, events.slice(0, reading.events.length));
      const { error } = reading;
      if (error === undefined) return;
      t.is(error.kind, 'truncated');
      t.is(error.at + error.have, length);
      t.true(error.need > error.have);
      // With the missing octets the unit is read, or it says how long it really is.
      const more = readChunks([file.slice(0, error.at + error.need)]);
      t.true(more.error === undefined || more.error.need > error.need);
    }),
    runs(400),
  );
});

const damaged = fc
  .tuple(
    files,
    fc.array(
      fc.record({ place: fc.nat(), octet: fc.constantFrom(0, 1, 3, 4, 0x0a, 0x7f, 0x80, 0xff) }),
      { minLength: 1, maxLength: 4 },
    ),
    fc.nat(),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([{ file }, changes, length, tail]) => {
    const octets = file.slice();
    for (const { place, octet } of changes) octets[place % octets.length] = octet;
    const kept = octets.subarray(0, octets.length - (length % 3 === 0 ? length % 64 : 0));
    return Uint8Array.from([...kept, ...tail]);
  });

test('damaged files never throw, and say the same however they are cut', (t) => {
  fc.assert(
    fc.property(damaged, fc.array(fc.nat({ max: 4000 }), { maxLength: 6 }), (file, places) => {
      const whole = readChunks([file]);
      t.deepEqual(readChunks(cut(file, places)), whole);
      t.true(whole.events.length <= file.length);
      if (whole.error === undefined) return;
      t.true(whole.error.at >= 0 && whole.error.at <= file.length);
      t.not(whole.error.need, whole.error.have);
    }),
    runs(1500),
  );
});

test('any octets at all never throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (file) => {
      const { events, error } = readChunks([file]);
      t.deepEqual(events, []);
      t.is(error?.at, 0);
    }),
    runs(500),
  );
});

test('after a fault every answer is that fault', (t) => {
  fc.assert(
    fc.property(damaged, fc.uint8Array(), (file, more) => {
      const reader = captureReader();
      reader.push(file);
      const first = reader.push(new Uint8Array(0));
      if (first.ok) return;
      t.deepEqual(reader.push(more), first);
      t.deepEqual(reader.end(), first);
    }),
    runs(300),
  );
});

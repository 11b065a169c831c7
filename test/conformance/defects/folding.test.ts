/** A sum that is folded once is right but for a second carry, and is where the suite looks for it. */
import test from 'ava';
import fc from 'fast-check';
import { updateChecksum } from 'scapy-ts';
import { foldedOnce, wordsOf } from '../../../conformance/defects/folding.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { runs } from '../../runs.ts';

const word = fc.nat(0xffff);

test('folded once more it gives the checksum of RFC 1624', (t) => {
  fc.assert(
    fc.property(word, word, word, (found, was, is) => {
      fc.pre(was !== is);
      const once = foldedOnce([was], [is], ~found & 0xffff);
      t.is(~((once >>> 16) + once) & 0xffff, updateChecksum(found, was, is));
    }),
    runs(500),
  );
});

test('the words of an address are its halves', (t) => {
  t.deepEqual(wordsOf('198.51.100.1'), [0xc633, 0x6401]);
});

const { virtual } = keyOf(HOSTS.client);
const OWNER = ownerOf(HOSTS['backend 1']);

/** What is folded once of the change from the virtual endpoint to the owner at `port`, and back. */
function changesAt(port: number): readonly [number, number] {
  const there = [...wordsOf(virtual.address), virtual.port];
  const back = [...wordsOf(OWNER.address), port];
  return [foldedOnce(there, back), foldedOnce(back, there)];
}

test('a change to one more is the one that has a second carry', (t) => {
  t.deepEqual([8303, 8304, 8305].map(changesAt), [
    [0xfffe, 0x1_0000],
    [0xffff, 0xffff],
    [0x1_0000, 0xfffe],
  ]);
});

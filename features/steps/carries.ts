/**
 * Steps that bring a checksum to the values at which carries are lost.
 *
 * Where carries are added and the sum overflows again, the checksum is near 0x0000 or 0xffff: one
 * packet in some ten thousand. So the segment is made for the checksum that it has to get.
 */
import { When } from '@cucumber/cucumber';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { translated } from '../../conformance/observe/translate.ts';
import { segment, type SegmentFields } from '../../conformance/traffic/segment.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { fieldOf } from '../support/fields.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** How far from 0x0000 and 0xffff the checksums are. */
const NEAR = 16;
/** The sum of words is a number modulo this. RFC 1071. */
const ONES = 0xffff;
const TTL = 64;

/** All checksums near an overflow; 0xffff is none, as a computed one is 0x0000. */
const CHECKSUMS = Array.from({ length: 2 * NEAR }, (_, index) =>
  index < NEAR ? index : ONES - 1 - (index - NEAR),
);

/** Makes a segment with a free word: of the header covered by one checksum, or the other. */
type WithWord = (word: number, seq: number) => SegmentFields;

const FREE_WORD: Readonly<Record<string, WithWord>> = {
  IPv4: (word, seq) => ({ seq, ipv4: { id: word } }),
  TCP: (word, seq) => ({ seq, payload: Uint8Array.of(word >> 8, word & 0xff) }),
};

When(
  /^(the client|backend 1) sends segments whose (IPv4|TCP) checksum has to leave near 0000 and ffff$/u,
  async function (this: PrismWorld, sender: string, which: string) {
    const host: Host = sender === 'the client' ? this.clientHost() : this.ownerHost();
    const withWord = FREE_WORD[which];
    if (withWord === undefined) throw new Error(`no checksum is called ${which}`);
    const direction = host === this.clientHost() ? 'client-to-owner' : 'owner-to-client';
    const hops = this.hello.profile.ttl === 'decrement' ? 1 : 0;
    const path = pathFrom(this, host);
    const stimuli = CHECKSUMS.map((checksum, seq): Stimulus => {
      const at = (word: number, ttl: number): Uint8Array => {
        const fields = withWord(word, seq);
        return segment(path, { ...fields, ipv4: { ...fields.ipv4, ttl } });
      };
      // With a word of 0 the checksum is another; the word makes up for the difference.
      const exit = translated(at(0, TTL), this.theRule(), direction);
      const without = Number(fieldOf(exit, `${which} checksum`));
      const frame = at((without - checksum + ONES) % ONES, TTL + hops);
      return { role: host.role, frame, expectation: expectationFrom(this, host, frame) };
    });
    await this.inject(stimuli);
  },
);

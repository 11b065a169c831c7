/** Steps about what looks like an ICMP error about the connection, and is none. RFC 792, RFC 4443. */
import { Then, When } from '@cucumber/cucumber';
import { checksum } from 'scapy-ts';
import { errorFrame, type ErrorWords } from '../../conformance/observe/icmp-error.ts';
import { fragmentsOf } from '../../conformance/observe/fragments.ts';
import { describeFrame } from '../../conformance/observe/delivery.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { unruled } from '../support/bridge.ts';
import { quoteByWords, type Report } from '../support/icmp-words.ts';
import type { PrismWorld } from '../support/world.ts';

/** "Fragmentation needed", and "packet too big", whose code is no other number's. */
const TOO_BIG = { 4: { type: 3, code: 4, rest: 1400 }, 6: { type: 2, code: 0, rest: 1400 } };
/** Offsets in an untagged IPv4 frame that carries an ICMP error without IP options. */
const AT = { protocol: 23, ipChecksum: 24, destination: 30, icmp: 34, quote: 42 } as const;
const IP = { from: 14, to: 34 } as const;

function hostOf(world: PrismWorld, { sender }: Report): Host {
  return sender === 'owner' ? world.clientHost() : world.ownerHost();
}

/** An error that is as it should be. */
function soundError(world: PrismWorld, report: Report, quote = '8 octets'): Uint8Array {
  const rule = world.theRule();
  const words: ErrorWords = TOO_BIG[rule.client.address.includes(':') ? 6 : 4];
  return errorFrame({ ...report, rule, words, quote: quoteByWords(quote) });
}

/** `frame` with octets changed, and the checksums of IPv4 and ICMP right again. */
function withOctets(frame: Uint8Array, at: number, octets: readonly number[]): Uint8Array {
  const changed = frame.slice();
  changed.set(octets, at);
  const view = new DataView(changed.buffer);
  view.setUint16(AT.ipChecksum, 0);
  view.setUint16(AT.ipChecksum, checksum(changed, IP.from, IP.to));
  view.setUint16(AT.icmp + 2, 0);
  view.setUint16(AT.icmp + 2, checksum(changed, AT.icmp, changed.length));
  return changed;
}

/** What is no error about a segment of the connection, by the words of scenarios. */
const ALIKE: Readonly<Record<string, (frame: Uint8Array) => Uint8Array>> = {
  'an echo request with the octets of an error': (frame) => withOctets(frame, AT.icmp, [8, 0]),
  'an error about a UDP datagram': (frame) => withOctets(frame, AT.quote + 9, [17]),
  'an error for another address': (frame) => withOctets(frame, AT.destination + 3, [77]),
  'an error for another network': (frame) => withOctets(frame, AT.destination, [203]),
};

When(
  '{reporter} sends {string} in the place of an error',
  async function (this: PrismWorld, report: Report, words: string) {
    const make = ALIKE[words];
    if (make === undefined) throw new Error(`nothing is called ${words}`);
    await this.inject([unruled(hostOf(this, report), make(soundError(this, report)))]);
  },
);

When(
  '{reporter} sends its ICMP error under every other IP protocol number',
  async function (this: PrismWorld, report: Report) {
    const error = soundError(this, report);
    const numbers = Array.from({ length: 256 }, (_, number) => number);
    const others = numbers.filter((number) => number !== 1 && number !== 6);
    await this.inject(
      others.map((number) =>
        unruled(hostOf(this, report), withOctets(error, AT.protocol, [number])),
      ),
    );
  },
);

When(
  '{reporter} reports an ICMP error whose quoted IPv4 header is {int} words long',
  async function (this: PrismWorld, report: Report, words: number) {
    const frame = withOctets(soundError(this, report), AT.quote, [0x40 | words]);
    await this.inject([unruled(hostOf(this, report), frame)]);
  },
);

When(
  '{reporter} reports an ICMP error in fragments cut at {int}',
  async function (this: PrismWorld, report: Report, cut: number) {
    const whole = soundError(this, report, 'the header and 500 octets');
    const frames = fragmentsOf(whole, [cut]);
    await this.inject(frames.map((frame) => unruled(hostOf(this, report), frame)));
  },
);

When(
  '{reporter} reports an ICMP error about a later fragment of a segment',
  async function (this: PrismWorld, report: Report) {
    const frame = withOctets(soundError(this, report), AT.quote + 6, [0, 185]);
    await this.inject([unruled(hostOf(this, report), frame)]);
  },
);

Then(
  'what it quotes behind the IP header is as it was sent, or it goes nowhere',
  async function (this: PrismWorld) {
    const [sent] = this.stimuli;
    const quote = sent?.frame.slice(AT.quote + 20).join();
    const changed = (await this.outputs()).find(
      ({ frame }) => frame.slice(AT.quote + 20, sent?.frame.length).join() !== quote,
    );
    if (changed !== undefined) {
      const observed = `${describeFrame(changed.frame)} at ${changed.role}`;
      throw new Failure({ expected: 'what is quoted of a later fragment, untouched', observed });
    }
    await this.turnPage();
  },
);

/** Steps in which clients do something. */
import { Given, When } from '@cucumber/cucumber';
import { TCP_FLAG } from 'scapy-ts';
import type { SynOffer } from '../../../conformance/driver/system.ts';
import { octetsOf, readAsks } from '../../../conformance/system/request.ts';
import type { Draft, SystemWorld, Timing } from '../../support/system/world.ts';

const NEXT: Timing = { kind: 'next' };
const SIGNED_PATIENCE_MS = 3000;

/** What a client's SYN may leave out, or offer. */
const OFFERS: Readonly<Record<string, SynOffer>> = {
  'no window scale': { windowScale: false },
  'no SACK': { sack: false },
  'no timestamps': { timestamps: false },
  'no options at all': { windowScale: false, sack: false, timestamps: false },
};

Given(/^the client offers (no .*)$/u, function (this: SystemWorld, what: string) {
  const offer = OFFERS[what];
  if (offer === undefined) throw new Error(`no SYN offers ${what}`);
  const draft = this.client(0);
  draft.offer = { ...draft.offer, ...offer };
});

Given(
  /^the client says in its SYN that it uses (TCP-MD5|TCP-AO)$/u,
  function (this: SystemWorld, how: string) {
    const draft = this.client(0);
    draft.offer = { ...draft.offer, signing: how === 'TCP-MD5' ? how : 'TCP-AO' };
    // Whoever has no key for it may not answer at all.
    this.patienceMs = SIGNED_PATIENCE_MS;
  },
);

Given('the client offers an MSS of {int}', function (this: SystemWorld, mss: number) {
  const draft = this.client(0);
  draft.offer = { ...draft.offer, mss };
});

Given('the client has room for {int} octets', function (this: SystemWorld, octets: number) {
  const draft = this.client(0);
  // A small window needs no scale, and one that is scaled must not become 0.
  draft.offer = { ...draft.offer, receiveOctets: octets, windowScale: false };
});

/** Sends requests; each place in `cuts` begins a segment. */
function send(
  world: SystemWorld,
  draft: Draft,
  words: string,
  timing: Timing = NEXT,
  cuts: readonly number[] = [],
): void {
  const asks = readAsks(words);
  world.act(draft, { kind: 'write', octets: octetsOf(asks), cuts }, timing);
  world.ask(draft, asks);
}

When('{client} sends {string}', function (this: SystemWorld, client: number, words: string) {
  send(this, this.client(client), words);
});

When(
  '{client} sends {string} {timing}',
  function (this: SystemWorld, client: number, words: string, timing: Timing) {
    send(this, this.client(client), words, timing);
  },
);

When(
  '{client} sends {string} octet by octet',
  function (this: SystemWorld, client: number, words: string) {
    const { length } = octetsOf(readAsks(words));
    const cuts = Array.from({ length: length - 1 }, (_, index) => index + 1);
    send(this, this.client(client), words, NEXT, cuts);
  },
);

When(
  '{client} sends {string}, the rest from octet {int} on {timing}',
  function (this: SystemWorld, client: number, words: string, cut: number, timing: Timing) {
    sendInTwo(this, this.client(client), words, cut, timing);
  },
);

/** Sends requests in two parts. */
export function sendInTwo(
  world: SystemWorld,
  draft: Draft,
  words: string,
  cut: number,
  timing: Timing,
): void {
  const asks = readAsks(words);
  const octets = octetsOf(asks);
  world.act(draft, { kind: 'write', octets: octets.subarray(0, cut), cuts: [] });
  world.act(draft, { kind: 'write', octets: octets.subarray(cut), cuts: [] }, timing);
  world.ask(draft, asks);
}

When('the client sends {string} without its content', function (this: SystemWorld, words: string) {
  const draft = this.client(0);
  const [ask] = readAsks(words);
  if (ask === undefined) throw new Error('there is no request');
  const octets = ask.octets.subarray(0, ask.contentAt);
  this.act(draft, { kind: 'write', octets, cuts: [] });
  this.ask(draft, [ask]);
  draft.unsent = ask;
});

When('the client sends the content {timing}', function (this: SystemWorld, timing: Timing) {
  const draft = this.client(0);
  const ask = draft.unsent;
  if (ask === undefined) throw new Error('all content has been sent');
  const octets = ask.octets.subarray(ask.contentAt);
  this.act(draft, { kind: 'write', octets, cuts: [] }, timing);
});

/** `\r\n` and `\t` in a scenario's text become what they say. */
function unescaped(text: string): Uint8Array {
  const plain = text.replaceAll(/\\([rnt0])/gu, (_, letter: string) => {
    return { r: '\r', n: '\n', t: '\t', '0': '\0' }[letter] ?? '';
  });
  return new TextEncoder().encode(plain);
}

When('the client sends the octets {string}', function (this: SystemWorld, text: string) {
  this.act(this.client(0), { kind: 'write', octets: unescaped(text), cuts: [] });
});

When(
  'the client sends the octets {string} {timing}',
  function (this: SystemWorld, text: string, timing: Timing) {
    this.act(this.client(0), { kind: 'write', octets: unescaped(text), cuts: [] }, timing);
  },
);

When(
  'the client sends a request with {int} octets of header fields',
  function (this: SystemWorld, octets: number) {
    const line = 'X-Long: '.padEnd(1000, 'x').concat('\r\n');
    const fields = line.repeat(Math.ceil(octets / line.length));
    const text = `GET /a/10 HTTP/1.1\r\nHost: site.test\r\n${fields}\r\n`;
    this.act(this.client(0), { kind: 'write', octets: new TextEncoder().encode(text), cuts: [] });
  },
);

/** What a client does to its connection, and whether the connection then ends of itself. */
const DEEDS = {
  'closes the connection': { act: { kind: 'close' }, ends: true },
  'closes its side': { act: { kind: 'finish' }, ends: true },
  'resets the connection': { act: { kind: 'abort' }, ends: true },
  'stops reading': { act: { kind: 'pause' }, ends: false },
  'reads on': { act: { kind: 'resume' }, ends: false },
  'stops acknowledging': { act: { kind: 'withhold', acks: true }, ends: false },
  'acknowledges again': { act: { kind: 'withhold', acks: false }, ends: false },
  'sends its last FIN again': {
    act: { kind: 'segment', flags: TCP_FLAG.FIN | TCP_FLAG.ACK, seq: -1 },
    ends: true,
  },
  'sends a SYN from the same port': {
    act: { kind: 'segment', flags: TCP_FLAG.SYN, seq: 100_000, ack: 0 },
    ends: true,
  },
} as const;

for (const [words, { act, ends }] of Object.entries(DEEDS)) {
  When(`{client} ${words}`, function (this: SystemWorld, client: number) {
    const draft = this.client(client);
    this.act(draft, act);
    draft.isEnded ||= ends;
  });
  When(`{client} ${words} {timing}`, function (this: SystemWorld, client: number, timing: Timing) {
    const draft = this.client(client);
    this.act(draft, act, timing);
    draft.isEnded ||= ends;
  });
}

When('the client opens a connection', function (this: SystemWorld) {
  this.connect(this.client(0));
});

When(
  'the client connects from the same port again {timing}',
  function (this: SystemWorld, timing: Timing) {
    this.connect(this.client(0), timing);
  },
);

When('the client leaves the connection open', function (this: SystemWorld) {
  this.client(0).isEnded = true;
});

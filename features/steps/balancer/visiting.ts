/** Steps in which clients connect and ask. */
import { Given, When } from '@cucumber/cucumber';
import { TCP_FLAG } from 'scapy-ts';
import type { SynOffer } from '../../../conformance/driver/system.ts';
import { answeredOctets, type BalancerWorld } from '../../support/balancer/world.ts';

/** Between two clients who come one after the other. */
const APART_MS = 100;
/** How much less than the declared time a connection is silent. */
const MARGIN_MS = 5000;

const OFFERS: Readonly<Record<string, SynOffer>> = {
  'no options': { windowScale: false, sack: false, timestamps: false },
  'no window scale': { windowScale: false },
  'no SACK': { sack: false },
  'no timestamps': { timestamps: false },
  'an MSS of 536': { mss: 536 },
};

Given(/^clients offer (.*)$/u, function (this: BalancerWorld, words: string) {
  const offer = OFFERS[words];
  if (offer === undefined) throw new Error(`no SYN offers ${words}`);
  this.offer = offer;
});

When(
  /^client (\d+) gets "([^"]+)"(?: from (\S+))?(?: out of port (\d+))?(?: after (\d+) ms)?$/u,
  function (
    this: BalancerWorld,
    client: string,
    words: string,
    endpoint: string | null,
    port: string | null,
    ms: string | null,
  ) {
    this.visit({
      client: Number(client),
      words,
      service: this.service(endpoint ?? undefined),
      ...(port === null ? {} : { port: Number(port) }),
      ...(ms === null ? {} : { afterMs: Number(ms) }),
    });
  },
);

When(
  /^(\d+) clients get "([^"]+)" one after the other$/u,
  function (this: BalancerWorld, count: string, words: string) {
    const service = this.service();
    for (let client = 1; client <= Number(count); client += 1) {
      this.visit({ client, words, service, afterMs: client * APART_MS });
    }
  },
);

When(
  /^(each client|client \d+) gets "([^"]+)" on the same connection after (\d+) ms$/u,
  function (this: BalancerWorld, who: string, words: string, ms: string) {
    const number = Number(/\d+/u.exec(who)?.[0] ?? 0);
    const all = number === 0 ? this.visitors : [this.visitor(number)];
    for (const draft of all) this.ask(draft, words, { kind: 'after', ms: Number(ms) });
  },
);

When(
  'client {int} gets {string} on the same connection, just before its time is over',
  function (this: BalancerWorld, client: number, words: string) {
    const silentMs = this.hello.choices.establishedSeconds * 1000 - MARGIN_MS;
    this.ask(this.visitor(client), words, { kind: 'after', ms: silentMs });
    this.patienceMs = silentMs + MARGIN_MS;
  },
);

When(
  'client {int} connects from the same port again and gets {string}',
  function (this: BalancerWorld, client: number, words: string) {
    const draft = this.visitor(client);
    draft.lines.push({ cue: { kind: 'peer-finished' }, act: { kind: 'close' } });
    const connect = { kind: 'connect', offer: this.offer } as const;
    // Where the switch has lost the end of the connection, the port is not free otherwise.
    draft.lines.push({ cue: { kind: 'after', ms: APART_MS }, act: { kind: 'abort' } });
    draft.lines.push({ cue: { kind: 'at-once' }, act: connect });
    draft.asked.push([]);
    this.ask(draft, words, { kind: 'opened' });
  },
);

When('client {int} sends its last FIN again', function (this: BalancerWorld, client: number) {
  const draft = this.visitor(client);
  const octets = answeredOctets(draft.asked.flat());
  draft.lines.push({ cue: { kind: 'received', octets }, act: { kind: 'close' } });
  draft.lines.push({
    cue: { kind: 'after', ms: APART_MS },
    act: { kind: 'segment', flags: TCP_FLAG.FIN | TCP_FLAG.ACK, seq: -1 },
  });
  draft.closes = false;
});

When(
  'client {int} leaves its connection open after its answer',
  function (this: BalancerWorld, client: number) {
    this.visitor(client).closes = false;
  },
);

/** Steps in which clients ask a switch that reads requests, also what no client should. */
import { When } from '@cucumber/cucumber';
import { createRandom } from '../../../conformance/traffic/random.ts';
import { readAsks, type Ask } from '../../../conformance/system/request.ts';
import { httpChoices, writtenAsk } from '../../support/balancer/http.ts';
import type { BalancerWorld, Draft, Visit } from '../../support/balancer/world.ts';

/** How long a client waits for more, once an answer has begun. */
const TAIL_MS = 100;
/** How long a client waits for an answer to what may have none. */
const PATIENCE_MS = 5000;
/** How much later than declared a machine in real time may be. */
const LATE_MS = 3000;
const CLIENTS = 100;
/** Content in chunks, of which there is none. */
const NO_CHUNKS = '0\r\n\r\n';

/** A client asks, and closes when an answer has begun and nothing can come any more. */
function askOnce(
  world: BalancerWorld,
  visit: Omit<Visit, 'words' | 'service'>,
  asks: readonly Ask[],
): Draft {
  const draft = world.begin({ ...visit, service: world.service() });
  world.write(draft, asks, { kind: 'opened' });
  draft.lines.push({ cue: { kind: 'received', octets: 1 }, act: { kind: 'resume' } });
  draft.lines.push({ cue: { kind: 'after', ms: TAIL_MS }, act: { kind: 'close' } });
  draft.closes = false;
  world.patienceMs = PATIENCE_MS;
  return draft;
}

When(
  /^client (\d+) says "([^"]*)"(?: and (\d) octets of content)?(?: after (\d+) ms)?$/u,
  function (
    this: BalancerWorld,
    client: string,
    words: string,
    octets: string | null,
    ms: string | null,
  ) {
    const ask = writtenAsk(words, 'x'.repeat(Number(octets ?? 0)));
    const afterMs = ms === null ? {} : { afterMs: Number(ms) };
    askOnce(this, { client: Number(client), ...afterMs }, [ask]);
  },
);

When(
  'client {int} says {string} without chunks, and {string} at once',
  function (this: BalancerWorld, client: number, words: string, others: string) {
    const draft = this.begin({ client, service: this.service() });
    this.write(draft, [writtenAsk(words, NO_CHUNKS), writtenAsk(others)], { kind: 'opened' });
    draft.lines.push({ cue: { kind: 'peer-finished' }, act: { kind: 'close' } });
    draft.closes = false;
    this.patienceMs = PATIENCE_MS;
  },
);

When(
  /^client (\d+) asks with a request line of (\d+) octets$/u,
  function (this: BalancerWorld, client: string, octets: string) {
    askOnce(this, { client: Number(client) }, [longAsk(Number(octets))]);
  },
);

When(
  'client {int} asks with a request line of twice as many octets as are read',
  function (this: BalancerWorld, client: number) {
    askOnce(this, { client }, [longAsk(2 * httpChoices(this).requestLineOctets)]);
  },
);

/** A request whose first line has so many octets, CRLF not counted. */
function longAsk(octets: number): Ask {
  const [before, after] = ['GET /static/0/', ' HTTP/1.1'];
  const fill = 'a'.repeat(octets - before.length - after.length);
  return writtenAsk(`${before}${fill}${after}, Host: site.test`);
}

When(
  /^client (\d+) then gets "([^"]+)"(?: after (\d+) ms)?$/u,
  function (this: BalancerWorld, client: string, words: string, ms: string | null) {
    const draft = this.visitor(Number(client));
    const count = draft.asked.at(-1)?.length ?? 0;
    if (ms === null) return this.ask(draft, words, { kind: 'answers', count });
    draft.lines.push({ cue: { kind: 'answers', count }, act: { kind: 'resume' } });
    return this.ask(draft, words, { kind: 'after', ms: Number(ms) });
  },
);

When(
  /^client (\d+) connects, and gets "([^"]+)" (\d+) ms later$/u,
  function (this: BalancerWorld, client: string, words: string, ms: string) {
    const draft = this.begin({ client: Number(client), service: this.service() });
    draft.lines.push({ cue: { kind: 'opened' }, act: { kind: 'resume' } });
    this.ask(draft, words, { kind: 'after', ms: Number(ms) });
  },
);

When(
  /^a client for each octet gets "([^"]+)", cut there$/u,
  function (this: BalancerWorld, words: string) {
    const asks = readAsks(words);
    const octets = asks.reduce((sum, each) => sum + each.octets.length, 0);
    if (octets > CLIENTS) throw new Error(`${octets} octets, and ${CLIENTS} clients`);
    for (let cut = 1; cut < octets; cut += 1) {
      const draft = this.begin({ client: cut, service: this.service() });
      this.write(draft, asks, { kind: 'opened' }, [cut]);
    }
  },
);

When(
  /^(\d+) clients get requests of these, some at once, cut anywhere: "([^"]+)"$/u,
  function (this: BalancerWorld, count: string, words: string) {
    const random = createRandom(this.session.seed);
    const all = readAsks(words);
    for (let client = 1; client <= Number(count) * this.session.effort; client += 1) {
      const asks = Array.from({ length: 1 + random.below(4) }, () => all[random.below(all.length)]);
      const known = asks.filter((each) => each !== undefined);
      const octets = known.reduce((sum, each) => sum + each.octets.length, 0);
      const cuts = new Set(
        Array.from({ length: random.below(6) }, () => 1 + random.below(octets - 1)),
      );
      const draft = this.begin({ client: 1 + ((client - 1) % CLIENTS), service: this.service() });
      this.write(
        draft,
        known,
        { kind: 'opened' },
        [...cuts].toSorted((a, b) => a - b),
      );
    }
  },
);

/** Sends the first half of a request's head. */
function beginHead(world: BalancerWorld, client: number, words: string): Draft {
  const [ask] = readAsks(words);
  if (ask === undefined) throw new Error('nothing is asked');
  const draft = world.begin({ client, service: world.service() });
  const half = ask.octets.subarray(0, Math.floor(ask.contentAt / 2));
  draft.lines.push({ cue: { kind: 'opened' }, act: { kind: 'write', octets: half, cuts: [] } });
  return draft;
}

When(
  'client {int} sends half the head of {string}, and the rest {int} ms later',
  function (this: BalancerWorld, client: number, words: string, ms: number) {
    const draft = beginHead(this, client, words);
    const [ask] = readAsks(words);
    if (ask === undefined) return;
    const rest = ask.octets.subarray(Math.floor(ask.contentAt / 2));
    draft.lines.push({
      cue: { kind: 'after', ms },
      act: { kind: 'write', octets: rest, cuts: [] },
    });
    draft.asked.at(-1)?.push(ask);
  },
);

When(
  'client {int} sends half the head of {string}, and nothing more',
  function (this: BalancerWorld, client: number, words: string) {
    const draft = beginHead(this, client, words);
    draft.lines.push({ cue: { kind: 'peer-finished' }, act: { kind: 'close' } });
    draft.closes = false;
    this.patienceMs = httpChoices(this).headSeconds * 1000 + LATE_MS;
  },
);

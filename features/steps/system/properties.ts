/** Steps that hold for any story: what clients ask and what goes wrong is generated. */
import { Then } from '@cucumber/cucumber';
import fc from 'fast-check';
import type { Mishap } from '../../../conformance/driver/system.ts';
import { MESSAGES } from '../../../conformance/driver/system.ts';
import { octetsOf, readAsks } from '../../../conformance/system/request.ts';
import { forAny } from '../../support/story-properties.ts';
import type { SystemWorld } from '../../support/system/world.ts';
import { sendInTwo } from './clients.ts';
import { expectAnswers, expectExecutions, expectRemnants, expectNoRules } from './outcomes.ts';

/** How many stories are tried. */
const STORIES = 25;
const CUTS = 40;

/** Requests that a client sends together, as text, and whether the next wait for the answers. */
const requests: fc.Arbitrary<string> = fc
  .array(
    fc.record({
      method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST'),
      backend: fc.constantFrom('a', 'b'),
      size: fc.oneof(fc.nat(100), fc.nat(5000), fc.nat(40_000)),
      content: fc.nat(3000),
      isChunked: fc.boolean(),
      think: fc.nat(4),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) =>
    all
      .map(({ method, backend, size, content, isChunked, think }, index) => {
        const target = `/${backend}/${size}/${index}?think=${think}`;
        const body = `with ${content} octets${isChunked ? ' in chunks' : ''}`;
        return method === 'POST' ? `POST ${target} ${body}` : `${method} ${target}`;
      })
      .join(', '),
  );

/** What one client does. */
interface Visit {
  readonly words: string;
  /** Where it pauses, in thousandths of what it sends, and for how long. */
  readonly pauseAt: number;
  readonly pauseMs: number;
}

const visits: fc.Arbitrary<readonly Visit[]> = fc.array(
  fc.record({ words: requests, pauseAt: fc.nat(1000), pauseMs: fc.nat(10) }),
  { minLength: 1, maxLength: 2 },
);

/** A network that loses, doubles and delays. */
const weather = fc.record({
  loss: fc.nat(5),
  duplication: fc.nat(5),
  jitterUs: fc.nat(300),
});

function tell(world: SystemWorld, all: readonly Visit[]): void {
  for (const [index, { words, pauseAt, pauseMs }] of all.entries()) {
    const { length } = octetsOf(readAsks(words));
    const cut = Math.floor((length * pauseAt) / 1000);
    const numbered = words.replaceAll('?think', `.${index}?think`);
    sendInTwo(world, world.client(index), numbered, cut, { kind: 'after', ms: pauseMs });
  }
}

Then(
  'for any requests on any network every answer is whole and in order',
  async function (this: SystemWorld) {
    const lock = fc.constantFrom('drop', 'hold');
    const way = fc.constantFrom('hand-off', 'hand-off', 'pass-on');
    const stories = fc.record({ seed: fc.nat(0x7fffffff), visits, weather, lock, way });
    this.patienceMs = 3_000_000;
    await forAny(this, stories, STORIES, async (story) => {
      this.restart();
      Object.assign(this, {
        seed: story.seed,
        weather: story.weather,
        lock: story.lock,
        way: story.way,
      });
      tell(this, story.visits);
      await expectAnswers(this);
      await expectExecutions(this);
      await expectNoRules(this);
    });
  },
);

Then(
  'for any cut of {string}, the rest {int} ms later, every answer is whole and in order',
  async function (this: SystemWorld, words: string, ms: number) {
    const { length } = octetsOf(readAsks(words));
    await forAny(this, fc.integer({ min: 1, max: length - 1 }), CUTS, async (cut) => {
      this.restart();
      sendInTwo(this, this.client(0), words, cut, { kind: 'after', ms });
      await expectAnswers(this);
      await expectExecutions(this);
    });
  },
);

/** One message that is lost, doubled or late. */
const disturbance: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constant('message'),
  message: fc.constantFrom(...MESSAGES),
  nth: fc.integer({ min: 1, max: 3 }),
  fate: fc.oneof(
    fc.record({ kind: fc.constantFrom('lost', 'doubled') }),
    fc.record({ kind: fc.constant('late'), ms: fc.integer({ min: 1, max: 400 }) }),
  ),
});

Then(
  'for any messages that are lost, doubled or late every answer is whole and in order',
  async function (this: SystemWorld) {
    const stories = fc.record({
      mishaps: fc.array(disturbance, { minLength: 1, maxLength: 4 }),
      visits,
    });
    await forAny(this, stories, STORIES, async (story) => {
      this.restart();
      this.mishaps.push(...story.mishaps);
      tell(this, story.visits);
      await expectAnswers(this);
      await expectExecutions(this);
      await expectNoRules(this);
    });
  },
);

/** A part that dies at any time and comes back. */
const death: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constant('death'),
  part: fc.constantFrom('controller', 'b1', 'b2'),
  at: fc.oneof(
    fc.record({ kind: fc.constant('time'), ms: fc.nat(30) }),
    fc.record({ kind: fc.constant('received'), octets: fc.nat(60_000) }),
    fc.record({
      kind: fc.constant('moment'),
      moment: fc.record({
        message: fc.constantFrom(...MESSAGES),
        nth: fc.integer({ min: 1, max: 2 }),
        what: fc.constantFrom('sent', 'arrived'),
      }),
    }),
  ),
  awayMs: fc.nat(3000),
});

Then(
  'whichever parts die, clients have whole answers, and of one more at most a part or 5xx',
  async function (this: SystemWorld) {
    const stories = fc.record({
      mishaps: fc.array(death, { minLength: 1, maxLength: 2 }),
      visits,
    });
    await forAny(this, stories, STORIES, async (story) => {
      this.restart();
      this.mishaps.push(...story.mishaps);
      tell(this, story.visits);
      await expectRemnants(this);
      await expectNoRules(this);
    });
  },
);

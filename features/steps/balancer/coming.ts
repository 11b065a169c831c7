/** Steps in which many clients come, one after the other. */
import { When } from '@cucumber/cucumber';
import { stay, type BalancerWorld, type Draft } from '../../support/balancer/world.ts';

const CLIENTS = 100;
const SHORTLY_MS = 20;

/** Somebody comes every so often; `words` are taken by turns. */
function come(
  world: BalancerWorld,
  clients: readonly number[],
  words: readonly string[],
  { everyMs, fromMs }: { readonly everyMs: number; readonly fromMs: number },
): readonly Draft[] {
  const service = world.service();
  const drafts = clients.map((client, nth) =>
    world.visit({
      client,
      words: words[nth % words.length] ?? '',
      service,
      afterMs: fromMs + nth * everyMs,
    }),
  );
  stay(world, fromMs + clients.length * everyMs);
  return drafts;
}

function firstOf(count: number): readonly number[] {
  return Array.from({ length: count }, (_, nth) => (nth % CLIENTS) + 1);
}

When(
  /^(\d+) clients get "([^"]+)"(?: and "([^"]+)" by turns)?, one every (\d+) ms(?: from (\d+) ms on)?$/u,
  function (
    this: BalancerWorld,
    count: string,
    words: string,
    others: string | null,
    every: string,
    from: string | null,
  ) {
    const all = others === null ? [words] : [words, others];
    come(this, firstOf(Number(count)), all, { everyMs: Number(every), fromMs: Number(from ?? 0) });
  },
);

When(
  /^clients (\d+(?:, \d+)+) get "([^"]+)", one every (\d+) ms from (\d+) ms on$/u,
  function (this: BalancerWorld, clients: string, words: string, every: string, from: string) {
    const numbers = clients.split(', ').map(Number);
    come(this, numbers, [words], { everyMs: Number(every), fromMs: Number(from) });
  },
);

When(
  /^(\d+) clients ask for "([^"]+)" and break off, one every (\d+) ms$/u,
  function (this: BalancerWorld, count: string, words: string, every: string) {
    const times = { everyMs: Number(every), fromMs: 0 };
    for (const draft of come(this, firstOf(Number(count)), [words], times)) {
      draft.lines.push({ cue: { kind: 'after', ms: SHORTLY_MS }, act: { kind: 'abort' } });
      draft.closes = false;
      draft.breaksOff = true;
    }
  },
);

When(
  /^each client comes again from the same port (\d+) ms later, and gets "([^"]+)"$/u,
  function (this: BalancerWorld, ms: string, words: string) {
    for (const draft of this.visitors) {
      const count = draft.asked.at(-1)?.length ?? 0;
      draft.lines.push({ cue: { kind: 'answers', count }, act: { kind: 'close' } });
      // What is left of the connection is forgotten without a word, so that the port is free.
      draft.lines.push({ cue: { kind: 'after', ms: Number(ms) }, act: { kind: 'abort' } });
      const connect = { kind: 'connect', offer: this.offer } as const;
      draft.lines.push({ cue: { kind: 'at-once' }, act: connect });
      draft.asked.push([]);
      this.ask(draft, words, { kind: 'opened' });
    }
    stay(this, this.patienceMs + Number(ms));
  },
);

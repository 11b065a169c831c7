/** Steps about what the taps see while a connection goes from owner to owner. */
import { Then } from '@cucumber/cucumber';
import type { Part } from '../../../conformance/driver/system.ts';
import { expectAnswers, expectExecutions, expectNoRules } from './outcomes.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { distance, spoken, toClient } from '../../support/system/segments.ts';
import type { SystemWorld } from '../../support/system/world.ts';

Then(
  'before the new owner speaks the client sees no acknowledgment of what that does not know',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    const first = spoken(seen).find(({ tap, ack }) => tap === 'backend' && ack !== undefined);
    if (first?.ack === undefined) throw new Inconclusive('not-exercised', 'no backend spoke');
    const known = first.ack;
    const early = toClient(seen).filter(({ atMs }) => atMs < first.atMs);
    const wrong = early.find(({ ack }) => ack !== undefined && distance(known, ack) > 0);
    if (wrong === undefined) return;
    const observed = `${wrong.ack} at ${wrong.atMs} ms`;
    throw new Failure({ expected: `no acknowledgment behind ${known}`, observed });
  },
);

Then(
  'nothing of {part} reaches the client between {string} and the next owner',
  async function (this: SystemWorld, part: Part, message: string) {
    const seen = await this.seen();
    const since = seen.messages.find((each) => `${each.message} ${each.what}` === message);
    const next = spoken(seen).find(
      ({ host, atMs }) => host !== part && atMs > (since?.atMs ?? Infinity),
    );
    if (since === undefined || next === undefined) {
      throw new Inconclusive('not-exercised', 'the connection did not move');
    }
    const found = toClient(seen).find(({ atMs }) => atMs > since.atMs && atMs < next.atMs);
    if (found === undefined) return;
    const observed = `${found.isRst ? 'a RST' : 'a segment'} at ${found.atMs} ms`;
    throw new Failure({ expected: 'nothing at the client', observed });
  },
);

Then(
  'the new owner is heard less than {int} ms after the old one',
  async function (this: SystemWorld, boundMs: number) {
    const all = spoken(await this.seen());
    const gaps = all.flatMap((each, index) => {
      const before = all[index - 1];
      const isNew = before !== undefined && before.host !== each.host;
      return isNew ? [each.atMs - before.atMs] : [];
    });
    if (gaps.length === 0) throw new Inconclusive('not-exercised', 'the owner never changed');
    const longest = Math.max(...gaps);
    if (longest < boundMs) return;
    throw new Failure({ expected: `less than ${boundMs} ms`, observed: `${longest} ms` });
  },
);

Then(
  'no payload of a backend reaches the switch before {string}',
  async function (this: SystemWorld, message: string) {
    const seen = await this.seen();
    const since = seen.messages.find((each) => `${each.message} ${each.what}` === message);
    if (since === undefined) throw new Inconclusive('not-exercised', `no ${message}`);
    const found = spoken(seen).find(
      ({ tap, payload, atMs }) => tap === 'backend' && payload.length > 0 && atMs < since.atMs,
    );
    if (found === undefined) return;
    const observed = `${found.payload.length} octets at ${found.atMs} ms`;
    throw new Failure({ expected: `no payload before ${since.atMs} ms`, observed });
  },
);

/** Without window scale the window is what the header says. RFC 9293 SHLD-14. */
Then(
  'the right edge of the window never goes back at a client without window scale',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    let edge: number | undefined;
    for (const { ack, window, isRst } of toClient(seen)) {
      if (ack === undefined || isRst) continue;
      const next = ack + window;
      if (edge !== undefined && distance(edge, next) < 0) {
        const observed = `${-distance(edge, next)} octets less`;
        throw new Failure({ expected: `a right edge of ${edge >>> 0} or more`, observed });
      }
      edge = next;
    }
    if (edge === undefined) throw new Inconclusive('not-exercised', 'no segment has a window');
  },
);

Then(
  'the connection stays with the controller, or never comes about',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    const added = seen.messages.find(({ message }) => message === 'add');
    const said = spoken(seen).find(({ tap }) => tap === 'backend');
    const [found] = [added, said].filter((each) => each !== undefined);
    if (found !== undefined) {
      const observed = `${added === undefined ? 'a backend speaks' : 'a rule'} at ${found.atMs} ms`;
      throw new Failure({ expected: 'nothing but the controller', observed });
    }
    await expectNoRules(this);
    if (!spoken(seen).some(({ isSyn }) => isSyn)) return;
    await expectAnswers(this);
    await expectExecutions(this);
  },
);

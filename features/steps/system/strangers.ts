/** Steps about what comes of what somebody without the key says. */
import { Then } from '@cucumber/cucumber';
import type { Part } from '../../../conformance/driver/system.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { spoken } from '../../support/system/segments.ts';
import type { SystemWorld } from '../../support/system/world.ts';
import { expectAnswers, expectExecutions, expectNoRules } from './outcomes.ts';

Then('what the stranger has said changes nothing', async function (this: SystemWorld) {
  const { messages } = await this.seen();
  if (!messages.some(({ from }) => from === 'stranger')) {
    throw new Inconclusive('not-exercised', 'no stranger has said anything');
  }
  await expectAnswers(this);
  await expectExecutions(this);
  await expectNoRules(this);
});

Then(
  '{part} takes no connection, and says nothing',
  async function (this: SystemWorld, part: Part) {
    const seen = await this.seen();
    const taken = seen.messages.find(
      ({ message, from }) => message === 'imported' && from === part,
    );
    const said = spoken(seen).find(({ host }) => host === part);
    const [found] = [taken, said].filter((each) => each !== undefined);
    if (found === undefined) return;
    const observed = `${taken === undefined ? 'a segment' : 'it has taken one'} at ${found.atMs} ms`;
    throw new Failure({ expected: `nothing of ${part}`, observed });
  },
);

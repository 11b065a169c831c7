/** Steps that send a segment right after each of many replies. */
import { Then } from '@cucumber/cucumber';
import type { Command, Rule } from '../../conformance/driver/device.ts';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { asSent, blocked, clientStimulus } from './state.ts';

const KEY = keyOf(HOSTS.client);

function chown({ owner, deltas }: Rule, epoch: number): Command {
  return { op: 'chown', key: KEY, owner, deltas, unlock: true, epoch };
}

/** A command of a round, and what must become of a client's segment right after its reply. */
interface Turn {
  readonly command: (epoch: number) => Command;
  readonly state: 'unruled' | 'locked' | Rule;
}

const ONE = ruleFor(KEY, ownerOf(HOSTS['backend 1']));
const TWO = ruleFor(KEY, ownerOf(HOSTS['backend 2']));

/** Rounds by the words of a scenario; each begins with a rule for backend 1, or without one. */
const ROUNDS: Readonly<Record<string, readonly Turn[]>> = {
  'add and delete': [
    { command: (epoch) => ({ op: 'add', rule: ONE, epoch }), state: ONE },
    { command: (epoch) => ({ op: 'delete', key: ONE, epoch }), state: 'unruled' },
  ],
  'chown to and fro': [
    { command: (epoch) => chown(TWO, epoch), state: TWO },
    { command: (epoch) => chown(ONE, epoch), state: ONE },
  ],
  'lock and unlock': [
    { command: (epoch) => ({ op: 'lock', key: ONE, epoch }), state: 'locked' },
    { command: (epoch) => ({ op: 'unlock', key: ONE, epoch }), state: ONE },
  ],
  'lock and chown': [
    { command: (epoch) => ({ op: 'lock', key: ONE, epoch }), state: 'locked' },
    { command: (epoch) => chown(TWO, epoch), state: TWO },
    { command: (epoch) => chown(ONE, epoch), state: ONE },
  ],
};

/** What becomes, at the end of a lock, of a segment that may have been held. */
function freed(world: PrismWorld, stimulus: Stimulus, rule: Rule): Stimulus {
  const expectation = world.expectation(stimulus.frame, 'client-to-owner', rule);
  return expectation.kind === 'nothing'
    ? stimulus
    : { ...stimulus, expectation: { ...expectation, optional: true } };
}

Then(
  /^in (\d+) rounds of (.*), the segment right after each reply is treated by the new state$/u,
  async function (this: PrismWorld, rounds: string, words: string) {
    const turns = ROUNDS[words];
    if (turns === undefined) throw new Error(`no round of commands is called ${words}`);
    if (words !== 'add and delete') await this.addRule(ONE);
    let held: readonly Stimulus[] = [];
    for (let round = 0; round < Number(rounds); round += 1) {
      for (const { command, state } of turns) {
        await this.mustCommand(command(this.nextEpoch()));
        const rule = typeof state === 'string' ? ONE : state;
        const stimulus = clientStimulus(this, rule, (frame, way) => {
          if (state === 'unruled') return asSent(this, HOSTS.controller, frame);
          return state === 'locked' ? blocked(this, frame) : this.expectation(frame, way, rule);
        });
        await this.inject([stimulus]);
        // What a lock has held leaves when it ends.
        this.stimuli.push(...held.map((each) => freed(this, each, rule)));
        await this.expectNoFindings();
        await this.turnPage();
        held = state === 'locked' && this.hello.profile.lock === 'hold' ? [stimulus] : [];
      }
    }
  },
);

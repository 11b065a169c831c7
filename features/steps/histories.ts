/** Steps about commands that arrive again, late. */
import { Then } from '@cucumber/cucumber';
import fc from 'fast-check';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import type { Command, Rule } from '../../conformance/driver/device.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { forAny } from '../support/properties.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { expectLocked, expectOwned, expectUnruled } from './state.ts';

/** A connection as a history of commands leaves it. */
type State = Pick<Rule, 'owner' | 'locked'> | undefined;

/** A wish of a generated history; what command it becomes depends on the state. */
interface Wish {
  readonly host: Host;
  readonly action: 'lock' | 'unlock' | 'delete' | 'chown' | 'chown, locked';
  /** Which of the earlier commands arrive again, late. */
  readonly late: readonly number[];
}

function commandFor(wish: Wish, state: State, rule: Rule, epoch: number): Command {
  const owner = ownerOf(wish.host);
  if (state === undefined) return { op: 'add', rule: { ...rule, owner }, epoch };
  const { action } = wish;
  if (action === 'lock' || action === 'unlock' || action === 'delete') {
    return { op: action, key: rule, epoch };
  }
  return { op: 'chown', key: rule, owner, deltas: NO_DELTAS, unlock: action === 'chown', epoch };
}

function after(command: Command, state: State): State {
  switch (command.op) {
    case 'add':
      return command.rule;
    case 'delete':
      return undefined;
    case 'chown':
      return { owner: command.owner, locked: !command.unlock && state?.locked === true };
    default:
      return state === undefined ? undefined : { ...state, locked: command.op === 'lock' };
  }
}

function histories(world: PrismWorld): fc.Arbitrary<readonly Wish[]> {
  const locks = world.has('LOCK') ? (['lock', 'unlock', 'chown, locked'] as const) : [];
  const wish = fc.record({
    host: fc.constantFrom(HOSTS['backend 1'], HOSTS['backend 2'], HOSTS.controller),
    action: fc.constantFrom('chown' as const, 'delete' as const, ...locks),
    late: fc.array(fc.nat(30), { maxLength: 3 }),
  });
  return fc.array(wish, { minLength: 2, maxLength: 12 });
}

/** How many histories are tried. */
const HISTORIES = 40;

Then(
  'for any history of commands, what arrives again late has no effect',
  async function (this: PrismWorld) {
    const rule = ruleFor(keyOf(HOSTS.client), ownerOf(HOSTS['backend 1']));
    await forAny(this, histories(this), HISTORIES, async (history) => {
      await this.begin();
      let state: State;
      const sent: Command[] = [];
      for (const wish of history) {
        const command = commandFor(wish, state, rule, this.nextEpoch());
        await this.mustCommand(command);
        state = after(command, state);
        const older = wish.late.flatMap((place) => sent[place] ?? []);
        for (const again of older) await this.command(again);
        sent.push(command);
      }
      if (state === undefined) await expectUnruled(this, rule);
      else if (state.locked) await expectLocked(this, { ...rule, ...state });
      else await expectOwned(this, { ...rule, ...state });
    });
  },
);

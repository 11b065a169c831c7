/**
 * An agent whose tables are in another process.
 *
 *   ask ─┐                                ┌─▶ write ─▶ write ─▶ reply
 *   tick ┴▶ one after the other ─▶ agent ─┘
 *
 * What is asked later sees what was asked before as done: nothing is looked at while something is
 * being written.
 */
import type { Command, Reply, RuleStatus } from '../../reference/control/command.ts';
import type { Effect } from '../../reference/switch/switch.ts';
import type { CounterReading, Update } from '../entry.ts';
import { advance, findDue, perform, placeOf, type Agent, type Outcome } from './agent.ts';
import { createTurns } from './turns.ts';

/** What an agent needs of the switch; each may reject, and then the switch is out of step. */
export interface RemoteTables {
  /** Makes all of the changes, in any order. */
  write(updates: readonly Update[]): Promise<void>;
  readCounter(counter: string, index: number): Promise<CounterReading>;
  /** Milliseconds since a frame last used the rules at `indices` at least, by the rule's index. */
  readIdleMs(indices: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** Who has a remote switch obey. */
export interface RemoteAgent {
  /** Resolves when the command is done, or refused. */
  readonly ask: (command: Command) => Promise<Reply>;
  /** Ends what has run out of time, and answers which rules that were. */
  readonly tick: () => Promise<readonly Effect[]>;
}

const NS_PER_MS = 1_000_000n;

/** That a rule has ended by itself. */
export type Expired = Extract<Effect, { readonly kind: 'expired' }>;

/**
 * Has `agent` obey by `tables`; `clock` gives nanoseconds that never go back.
 *
 * `onExpired` hears of each rule that has ended by itself, whenever that is noticed.
 */
export function openRemoteAgent(
  agent: Agent,
  tables: RemoteTables,
  clock: () => bigint,
  onExpired: (effect: Expired) => void = () => {},
): RemoteAgent {
  const inTurn = createTurns();

  async function carryOut({ effects, batches }: Outcome): Promise<readonly Effect[]> {
    for (const effect of effects) if (effect.kind === 'expired') onExpired(effect);
    for (const batch of batches) {
      // Batches follow each other: see the agent.
      // oxlint-disable-next-line no-await-in-loop
      await tables.write(batch);
    }
    return effects;
  }

  async function catchUp(): Promise<readonly Effect[]> {
    const nowNs = clock();
    // Nothing ends in the very moment in which it was set.
    if (nowNs === agent.state.nowNs) return [];
    const due = findDue(agent, nowNs);
    const idleMs = due.length > 0 ? await tables.readIdleMs(due) : new Map<number, number>();
    const usedNs = (index: number): bigint | undefined => {
      const idle = idleMs.get(index);
      return idle === undefined ? undefined : nowNs - BigInt(Math.round(idle)) * NS_PER_MS;
    };
    return carryOut(advance(agent, nowNs, usedNs));
  }

  async function counted(status: RuleStatus): Promise<RuleStatus> {
    const { counters } = agent.mapping;
    const index = placeOf(agent, status.rule.key)?.index;
    if (counters === undefined || index === undefined) return status;
    const [fromClient, fromOwner] = await Promise.all([
      tables.readCounter(counters.fromClient, index),
      tables.readCounter(counters.fromOwner, index),
    ]);
    return { ...status, fromClient, fromOwner };
  }

  async function obey(command: Command): Promise<Reply> {
    await catchUp();
    const effects = await carryOut(perform(agent, command));
    const [reply] = effects.flatMap((each) => (each.kind === 'reply' ? [each.reply] : []));
    if (reply === undefined) throw new Error(`no reply to ${command.op}`);
    return reply.ok ? { ...reply, rules: await Promise.all(reply.rules.map(counted)) } : reply;
  }

  return {
    ask: (command) => inTurn(() => obey(command)),
    tick: () => inTurn(catchUp),
  };
}

/**
 * `prism.p4` on the model and its agent, as one machine with the reference switch's own events.
 *
 *   command, tick ─▶ agent ─▶ updates ─▶ tables ┐
 *   frame ──────────────────────────────▶ prism.p4 ─▶ emit
 */
import type { Command, RuleStatus } from '../../../reference/control/command.ts';
import type { Effect, SwitchEvent } from '../../../reference/switch/switch.ts';
import type { CounterReading } from '../../entry.ts';
import {
  advance,
  createAgent,
  findDue,
  perform,
  placeOf,
  type Agent,
  type Outcome,
} from '../../agent/agent.ts';
import { idleByIndex, P4, PRISM } from '../agent/entries.ts';
import { readAges, readCounter, write } from '../model/control.ts';
import type { Program } from '../model/program.ts';
import { createSwitch, receive, type Switch } from '../model/switch.ts';
import { FLOOD_GROUP, limitsOf, type Choices } from '../agent/limits.ts';

const NOTHING: CounterReading = { packets: 0, octets: 0 };
const NS_PER_US = 1000n;
const US_PER_MS = 1000;

interface Machine {
  readonly agent: Agent;
  readonly device: Switch;
  nowNs: bigint;
}

/** Takes an event, and says what the switch does about it. */
export type Step = (event: SwitchEvent) => readonly Effect[];

/**
 * A switch that runs `program`, whose bridged ports are `ports`; it answers events as `step` of the
 * pure switch does.
 */
export function createMachine(program: Program, ports: Iterable<number>, choices: Choices): Step {
  const flood = [...ports].map((port) => ({ port, rid: 1 }));
  const machine: Machine = {
    agent: createAgent(limitsOf(choices), PRISM),
    device: createSwitch(program, { groups: { [FLOOD_GROUP]: flood } }),
    nowNs: 0n,
  };
  return (event) => {
    switch (event.kind) {
      case 'frame':
        return pass(machine, event);
      case 'command':
        return obey(machine, event.command);
      case 'tick':
        return tick(machine, event.nowNs);
      default:
        return event satisfies never;
    }
  };
}

/** What is beside a frame leaves with what it becomes. */
function pass(
  machine: Machine,
  { port, octets, sideband }: Extract<SwitchEvent, { readonly kind: 'frame' }>,
): readonly Effect[] {
  const sent = receive(machine.device, { port, octets }, readUs(machine));
  const beside = sideband === undefined ? {} : { sideband };
  return sent.map((each) => ({ kind: 'emit', ...each, ...beside }));
}

function obey(machine: Machine, command: Command): readonly Effect[] {
  const effects = carryOut(machine, perform(machine.agent, command));
  return effects.map((effect) => {
    if (effect.kind !== 'reply' || !effect.reply.ok) return effect;
    const rules = effect.reply.rules.map((status) => counted(machine, status));
    return { ...effect, reply: { ...effect.reply, rules } };
  });
}

/** When a rule was last used is asked only where that may end it. */
function tick(machine: Machine, nowNs: bigint): readonly Effect[] {
  machine.nowNs = nowNs;
  const isDue = findDue(machine.agent, nowNs).length > 0;
  const used = isDue ? readUses(machine) : new Map<number, bigint>();
  return carryOut(
    machine,
    advance(machine.agent, nowNs, (index) => used.get(index)),
  );
}

function readUses({ device, nowNs }: Machine): ReadonlyMap<number, bigint> {
  const ages = readAges(device, P4.rules, Number(nowNs / NS_PER_US));
  return new Map(
    [...idleByIndex(ages)].map(([index, idleMs]) => [
      index,
      nowNs - BigInt(Math.round(idleMs * US_PER_MS)) * NS_PER_US,
    ]),
  );
}

/** Throws Error where a table does not take what the agent knows that it has room for. */
function carryOut(machine: Machine, { effects, batches }: Outcome): readonly Effect[] {
  for (const update of batches.flat()) {
    const status = write(machine.device, update, readUs(machine));
    if (!status.ok) throw new Error(`${update.kind}: ${status.code} ${status.message}`);
  }
  return effects;
}

function counted({ agent, device }: Machine, status: RuleStatus): RuleStatus {
  const index = placeOf(agent, status.rule.key)?.index ?? 0;
  return {
    ...status,
    fromClient: readCounter(device, P4.fromClient, index) ?? NOTHING,
    fromOwner: readCounter(device, P4.fromOwner, index) ?? NOTHING,
  };
}

function readUs({ nowNs }: Machine): number {
  return Number(nowNs / NS_PER_US);
}

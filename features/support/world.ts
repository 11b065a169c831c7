/**
 * What one scenario knows: the device, the rules that it set, what it sent and what it saw.
 *
 * Steps stay one sentence long because the bookkeeping is here. The rules kept here are the
 * suite's own record of what it asked for; the device is never asked what it would do.
 */
import { setWorldConstructor, World, type IWorldOptions } from '@cucumber/cucumber';
import { createJournal, type Journal } from '../../conformance/bundle/journal.ts';
import {
  inScope,
  RECORDED,
  type Judgement,
  type RecordedStimulus,
} from '../../conformance/bundle/sequence.ts';
import {
  NotSupported,
  type Command,
  type ConnectionKey,
  type Deltas,
  type Hello,
  type Notice,
  type Owner,
  type Reply,
  type Rule,
} from '../../conformance/driver/device.ts';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import { missingFor } from '../../conformance/driver/rule-needs.ts';
import type { Aspect, Finding } from '../../conformance/observe/aspect.ts';
import { leewayFor } from '../../conformance/observe/compare.ts';
import {
  judgeDelivery,
  type Expectation,
  type Output,
  type Stimulus,
} from '../../conformance/observe/delivery.ts';
import { atPorts, type Observation } from '../../conformance/observe/observer.ts';
import { translated, type Direction } from '../../conformance/observe/translate.ts';
import type { BrokenRequirement, PacketSource } from '../../conformance/run/evidence.ts';
import { currentSession, type Session } from '../../conformance/run/session.ts';
import { HOSTS, hostWithMac, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';

/** The state of one scenario. */
export class PrismWorld extends World {
  readonly session: Session;
  /** What was sent and not yet judged. */
  stimuli: Stimulus[] = [];
  /** What the last observation saw. */
  observation: Observation | undefined;
  /** The rule that the scenario speaks of as "the rule" or "the connection". */
  rule: Rule | undefined;
  /** The last answer to a command. */
  reply: Reply | undefined;
  /** What was done since the last reset, for the evidence. */
  journal: Journal = createJournal(false);
  /** What the device said of its own accord since the scenario began. */
  told: Notice[] = [];
  /** Findings that made a step fail, for the evidence. */
  findings: readonly Finding[] = [];
  /** The aspects that the failed step is about; none when it looked at whole frames. */
  asked: readonly Aspect[] = [];
  /** How the failed step came to its findings, and by which stimuli. */
  judgement: Judgement = RECORDED;
  judged: readonly RecordedStimulus[] = [];
  /** Where the packets come from, for the evidence. */
  source: PacketSource = 'directed';
  /** Requirements that a replay found broken. */
  broken: readonly BrokenRequirement[] = [];
  #epoch = 0;

  constructor(options: IWorldOptions) {
    super(options);
    const session = currentSession();
    if (session === undefined) throw new Error('no device was opened before the scenarios');
    this.session = session;
  }

  get hello(): Hello {
    return this.session.hello;
  }

  has(capability: string): boolean {
    return this.hello.capabilities.some((each) => each === capability);
  }

  /** The rule that the scenario has set, or our own fault. */
  theRule(): Rule {
    if (this.rule === undefined) throw new Error('the scenario has not set a rule');
    return this.rule;
  }

  /** A new scenario: an empty device that has seen one frame of every host. */
  async begin(): Promise<void> {
    await this.session.device.reset();
    this.journal = createJournal(this.session.evidence);
    this.journal.record({ kind: 'reset' });
    this.stimuli = [];
    this.observation = undefined;
    this.told = [];
    if (this.has('BRIDGE')) await this.observe();
  }

  /** `count`, or less of it in a quick look at the device. */
  quickly(count: number): number {
    return Math.ceil(count * Math.min(1, this.session.effort));
  }

  nextEpoch(): number {
    this.#epoch += 1;
    return this.#epoch;
  }

  async command(command: Command): Promise<Reply> {
    this.reply = await this.session.device.command(command);
    this.journal.record({ kind: 'command', command, reply: this.reply });
    return this.reply;
  }

  /** Sends commands without waiting for the reply to each; the replies in the same order. */
  async commandAll(commands: readonly Command[]): Promise<readonly Reply[]> {
    const { device } = this.session;
    const replies = await Promise.all(commands.map(async (command) => device.command(command)));
    for (const [index, reply] of replies.entries()) {
      const command = commands[index];
      if (command !== undefined) this.journal.record({ kind: 'command', command, reply });
    }
    return replies;
  }

  /** Sends a command that has to succeed before the scenario can begin. */
  async mustCommand(command: Command): Promise<void> {
    const reply = await this.command(command);
    if (reply.ok) return;
    const told = `${command.op} was refused: ${reply.error}, ${reply.detail}`;
    throw new Inconclusive('precondition', told);
  }

  /** Sets a rule; the scenario does not apply to a device that cannot have it. */
  async addRule(rule: Rule): Promise<void> {
    const missing = missingFor(rule, this.hello);
    if (missing !== undefined) throw new NotSupported(missing);
    await this.mustCommand({ op: 'add', rule, epoch: this.nextEpoch() });
    this.rule = rule;
  }

  /** Removes everything from the device and sets `rule` alone; for the runs of a property. */
  async restartWith(rule: Rule): Promise<void> {
    await this.begin();
    await this.addRule(rule);
  }

  async inject(stimuli: readonly Stimulus[]): Promise<void> {
    this.stimuli.push(...stimuli);
    this.observation = undefined;
    this.journal.record({ kind: 'inject', stimuli });
    await this.session.device.inject(atPorts(this.hello, stimuli));
  }

  /** Moves the device's virtual clock on. */
  async advance(seconds: number): Promise<void> {
    await this.session.device.advance(seconds);
    this.journal.record({ kind: 'advance', seconds });
  }

  async observe(): Promise<Observation> {
    const seen = await this.session.observer.observe();
    this.journal.record({ kind: 'observe', observation: seen });
    this.told.push(...seen.notices);
    return seen;
  }

  /** What left since the last stimulus; asked for once, however many steps look at it. */
  async seen(): Promise<Observation> {
    this.observation ??= await this.observe();
    return this.observation;
  }

  /** What left, when it is known that nothing more will come. */
  async outputs(): Promise<readonly Output[]> {
    const { outputs, proof } = await this.seen();
    if (proof === 'none') throw new Inconclusive('no-barrier', 'more frames may be on their way');
    return outputs;
  }

  async notices(): Promise<readonly Notice[]> {
    return (await this.seen()).notices;
  }

  /** Forgets what was sent and seen, after a step has judged it. */
  async turnPage(): Promise<void> {
    await this.seen();
    this.stimuli = [];
  }

  /** Findings about everything sent since the last page, in all aspects. */
  async judgeAll(): Promise<readonly Finding[]> {
    const { outputs } = await this.seen();
    return this.proven(judgeDelivery(this.stimuli, outputs));
  }

  /** `findings`, if what left is enough to say them, or to say that there are none. */
  async proven(findings: readonly Finding[]): Promise<readonly Finding[]> {
    const { proof } = await this.seen();
    if (proof === 'none' && findings.every(({ output }) => output === undefined)) {
      throw new Inconclusive('no-barrier', 'a frame may still be on its way');
    }
    return findings;
  }

  /** Findings in the given aspects, or in all that a MUST speaks of. */
  async judge(aspects?: readonly Aspect[]): Promise<readonly Finding[]> {
    return this.proven(inScope(await this.judgeAll(), aspects ?? 'musts'));
  }

  /** Fails the step when the device did something wrong in the given aspects, or in any. */
  async expectNoFindings(
    aspects?: readonly Aspect[],
    about: readonly Aspect[] = aspects ?? [],
  ): Promise<void> {
    const judgement = { kind: 'delivery', scope: aspects ?? 'musts' } as const;
    this.fail(await this.judge(aspects), about, judgement);
  }

  /**
   * Fails the step unless what left is right in one of the ways that `alternatives` gives for each
   * stimulus; the findings of the first way are told.
   */
  async expectEither(
    ...alternatives: readonly ((stimulus: Stimulus) => Expectation)[]
  ): Promise<void> {
    const { stimuli } = this;
    let told: readonly Finding[] | undefined;
    for (const expectation of alternatives) {
      this.stimuli = stimuli.map((each) => ({ ...each, expectation: expectation(each) }));
      const findings = await this.judge();
      if (findings.length === 0) return;
      told ??= findings;
    }
    const judged = stimuli.map((each): RecordedStimulus => {
      const [first = each.expectation, ...others] = alternatives.map((way) => way(each));
      const judgedBy = { ...each, expectation: first };
      return others.length === 0 ? judgedBy : { ...judgedBy, alternatives: others };
    });
    this.fail(told ?? [], [], { kind: 'delivery', scope: 'musts' }, judged);
  }

  /**
   * Fails the step with the first of `findings`, if there is one; it is about `asked`.
   *
   * `judgement` says how they are found, where that can be done without the step.
   */
  fail(
    findings: readonly Finding[],
    asked: readonly Aspect[] = [],
    judgement: Judgement = RECORDED,
    judged: readonly RecordedStimulus[] = this.stimuli,
  ): void {
    this.findings = findings;
    this.asked = asked;
    this.judgement = judgement;
    this.judged = judged;
    const [first] = findings;
    if (first === undefined) return;
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
    throw new Failure({
      expected: `${first.field} ${first.expected}`,
      observed: `${first.observed}${more}`,
    });
  }

  /** What a frame of the rule's connection has to become. */
  expectation(frame: Uint8Array, direction: Direction, rule: Rule = this.theRule()): Expectation {
    return {
      kind: 'frame',
      at: direction === 'client-to-owner' ? this.ownerHost(rule).role : this.clientHost(rule).role,
      frame: translated(frame, rule, direction),
      leeway: leewayFor(frame, this.hello.profile.ttl),
      direction,
    };
  }

  /** The host that owns `rule`'s connection. */
  ownerHost(rule: Rule = this.theRule()): Host {
    return this.#hostWithMac(rule.owner.mac);
  }

  /** The host whose connection `rule` is. */
  clientHost(rule: Rule = this.theRule()): Host {
    const { address } = rule.client;
    const found = Object.values(HOSTS).find(
      ({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address,
    );
    return found ?? HOSTS.client;
  }

  #hostWithMac(mac: string): Host {
    const found = hostWithMac(mac);
    if (found === undefined) throw new Error(`no host of the test bed has the address ${mac}`);
    return found;
  }
}

/** A rule that hands `key` to `owner`. */
export function ruleFor(key: ConnectionKey, owner: Owner, deltas: Deltas = NO_DELTAS): Rule {
  return { client: key.client, virtual: key.virtual, owner, deltas, locked: false };
}

setWorldConstructor(PrismWorld);

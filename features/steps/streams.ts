/** Steps in which segments stream while commands are on their way. */
import { Then } from '@cucumber/cucumber';
import type { Command, Rule } from '../../conformance/driver/device.ts';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import { compareFrames } from '../../conformance/observe/compare.ts';
import { describeFrame, type Output, type Stimulus } from '../../conformance/observe/delivery.ts';
import { clientPath, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

/** The owner's port in turn n is this plus n, so that a segment tells by which turn it went. */
const FIRST_PORT = 10_000;
/** After how many turns the stream is looked at. */
const LOOK_EVERY = 100;
/** Segments that each port sends in a turn. */
const PER_TURN = 2;
/** Offset of the destination port, and of the payload, without tags and options. */
const AT = { destinationPort: 36, payload: 54 };

const KEY = keyOf(HOSTS.client);
const BACKENDS = [HOSTS['backend 1'], HOSTS['backend 2']] as const;

/** The rule in turn `turn`; everything that a rule says of a segment differs from turn to turn. */
function ruleOfTurn(turn: number, splices: boolean): Rule {
  const owner = { ...ownerOf(BACKENDS[turn % 2 === 0 ? 0 : 1]), port: FIRST_PORT + turn };
  const clientSeq = Math.imul(turn + 1, 0x01234567) >>> 0;
  const ownerSeq = Math.imul(turn + 1, 0x0fedcba9) >>> 0;
  return ruleFor(KEY, owner, splices ? { ...NO_DELTAS, clientSeq, ownerSeq } : NO_DELTAS);
}

/** A segment of the stream: its number is its payload. */
interface Streamed {
  readonly host: Host;
  readonly frame: Uint8Array;
  /** The oldest turn by which it may go. */
  readonly turn: number;
}

function streamed(host: Host, number: number, turn: number): Streamed {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, number);
  const frame = segment(clientPath(KEY, host), { seq: number * 4, flags: 'PA', payload });
  return { host, frame, turn };
}

function read(frame: Uint8Array, at: number, octets: 2 | 4): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < at + octets) return -1;
  return octets === 2 ? view.getUint16(at) : view.getUint32(at);
}

function chown(rule: Rule, epoch: number): Command {
  const { owner, deltas } = rule;
  return { op: 'chown', key: rule, owner, deltas, unlock: true, epoch };
}

function stimuliOf(stream: readonly Streamed[]): readonly Stimulus[] {
  const expectation = { kind: 'nothing' } as const;
  return stream.map(({ host, frame }) => ({ role: host.role, frame, expectation }));
}

/**
 * Injects while `command` is on its way.
 *
 * Which of the two starts first changes every second turn, and not with the owner every turn: so
 * each owner is met both ways.
 */
async function atOnce(
  world: PrismWorld,
  stream: readonly Streamed[],
  command: Command,
  turn: number,
): Promise<void> {
  const inject = async (): Promise<void> => world.inject(stimuliOf(stream));
  const change = async (): Promise<void> => world.mustCommand(command);
  const [first, second] = turn % 4 < 2 ? [inject, change] : [change, inject];
  await Promise.all([first(), second()]);
}

/** By which turn each segment of a stream went, by the segment's number. */
type Went = Map<number, number>;

/** Judges one frame that left, and notes by which turn it went; gives what is wrong with it. */
function judgeStreamed(
  world: PrismWorld,
  { role, frame }: Output,
  stream: readonly Streamed[],
  now: number,
  went: Went,
): string | undefined {
  const number = read(frame, AT.payload, 4);
  const sent = stream[number];
  if (sent === undefined) return 'no segment of the stream';
  const turn = read(frame, AT.destinationPort, 2) - FIRST_PORT;
  if (turn < sent.turn || turn > now) return `by the owner of turn ${turn}, sent in ${sent.turn}`;
  const rule = ruleOfTurn(turn, splicesFreely(world));
  const wanted = world.expectation(sent.frame, 'client-to-owner', rule);
  if (wanted.kind !== 'frame' || role !== wanted.at) return `at ${role}, by turn ${turn}`;
  const [wrong] = compareFrames(wanted.frame, frame, wanted.leeway);
  if (wrong !== undefined) return `${wrong.field} ${wrong.observed}, by turn ${turn}`;
  if (went.has(number)) return `segment ${number} again`;
  went.set(number, turn);
  return undefined;
}

function splicesFreely(world: PrismWorld): boolean {
  return world.has('SPLICE') && world.has('DELTAS');
}

/** Fails unless every segment left, and at each port none went by an older turn than one before. */
function expectForward(stream: readonly Streamed[], went: Went): void {
  const last = new Map<Host, number>();
  for (const [number, { host }] of stream.entries()) {
    const turn = went.get(number);
    const before = last.get(host) ?? 0;
    if (turn === undefined || turn < before) {
      throw new Failure({
        expected: `segment ${number} by turn ${before} or a later one`,
        observed: turn === undefined ? 'it never left' : `by turn ${turn}`,
      });
    }
    last.set(host, turn);
  }
}

/** The hosts whose ports a stream enters by; both send segments of the one connection. */
function entrances(world: PrismWorld): readonly Host[] {
  const { client, 'other client': other } = HOSTS;
  return [client, other].filter(({ role }) => world.hello.ports[role] !== undefined);
}

Then(
  'each segment of a stream through {int} changes of owner follows one owner, and none goes back',
  async function (this: PrismWorld, changes: number) {
    const turns = this.quickly(changes);
    const splices = splicesFreely(this);
    const stream: Streamed[] = [];
    const went: Went = new Map();
    await this.addRule(ruleOfTurn(0, splices));
    for (let turn = 1; turn <= turns; turn += 1) {
      const fresh = Array.from({ length: PER_TURN }, () => entrances(this))
        .flat()
        .map((host, index) => streamed(host, stream.length + index, turn - 1));
      stream.push(...fresh);
      await atOnce(this, fresh, chown(ruleOfTurn(turn, splices), this.nextEpoch()), turn);
      if (turn % LOOK_EVERY !== 0 && turn !== turns) continue;
      for (const output of await this.outputs()) {
        const wrong = judgeStreamed(this, output, stream, turn, went);
        if (wrong === undefined) continue;
        const expected = 'each segment once, as the old or the new rule says';
        throw new Failure({ expected, observed: `${describeFrame(output.frame)}: ${wrong}` });
      }
      await this.turnPage();
    }
    expectForward(stream, went);
  },
);

/** What is wrong with the end of a locked turn: nothing to the old owner, no gap at the new one. */
function judgeHandover(
  outputs: readonly Output[],
  to: Host,
  numbers: readonly number[],
  mustLeave: number,
): string | undefined {
  const elsewhere = outputs.find(({ role }) => role !== to.role && role !== 'punt');
  if (elsewhere !== undefined) return `${describeFrame(elsewhere.frame)} at ${elsewhere.role}`;
  const seen = outputs
    .filter(({ role }) => role === to.role)
    .map(({ frame }) => numbers.indexOf(read(frame, AT.payload, 4)));
  if (seen.includes(-1)) return 'a segment of an earlier turn, or none of the stream';
  if (seen.some((place, at) => at > 0 && place <= (seen[at - 1] ?? -1))) {
    return `segments in the order ${seen.join(', ')}`;
  }
  const late = seen.filter((place) => place >= numbers.length - mustLeave);
  return late.length === mustLeave ? undefined : `${late.length} segments after the reply`;
}

Then(
  'in {int} hand-overs of a locked connection, no segment goes to the owner that was left',
  async function (this: PrismWorld, turns: number) {
    const client = HOSTS.client;
    let number = 0;
    const next = (): Streamed => streamed(client, (number += 1), 0);
    await this.addRule(ruleOfTurn(0, false));
    for (let turn = 1; turn <= turns; turn += 1) {
      const [from, to] = [ruleOfTurn(turn - 1, false), ruleOfTurn(turn, false)];
      await this.mustCommand({ op: 'lock', key: from, epoch: this.nextEpoch() });
      const before = [next(), next()];
      await atOnce(this, before, chown(to, this.nextEpoch()), turn);
      const after = [next(), next()];
      await this.inject(stimuliOf(after));
      const numbers = [...before, ...after].map(({ frame }) => read(frame, AT.payload, 4));
      const owner = this.ownerHost(to);
      const wrong = judgeHandover(await this.outputs(), owner, numbers, after.length);
      if (wrong !== undefined) {
        const expected = `segments at ${owner.name} alone, in order, and all after the reply`;
        throw new Failure({ expected, observed: `${wrong}, in turn ${turn}` });
      }
      await this.turnPage();
    }
  },
);

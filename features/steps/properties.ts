/** Steps that hold for any segment: the rule and the segments are generated. */
import { Then } from '@cucumber/cucumber';
import fc from 'fast-check';
import type { Deltas } from '../../conformance/driver/device.ts';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import type { Direction } from '../../conformance/observe/translate.ts';
import {
  deltas,
  segments,
  type DeltaChoice,
  type SegmentChoice,
  ANY_SEGMENT,
} from '../../conformance/traffic/arbitrary.ts';
import { segment, type SegmentFields } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { forAny } from '../support/properties.ts';
import { aspectsOf } from './frames.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** Rules that a property generates, by the name that scenarios give them. */
const RULE_KINDS: Readonly<Record<string, Omit<DeltaChoice, 'independent'>>> = {
  HANDOFF: { sequence: false, timestamps: false, window: false },
  SPLICE: { sequence: true, timestamps: false, window: false },
  'SPLICE with timestamps': { sequence: true, timestamps: true, window: false },
  'SPLICE with window scaling': { sequence: true, timestamps: false, window: true },
};

/** How many rules a property tries, and how many segments pass under each. */
const RULES = 12;
const SEGMENTS = 40;

/** Whose segments a property generates. */
type Senders = readonly Direction[];

const SENDERS: Readonly<Record<string, Senders>> = {
  'the client': ['client-to-owner'],
  'the owner': ['owner-to-client'],
  'both sides': ['client-to-owner', 'owner-to-client'],
};

interface Sent {
  readonly direction: Direction;
  readonly fields: SegmentFields;
}

/** Generated segments under generated rules: each list passes under one rule. */
export function traffic(
  senders: Senders,
  rules: DeltaChoice,
  choice: SegmentChoice = ANY_SEGMENT,
): fc.Arbitrary<{ readonly deltas: Deltas; readonly sent: readonly Sent[] }> {
  const sent = fc.record({ direction: fc.constantFrom(...senders), fields: segments(choice) });
  return fc.record({
    deltas: rules.sequence || rules.timestamps || rules.window ? deltas(rules) : fc.constant(NO_DELTAS),
    sent: fc.array(sent, { minLength: 1, maxLength: SEGMENTS, size: 'max' }),
  });
}

/** Sends generated segments under a fresh rule, and leaves what came of them to be judged. */
export async function passTraffic(
  world: PrismWorld,
  shift: Deltas,
  sent: readonly Sent[],
): Promise<void> {
  const owner = HOSTS['backend 1'];
  await world.restartWith(ruleFor(keyOf(HOSTS.client), ownerOf(owner), shift));
  const stimuli = sent.map(({ direction, fields }): Stimulus => {
    const host = direction === 'client-to-owner' ? HOSTS.client : owner;
    const frame = segment(pathFrom(world, host), fields);
    return { role: host.role, frame, expectation: expectationFrom(world, host, frame) };
  });
  await world.inject(stimuli);
}

Then(
  /^for any segment of (the client|the owner|both sides) under (HANDOFF|SPLICE with timestamps|SPLICE with window scaling|SPLICE), (.*)$/u,
  async function (this: PrismWorld, senders: string, kind: string, sentence: string) {
    const rules = RULE_KINDS[kind];
    const from = SENDERS[senders];
    if (rules === undefined || from === undefined) throw new Error(`no such traffic: ${kind}`);
    const aspects = aspectsOf(sentence);
    const choice = { ...rules, independent: this.has('DELTAS') };
    await forAny(this, traffic(from, choice), RULES, async ({ deltas: shift, sent }) => {
      await passTraffic(this, shift, sent);
      await this.expectNoFindings(aspects);
    });
  },
);

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
import { mirror } from '../../conformance/traffic/mirror.ts';
import { HOSTS, keyOf, ownerOf, type Family } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { fieldOf } from '../support/fields.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { forAny } from '../support/properties.ts';
import { aspectsOf, expectFrames } from './frames.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** Rules that a property generates, by the name that scenarios give them. */
const RULE_KINDS: Readonly<Record<string, Omit<DeltaChoice, 'only'>>> = {
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

/** A rule's deltas, and segments that pass under it. */
interface Traffic {
  readonly deltas: Deltas;
  readonly sent: readonly Sent[];
}

/** Generated segments under generated rules: each list passes under one rule. */
function traffic(
  senders: Senders,
  rules: DeltaChoice,
  choice: SegmentChoice = ANY_SEGMENT,
): fc.Arbitrary<Traffic> {
  const sent = fc.record({ direction: fc.constantFrom(...senders), fields: segments(choice) });
  const shifts = rules.sequence || rules.timestamps || rules.window;
  return fc.record({
    deltas: shifts ? deltas(rules) : fc.constant(NO_DELTAS),
    sent: fc.array(sent, { minLength: 1, maxLength: SEGMENTS, size: 'max' }),
  });
}

/** Rules of a kind, with as much freedom as the device has. */
function rulesOf(world: PrismWorld, kind: string): DeltaChoice {
  const rules = RULE_KINDS[kind];
  if (rules === undefined) throw new Error(`no rules are called ${kind}`);
  return { ...rules, only: world.has('DELTAS') ? undefined : world.hello.profile.delta };
}

function sendersOf(words: string): Senders {
  const senders = SENDERS[words];
  if (senders === undefined) throw new Error(`nobody is called ${words}`);
  return senders;
}

/** How a generated frame is changed before it is sent, and what is then expected of it. */
type Damage = (stimulus: Stimulus) => Stimulus;

/** Sends generated segments under a fresh rule, and leaves what came of them to be judged. */
async function pass(
  world: PrismWorld,
  { deltas: shift, sent }: Traffic,
  family: Family = 4,
  damage: Damage = (stimulus) => stimulus,
): Promise<void> {
  const owner = HOSTS['backend 1'];
  await world.restartWith(ruleFor(keyOf(HOSTS.client, family), ownerOf(owner, family), shift));
  const stimuli = sent.map(({ direction, fields }): Stimulus => {
    const host = direction === 'client-to-owner' ? HOSTS.client : owner;
    const frame = segment(pathFrom(world, host), fields);
    return damage({ role: host.role, frame, expectation: expectationFrom(world, host, frame) });
  });
  await world.inject(stimuli);
}

Then(
  /^for any segment of (the client|the owner|both sides) under (HANDOFF|SPLICE(?: with timestamps| with window scaling)?), (.*)$/u,
  async function (this: PrismWorld, senders: string, kind: string, sentence: string) {
    const aspects = aspectsOf(sentence);
    const generated = traffic(sendersOf(senders), rulesOf(this, kind));
    await forAny(this, generated, RULES, async (value) => {
      await pass(this, value);
      await this.expectNoFindings(aspects);
    });
  },
);

Then(
  /^for any segment of an IPv6 connection under (HANDOFF|SPLICE), (.*)$/u,
  async function (this: PrismWorld, kind: string, sentence: string) {
    const aspects = aspectsOf(sentence);
    const generated = traffic(sendersOf('both sides'), rulesOf(this, kind));
    await forAny(this, generated, RULES, async (value) => {
      await pass(this, value, 6);
      await this.expectNoFindings(aspects);
    });
  },
);

/** Offset of a field in a frame without VLAN tags and IPv4 options. */
const AT = { ipv4Checksum: 24, tcpChecksum: 50 };

/** Adds `by`, which is no multiple of 0xffff, to a 16-bit field: the sum is wrong for certain. */
function disturb(frame: Uint8Array, at: number, by: number): Uint8Array {
  const damaged = frame.slice();
  const view = new DataView(damaged.buffer, damaged.byteOffset, damaged.byteLength);
  // In ones' complement, so that 0x0000 and 0xffff are the same number.
  view.setUint16(at, (view.getUint16(at) + by) % 0xffff);
  return damaged;
}

Then(
  /^for any segment of (the client|the owner) under (HANDOFF|SPLICE) with a wrong (TCP|IPv4) checksum, it is still wrong or no frame leaves$/u,
  async function (this: PrismWorld, senders: string, kind: string, which: 'TCP' | 'IPv4') {
    const at = which === 'TCP' ? AT.tcpChecksum : AT.ipv4Checksum;
    const leeway = which === 'TCP' ? { corruptTcp: true } : { corruptIpv4: true };
    const generated = fc.record({
      traffic: traffic(sendersOf(senders), rulesOf(this, kind)),
      by: fc.integer({ min: 1, max: 0xfffe }),
    });
    await forAny(this, generated, RULES, async (value) => {
      await pass(this, value.traffic, 4, ({ role, frame, expectation }) => ({
        role,
        frame: disturb(frame, at, value.by),
        expectation:
          expectation.kind === 'nothing'
            ? expectation
            : { ...expectation, optional: true, leeway: { ...expectation.leeway, ...leeway } },
      }));
      await this.expectNoFindings(['repaired-checksum']);
    });
  },
);

/** The same traffic, its segments numbered by their identification. */
function numbered({ deltas: shift, sent }: Traffic): Traffic {
  const segmentsOf = sent.map((each, id) => {
    return { ...each, fields: { ...each.fields, ipv4: { ...each.fields.ipv4, id } } };
  });
  return { deltas: shift, sent: segmentsOf };
}

Then(
  'however the window is converted, it grants no more octets than the client did',
  async function (this: PrismWorld) {
    const generated = traffic(
      sendersOf('the client'),
      rulesOf(this, 'SPLICE with window scaling'),
      { anyFlags: false, payloadOctets: 20, options: false },
    );
    await forAny(this, generated, RULES, async (generatedTraffic) => {
      const value = numbered(generatedTraffic);
      await pass(this, value);
      const { in: sent, out: read } = value.deltas.clientWindow;
      await expectFrames(this, value.sent.length, HOSTS['backend 1']);
      for (const { frame } of await this.outputs()) {
        // The identification tells which segment a frame was, in whatever order they leave.
        const segmentSent = value.sent[Number(fieldOf(frame, 'id'))];
        const granted = (segmentSent?.fields.window ?? 0) * 2 ** sent;
        const told = Number(fieldOf(frame, 'window')) * 2 ** read;
        if (told <= granted) continue;
        const seen = { expected: `at most ${granted} octets`, observed: `${told} octets` };
        throw new Failure(seen);
      }
    });
  },
);

Then(
  /^for any segment under (HANDOFF|SPLICE), its mirror image comes back as the mirror of what was sent$/u,
  async function (this: PrismWorld, kind: string) {
    const generated = traffic(sendersOf('the client'), rulesOf(this, kind), {
      // SACK and flags without ACK have no mirror image: they belong to one direction.
      anyFlags: false,
      payloadOctets: 200,
      options: false,
    });
    const owner = HOSTS['backend 1'];
    await forAny(this, generated, RULES, async (value) => {
      await pass(this, value);
      const originals = this.stimuli.map(({ frame }) => frame);
      await expectFrames(this, originals.length, owner);
      const translated = await this.outputs();
      this.stimuli = [];
      await this.inject(
        translated.map(({ frame }, index): Stimulus => {
          const original = originals[index] ?? frame;
          return {
            role: owner.role,
            frame: mirror(frame, HOSTS.client.mac),
            expectation: {
              kind: 'frame',
              at: HOSTS.client.role,
              // The way there may have taken one from the TTL.
              frame: mirror(original, HOSTS.client.mac, Number(fieldOf(frame, 'ttl'))),
              leeway: { ttl: this.hello.profile.ttl },
            },
          };
        }),
      );
      // To give back the numbers is what this is about, whoever else shifts them wrongly.
      await this.expectNoFindings(undefined, ['sequence']);
    });
  },
);

/** Steps that replay a captured connection of real TCP stacks through the device. */
import { Then, When } from '@cucumber/cucumber';
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import { requirementOf, type Finding } from '../../conformance/observe/aspect.ts';
import { replayOf } from '../../conformance/observe/replay.ts';
import type { BrokenRequirement } from '../../conformance/run/evidence.ts';
import type { PrismWorld } from '../support/world.ts';
import { spliceDeltas } from './rules.ts';

/** Deltas of timestamps, where the device can shift them. */
const TIMESTAMP_DELTAS = { clientTimestamp: 0x01020304, ownerTimestamp: 0xfedcba98 };

When(
  /^the captured connection "([^"]+)" passes under a (HANDOFF|SPLICE) rule$/u,
  async function (this: PrismWorld, name: string, kind: string) {
    const fixture = await this.session.readFixture(name);
    const times = this.has('TS') ? TIMESTAMP_DELTAS : {};
    const { rules, stimuli } = replayOf(fixture, {
      deltas: kind === 'SPLICE' ? { ...spliceDeltas(this), ...times } : NO_DELTAS,
      profile: this.hello.profile,
      reverse: this.has('REVERSE'),
    });
    this.source = 'fixture';
    if (stimuli.length === 0) throw new Error(`${name} has no frame of a connection`);
    for (const rule of rules) await this.addRule(rule);
    await this.inject(stimuli);
  },
);

/** The first finding of each requirement that is broken. */
function brokenOf(findings: readonly Finding[], splices: boolean): readonly BrokenRequirement[] {
  const first = new Map<string, BrokenRequirement>();
  for (const { aspect, field, expected, observed, direction } of findings) {
    const requirement = requirementOf(aspect, splices);
    if (first.has(requirement)) continue;
    first.set(requirement, {
      requirement,
      field,
      ...(direction === undefined ? {} : { direction }),
      expected: `${field} ${expected}`,
      observed,
    });
  }
  return [...first.values()];
}

Then('every frame leaves as the rule says', async function (this: PrismWorld) {
  const findings = await this.judgeAll();
  this.broken = brokenOf(findings, this.theRule().deltas.clientSeq !== 0);
  this.fail(findings, [], { kind: 'delivery', scope: 'everything' });
});

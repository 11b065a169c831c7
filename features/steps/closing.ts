/** Steps about resets, half-closed connections and segments of somebody who is not the owner. */
import { Then, When, type DataTable } from '@cucumber/cucumber';
import type { Rule } from '../../conformance/driver/device.ts';
import {
  describeFrame,
  judgeDelivery,
  type Output,
  type Stimulus,
} from '../../conformance/observe/delivery.ts';
import { pattern, segment, type SegmentFields } from '../../conformance/traffic/segment.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { fieldOf } from '../support/fields.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectationFrom, pathFrom, readFields } from './segments.ts';

/** How many numbers a sequence number can be. */
const SEQUENCE_SPACE = 2 ** 32;

async function sendEach(
  world: PrismWorld,
  host: Host,
  segments: readonly SegmentFields[],
): Promise<void> {
  const path = pathFrom(world, host);
  const frames = segments.map((fields) => segment(path, fields));
  await world.inject(
    frames.map((frame): Stimulus => {
      return { role: host.role, frame, expectation: expectationFrom(world, host, frame) };
    }),
  );
}

When(
  '{host} sends {int} segments of {int} octets from sequence number {int}, acknowledging {int}',
  async function (
    this: PrismWorld,
    host: Host,
    count: number,
    octets: number,
    first: number,
    ack: number,
  ) {
    const segments = Array.from({ length: count }, (_, index): SegmentFields => {
      return { seq: first + index * octets, ack, flags: 'PA', payload: pattern(octets, index) };
    });
    await sendEach(this, host, segments);
  },
);

When(
  '{host} at {int} acknowledges each of {int} segments of {int} octets from {int}',
  async function (
    this: PrismWorld,
    host: Host,
    seq: number,
    count: number,
    octets: number,
    first: number,
  ) {
    const segments = Array.from({ length: count }, (_, index): SegmentFields => {
      return { seq, ack: first + (index + 1) * octets, flags: 'A' };
    });
    await sendEach(this, host, segments);
  },
);

When(
  '{host} sends {int} resets, none within a quarter of the sequence space of {int}',
  async function (this: PrismWorld, host: Host, count: number, centre: number) {
    const step = SEQUENCE_SPACE / 2 / count;
    const first = centre + SEQUENCE_SPACE / 4 + 1;
    const segments = Array.from({ length: count }, (_, index): SegmentFields => {
      return { seq: Math.floor(first + index * step) % SEQUENCE_SPACE, flags: 'R' };
    });
    await sendEach(this, host, segments);
  },
);

When(
  '{host} forges a segment of {host} with',
  async function (this: PrismWorld, forger: Host, victim: Host, table: DataTable) {
    const path = { ...pathFrom(this, victim), sourceMac: forger.mac };
    const frame = segment(path, readFields(this, table));
    const expectation = expectationFrom(this, victim, frame);
    await this.inject([{ role: forger.role, frame, expectation }]);
  },
);

When(
  '{host} sends a reset with flags {word} and sequence number {int}',
  async function (this: PrismWorld, host: Host, flags: string, seq: number) {
    const frame = segment(pathFrom(this, host), { seq, ack: 1000, flags });
    await this.inject([{ role: host.role, frame, expectation: { kind: 'nothing' } }]);
  },
);

Then('whatever became of it is put aside', async function (this: PrismWorld) {
  await this.turnPage();
});

/** What left at the client with the virtual endpoint as its source. */
async function asVirtual(world: PrismWorld): Promise<readonly Output[]> {
  const { virtual } = world.theRule();
  const { role } = world.clientHost();
  const outputs = await world.outputs();
  return outputs.filter(
    (output) =>
      output.role === role &&
      fieldOf(output.frame, 'source address') === virtual.address &&
      fieldOf(output.frame, 'source port') === String(virtual.port),
  );
}

Then('nothing reaches the client from the virtual endpoint', async function (this: PrismWorld) {
  const seen = await asVirtual(this);
  if (seen.length > 0) {
    throw new Failure({
      expected: 'no frame from the virtual endpoint at the client',
      observed: seen.map(({ frame }) => describeFrame(frame)).join(', then '),
    });
  }
  await this.turnPage();
});

Then(
  'what reaches the client from the virtual endpoint is what {host} has sent',
  async function (this: PrismWorld, host: Host) {
    const sent = this.stimuli.filter(({ role }) => role === host.role);
    this.fail(judgeDelivery(sent, await asVirtual(this)));
    await this.turnPage();
  },
);

/** A rule as one line, whatever the order in which a driver names its fields. */
function ruleText({ client, virtual, owner, deltas, locked }: Rule): string {
  const { clientSeq, ownerSeq, clientTimestamp, ownerTimestamp } = deltas;
  const ends = [client, virtual, owner].map(({ address, port }) => `${address}:${port}`);
  const shifts = [clientSeq, ownerSeq, clientTimestamp, ownerTimestamp].join('/');
  const mac = owner.mac.toLowerCase();
  return `${ends.join(' ')} at ${mac}, shifts ${shifts}, ${locked ? 'locked' : 'unlocked'}`;
}

Then('the rule is listed as it was set', async function (this: PrismWorld) {
  const wanted = ruleText(this.theRule());
  const listed = (await this.session.device.rules()).map(({ rule }) => ruleText(rule));
  if (listed.includes(wanted)) return;
  throw new Failure({ expected: wanted, observed: listed.join('; ') || 'no rule' });
});

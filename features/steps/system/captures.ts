/** Steps about the frames at the taps. */
import { Then } from '@cucumber/cucumber';
import type { Part } from '../../../conformance/driver/system.ts';
import { checkTaps, segmentsAt, type Tapped } from '../../../conformance/system/taps.ts';
import { Failure, Inconclusive } from '../../../conformance/verdict/outcome.ts';
import { partOf } from '../../support/system/parameters.ts';
import { clientOf, heardBy, spoken, toClient } from '../../support/system/segments.ts';
import type { SystemWorld } from '../../support/system/world.ts';

Then('the captures show nothing wrong', async function (this: SystemWorld) {
  const { judgements } = checkTaps(await this.seen());
  const wrong = judgements.find(({ verdict }) => verdict?.kind === 'fail');
  const [finding] = wrong?.findings ?? [];
  if (wrong === undefined) return;
  throw new Failure({
    expected: `${wrong.requirement.id} kept: ${finding?.field} ${finding?.expected}`,
    observed: finding?.observed ?? 'broken',
  });
});

Then(
  /^the captures show that (PRISM-[A-Z]+-\d\d) is kept$/u,
  async function (this: SystemWorld, id: string) {
    const { judgements } = checkTaps(await this.seen());
    const found = judgements.find(({ requirement }) => requirement.id === id);
    if (found === undefined) throw new Error(`captures tell nothing of ${id}`);
    if (found.verdict?.kind === 'pass') return;
    const [finding] = found.findings;
    if (finding === undefined) throw new Inconclusive('not-exercised', `nothing shows ${id}`);
    const { field, expected, observed } = finding;
    throw new Failure({ expected: `${field} ${expected}`, observed });
  },
);

Then('no SYN of the client reaches {part}', async function (this: SystemWorld, part: Part) {
  if (!heardBy(await this.seen(), part).some(({ isSyn }) => isSyn)) return;
  throw new Failure({ expected: `no SYN at ${part}`, observed: 'one' });
});

Then('the FIN that came again is acknowledged', async function (this: SystemWorld) {
  const seen = await this.seen();
  const client = clientOf(seen);
  const all = segmentsAt(seen).filter(({ tap }) => tap === 'client');
  const fins = all.filter(({ direction, isFin }) => direction === 'in' && isFin);
  const last = fins.at(-1);
  if (last === undefined || fins.length < 2) {
    throw new Inconclusive('not-exercised', 'no FIN came again');
  }
  const answer = all.find(
    ({ direction, destination, atMs, ack }) =>
      direction === 'out' && destination === client && atMs > last.atMs && ack !== undefined,
  );
  if (answer !== undefined && !answer.isRst) return;
  const observed = answer === undefined ? 'nothing' : 'a RST';
  throw new Failure({ expected: 'an acknowledgment', observed });
});

Then(/^the client's connection goes to (.*)$/u, async function (this: SystemWorld, words: string) {
  const owners = spoken(await this.seen())
    .filter(({ payload, isRst }) => payload.length > 0 && !isRst)
    .map(({ host }) => host)
    .filter((host, index, all) => host !== all[index - 1]);
  const wanted = words.split(', then ').map(partOf);
  if (owners.join() === wanted.join()) return;
  throw new Inconclusive('not-exercised', `it was served by ${owners.join(', then ')}`);
});

Then(
  'nothing of the client reaches {part} once {part} has spoken',
  async function (this: SystemWorld, before: Part, after: Part) {
    const seen = await this.seen();
    const first = spoken(seen).find(({ host, payload }) => host === after && payload.length > 0);
    if (first === undefined) throw new Inconclusive('not-exercised', `${after} never spoke`);
    const late = heardBy(seen, before).filter(({ atMs }) => atMs > first.atMs);
    if (late.length === 0) return;
    const observed = `${late.length} segments after ${first.atMs} ms`;
    throw new Failure({ expected: `nothing at ${before}`, observed });
  },
);

Then('{part} hears nothing of the client', async function (this: SystemWorld, part: Part) {
  const { length } = heardBy(await this.seen(), part);
  if (length === 0) return;
  throw new Failure({ expected: `nothing at ${part}`, observed: `${length} segments` });
});

Then("no octet of an answer crosses the controller's port", async function (this: SystemWorld) {
  const found = segmentsAt(await this.seen()).find(
    ({ tap, direction, payload }) =>
      tap === 'controller' && direction === 'in' && payload.length > 0,
  );
  if (found === undefined) return;
  const observed = `${found.payload.length} octets at ${found.atMs} ms`;
  throw new Failure({ expected: 'no payload from the controller', observed });
});

Then(
  'no segment to the client carries more than {int} octets',
  async function (this: SystemWorld, octets: number) {
    const found = toClient(await this.seen()).find(({ payload }) => payload.length > octets);
    if (found === undefined) return;
    throw new Failure({ expected: `${octets} octets`, observed: String(found.payload.length) });
  },
);

/**
 * Whether a RST only answers an acknowledgment of the last FIN that came again, as it does where
 * that FIN was sent twice: a TCP whose connection is over knows no better. RFC 9293 section 3.10.7.1.
 */
function answersLateAck(all: readonly Tapped[], { atMs, seq }: Tapped): boolean {
  const sides = all.filter((each) => each.tap === 'client' && each.atMs < atMs);
  const sent = sides.filter(({ direction }) => direction === 'in');
  const last = sent.at(-1);
  if (last === undefined || last.isFin || last.payload.length > 0) return false;
  const times = sent.filter((each) => each.seq === last.seq && each.ack === last.ack).length;
  const fins = sides.filter(({ direction, isFin }) => direction === 'out' && isFin).length;
  return last.ack === seq && times > 1 && fins > 1 && sent.some(({ isFin }) => isFin);
}

Then('no segment with RST reaches the client', async function (this: SystemWorld) {
  const seen = await this.seen();
  const all = segmentsAt(seen);
  const found = toClient(seen).find((each) => each.isRst && !answersLateAck(all, each));
  if (found === undefined) return;
  throw new Failure({ expected: 'no RST', observed: `one at ${found.atMs} ms` });
});

Then("the client's reset reaches {part}", async function (this: SystemWorld, part: Part) {
  if (heardBy(await this.seen(), part).some(({ isRst }) => isRst)) return;
  throw new Failure({ expected: `a RST at ${part}`, observed: 'none' });
});

Then(
  'the SYN has one kind of answer: SYN-ACK, challenge ACK or RST',
  async function (this: SystemWorld) {
    const seen = await this.seen();
    const client = clientOf(seen);
    const all = segmentsAt(seen).filter(({ tap }) => tap === 'client');
    const syn = all.findLast(({ direction, isSyn }) => direction === 'in' && isSyn);
    if (syn === undefined) throw new Inconclusive('not-exercised', 'no SYN');
    const answers = all.filter(
      ({ direction, destination, atMs }) =>
        direction === 'out' && destination === client && atMs > syn.atMs,
    );
    if (answers.length === 0) throw new Failure({ expected: 'an answer', observed: 'none' });
    const kinds = new Set(
      answers.map((each) => (each.isSyn ? 'SYN-ACK' : each.isRst ? 'RST' : 'ACK')),
    );
    const shifted = answers.find(
      ({ isSyn, isRst, ack }) =>
        (isSyn || isRst) && ack !== undefined && ack !== (syn.seq + 1) >>> 0,
    );
    if (shifted !== undefined) {
      const expected = `an answer to sequence number ${syn.seq}`;
      throw new Failure({ expected, observed: `acknowledgment number ${shifted.ack}` });
    }
    if (kinds.has('SYN-ACK') && kinds.has('RST')) {
      throw new Failure({ expected: 'one kind of answer', observed: [...kinds].join(' and ') });
    }
  },
);

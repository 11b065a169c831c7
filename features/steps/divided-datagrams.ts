/** Steps about datagrams between whose fragments something happens. RFC 791 section 3.2. */
import { Then, When } from '@cucumber/cucumber';
import { fragmentsOf, isPartOf, pieceOf } from '../../conformance/observe/fragments.ts';
import { describeFrame } from '../../conformance/observe/delivery.ts';
import { pattern, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { unruled } from '../support/bridge.ts';
import type { CommandWords } from '../support/commands.ts';
import type { PrismWorld } from '../support/world.ts';
import { datagramsOf, forwarded, fragmentedSegment } from './fragments.ts';
import { pathFrom } from './segments.ts';
import { ownedBy } from './state.ts';

When(
  'the client sends the {word} of two fragments of a segment, and the other after {command}',
  async function (this: PrismWorld, which: string, words: CommandWords) {
    const host = this.clientHost();
    const both = fragmentedSegment(this, host, { octets: 100, cuts: [24], which: 0 });
    const [one = [], other = []] = (which === 'first' ? both : both.toReversed()).map((frame) => [
      unruled(host, frame),
    ]);
    await this.inject(one);
    // Seen before the command, the fragment was not overtaken by it.
    const before = await this.outputs();
    await this.command(words(this.theRule(), this.nextEpoch()));
    await this.inject(other);
    const after = await this.seen();
    this.observation = { ...after, outputs: [...before, ...after.outputs] };
  },
);

/** Who may own the connection of a datagram whose fragments are divided. */
const OWNERS: readonly Host[] = [HOSTS['backend 1'], HOSTS['backend 2']];

Then(
  'the fragments that leave go to one owner, or are all as they were sent',
  async function (this: PrismWorld) {
    const datagrams = OWNERS.flatMap((host) => datagramsOf(this, ownedBy(this, host)));
    const outputs = forwarded(this, await this.outputs());
    const pieces = outputs.map(({ frame }) => pieceOf(frame));
    const isUndivided = datagrams
      .flatMap(({ asSent, asRuled }) => [asSent, asRuled])
      .some((whole) => pieces.every((piece) => piece !== undefined && isPartOf(piece, whole)));
    if (!isUndivided) {
      throw new Failure({
        expected: 'fragments of one datagram, all for one owner or all as they were sent',
        observed: outputs
          .map(({ role, frame }) => `${describeFrame(frame)} at ${role}`)
          .join(', then '),
      });
    }
    await this.turnPage();
  },
);

/** Odd, so that no identification comes twice; large, so that they are scattered as hosts do it. */
const ID_STEP = 0x9e37;

When(
  'the client sends {int} segments in fragments, every other of another connection, the second fragments last',
  async function (this: PrismWorld, count: number) {
    const host = this.clientHost();
    const path = pathFrom(this, host);
    const other = { ...path, source: { ...path.source, port: path.source.port + 1 } };
    const all = Array.from({ length: count }, (_, which) => {
      const ipv4 = { df: 0, id: (which * ID_STEP) % 2 ** 16 };
      const fields = { seq: which * 100, flags: 'PA', payload: pattern(40, which), ipv4 };
      return fragmentsOf(segment(which % 2 === 0 ? path : other, fields), [24]);
    });
    const rounds = [0, 1].flatMap((at) => all.flatMap((fragments) => fragments[at] ?? []));
    await this.inject(rounds.map((frame) => unruled(host, frame)));
  },
);

/** Steps about ICMP errors that quote a segment of the connection. RFC 792, RFC 4443, RFC 5508. */
import { Then, When, type DataTable } from '@cucumber/cucumber';
import { formatIpv4, layer, parse } from 'scapy-ts';
import type { Finding } from '../../conformance/observe/aspect.ts';
import { describeFrame, type Output, type Stimulus } from '../../conformance/observe/delivery.ts';
import type { SegmentFields } from '../../conformance/traffic/segment.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { unruled } from '../support/bridge.ts';
import { normalize } from '../support/fields.ts';
import {
  compareError,
  errorFrame,
  type ErrorWords,
  type Quote,
  type Sender,
} from '../../conformance/observe/icmp-error.ts';
import { everyError, quoteByWords, type Report } from '../support/icmp-words.ts';
import { judgeUntouched } from '../../conformance/observe/unchanged.ts';
import type { PrismWorld } from '../support/world.ts';
import { onlyFrame } from './frames.ts';

/** The quoted sequence number of the first of several errors: they cross 2^32. */
const FIRST_SEQ = 0xfffffff0;

async function sendErrors(
  world: PrismWorld,
  { sender, reporter }: Report,
  errors: readonly ErrorWords[],
  quote: Quote,
  firstSeq = FIRST_SEQ,
): Promise<void> {
  const rule = world.theRule();
  const host = sender === 'owner' ? world.clientHost() : world.ownerHost();
  const frames = errors.map((words, index) => {
    // A sequence number of its own tells each error from the others.
    const seq = (firstSeq + index) % 2 ** 32;
    const fields: SegmentFields = { flags: 'PA', ...quote.fields, seq };
    return errorFrame({ rule, sender, words, quote: { ...quote, fields }, reporter });
  });
  await world.inject(frames.map((frame) => unruled(host, frame)));
}

When(
  '{reporter} reports every ICMP error, quoting {string}',
  async function (this: PrismWorld, report: Report, words: string) {
    const version = this.theRule().client.address.includes(':') ? 6 : 4;
    await sendErrors(this, report, everyError(version, false), quoteByWords(words));
  },
);

When(
  '{reporter} reports every ICMP error, also the obsolete ones, quoting {string}',
  async function (this: PrismWorld, report: Report, words: string) {
    await sendErrors(this, report, everyError(4, true), quoteByWords(words));
  },
);

When(
  '{reporter} reports ICMP type {int} code {int} with MTU {int} about sequence number {int}',
  async function (
    this: PrismWorld,
    report: Report,
    type: number,
    code: number,
    rest: number,
    seq: number,
  ) {
    await sendErrors(this, report, [{ type, code, rest }], quoteByWords('8 octets'), seq);
  },
);

/** Whose segment an error is about: errors travel towards the other side. */
function senderOf(world: PrismWorld, { role }: Stimulus): Sender {
  return role === world.clientHost().role ? 'owner' : 'client';
}

interface Likeness {
  readonly output: Output;
  readonly findings: readonly Finding[];
}

/** The output at the right port that differs least from the translation of `stimulus`. */
function mostAlike(
  world: PrismWorld,
  pool: readonly Output[],
  stimulus: Stimulus,
): Likeness | undefined {
  const sender = senderOf(world, stimulus);
  const at = (sender === 'owner' ? world.ownerHost() : world.clientHost()).role;
  const { ttl } = world.hello.profile;
  let best: Likeness | undefined;
  for (const output of pool.filter(({ role }) => role === at)) {
    const { frame } = stimulus;
    const findings = compareError({
      frame,
      seen: output.frame,
      rule: world.theRule(),
      sender,
      ttl,
    });
    if (best === undefined || findings.length < best.findings.length) best = { output, findings };
    if (findings.length === 0) break;
  }
  return best;
}

function missing({ frame }: Stimulus): Finding {
  return {
    aspect: 'delivery',
    field: 'frame',
    expected: `the translation of ${describeFrame(frame)}`,
    observed: 'no such frame',
    injected: frame,
  };
}

Then('each error arrives, translated whole', async function (this: PrismWorld) {
  const pool = [...(await this.outputs())];
  const findings = this.stimuli.flatMap((stimulus): readonly Finding[] => {
    const like = mostAlike(this, pool, stimulus);
    if (like === undefined) return [missing(stimulus)];
    pool.splice(pool.indexOf(like.output), 1);
    return like.findings;
  });
  this.fail(findings);
  const [surplus] = pool;
  if (surplus !== undefined) {
    const observed = `${describeFrame(surplus.frame)} at ${surplus.role}`;
    throw new Failure({ expected: 'each error once', observed });
  }
  await this.turnPage();
});

/** What is wrong with `output` if it is to be one of the errors in `sent`, translated whole. */
function leastFindings(
  world: PrismWorld,
  output: Output,
  sent: readonly Stimulus[],
): readonly Finding[] {
  let least: readonly Finding[] | undefined;
  for (const stimulus of sent) {
    const findings = mostAlike(world, [output], stimulus)?.findings;
    if (findings === undefined) continue;
    if (least === undefined || findings.length < least.length) least = findings;
    if (findings.length === 0) break;
  }
  const untouched = sent.map(({ frame }) => frame);
  return least ?? judgeUntouched(untouched, [output], world.hello);
}

Then(
  'each error is translated whole, left as it was, or goes nowhere',
  async function (this: PrismWorld) {
    const { stimuli, hello } = this;
    const frames = stimuli.map(({ frame }) => frame);
    const changed = (await this.outputs()).filter(
      (output) => judgeUntouched(frames, [output], hello).length > 0,
    );
    this.fail(
      changed.flatMap((output, index) => {
        // Errors keep their order as a rule, so the first one that is tried mostly fits.
        const likely = [...stimuli.slice(index), ...stimuli.slice(0, index)];
        return leastFindings(this, output, likely);
      }),
      ['icmp-error'],
    );
    await this.turnPage();
  },
);

/** The value of a field of an ICMP error, by the name that scenarios use. */
function errorField(frame: Uint8Array, name: string): string {
  const { layers } = parse(frame);
  const icmp = layer(layers, 'icmpv4');
  const [outer, inner] = layers.filter((each) => each.kind === 'ipv4');
  const quote = layer(layers, 'tcpQuote') ?? layer(layers, 'tcp');
  if (icmp === undefined || outer === undefined || inner === undefined || quote === undefined) {
    return 'none, for the frame is no ICMP error';
  }
  const values: Readonly<Record<string, string>> = {
    type: String(icmp.type),
    code: String(icmp.code),
    MTU: String(icmp.rest & 0xffff),
    'source address': formatIpv4(outer.src),
    'destination address': formatIpv4(outer.dst),
    'quoted source address': formatIpv4(inner.src),
    'quoted destination address': formatIpv4(inner.dst),
    'quoted source port': String(quote.srcPort),
    'quoted destination port': String(quote.dstPort),
    'quoted sequence number': String(quote.seq),
  };
  const value = values[name];
  if (value === undefined) throw new Error(`no field of an ICMP error is called ${name}`);
  return value;
}

Then('the error leaves with', async function (this: PrismWorld, table: DataTable) {
  const { frame } = await onlyFrame(this);
  for (const [name = '', wanted = ''] of table.raw()) {
    const seen = errorField(frame, name);
    if (normalize(seen) === normalize(wanted)) continue;
    throw new Failure({ expected: `${name} ${wanted}`, observed: `${name} ${seen}` });
  }
});

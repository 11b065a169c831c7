/** Connections through `prism.p4`: rules, their segments, and frames that no host would send. */
import fc from 'fast-check';
import { build, icmpv6, ipv6Extension, type Layer } from 'scapy-ts';
import type { PortFrame, Rule } from '../../../../conformance/driver/device.ts';
import { inCommand } from '../../../../conformance/drivers/embedded/rules.ts';
import { deltas, segments } from '../../../../conformance/traffic/arbitrary.ts';
import { fuzzed, seedFrames } from '../../../../conformance/traffic/fuzz.ts';
import { createRandom } from '../../../../conformance/traffic/random.ts';
import {
  clientPath,
  ownerPath,
  pattern,
  segment,
  segmentLayers,
  type SegmentFields,
} from '../../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../../conformance/traffic/testbed.ts';
import { createAgent, perform } from '../../../../hardware/agent/agent.ts';
import { P4, PRISM } from '../../../../hardware/bmv2/agent/entries.ts';
import type { Story } from './pair.ts';

const LIMITS = { capacity: 1024, idleTimeoutMs: 7_440_000, lockLeaseMs: 10_000 };
const PORTS = 6;
const RULES_MAX = 3;
const BURST_MAX = 64;

const rule: fc.Arbitrary<Rule> = fc
  .record({
    client: fc.constantFrom(HOSTS.client, HOSTS['other client']),
    owner: fc.constantFrom(HOSTS['backend 1'], HOSTS['backend 2'], HOSTS.controller),
    family: fc.constantFrom(4 as const, 6 as const),
    deltas: deltas({ sequence: true, timestamps: true, window: true }),
    locked: fc.integer({ min: 0, max: 7 }).map((value) => value === 0),
  })
  .map(({ client, owner, family, ...rest }) => ({
    ...keyOf(client, family),
    owner: ownerOf(owner, family),
    ...rest,
  }));

type Shape =
  | { readonly kind: 'segment'; readonly isClient: boolean; readonly fields: SegmentFields }
  | { readonly kind: 'odd'; readonly which: number; readonly seed: number };

const port = fc.nat(PORTS - 1);
const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({
    kind: fc.constant('segment' as const),
    isClient: fc.boolean(),
    fields: segments(),
  }),
  fc.record({ kind: fc.constant('odd' as const), which: fc.nat(1000), seed: fc.nat(0xffffffff) }),
);

/** As `seedFrames`, of a connection over IPv6. */
function seedFrames6(at: Rule): readonly Uint8Array[] {
  const fromClient = segmentLayers(clientPath(at, HOSTS.client), { payload: pattern(9) });
  const fromOwner = segmentLayers(ownerPath(at.owner, at, HOSTS.client), { payload: pattern(4) });
  const extended = ([link, ip, ...rest]: readonly Layer[], times: number): readonly Layer[] => {
    const extensions = Array.from({ length: times }, () => ipv6Extension());
    return [link, ip, ...extensions, ...rest].filter((each) => each !== undefined);
  };
  const quoting = ([link, ip]: readonly Layer[], quoted: readonly Layer[]): readonly Layer[] =>
    [link, ip, icmpv6({ type: 2, mtu: 1280 }), ...quoted.slice(1)].filter(
      (each) => each !== undefined,
    );
  return [
    fromClient,
    fromOwner,
    extended(fromClient, 1),
    extended(fromOwner, 2),
    extended(fromClient, 3),
    quoting(fromClient, fromOwner),
    quoting(fromOwner, fromClient),
  ].map((layers) => build(layers));
}

function frameOf(each: Shape, at: Rule): Uint8Array {
  if (each.kind === 'segment') {
    const path = each.isClient
      ? clientPath(at, HOSTS.client)
      : ownerPath(at.owner, at, HOSTS.client);
    return segment(path, each.fields);
  }
  const seeds = at.client.address.includes(':') ? seedFrames6(at) : seedFrames(at);
  const frame = seeds[each.which % seeds.length] ?? new Uint8Array(60);
  // As it is now and then: what is fuzzed seldom does what an ordinary frame does.
  return each.seed % 4 === 0 ? frame : fuzzed(frame, createRandom(each.seed));
}

function storyOf(
  rules: readonly Rule[],
  frames: readonly { readonly rule: number; readonly shape: Shape; readonly port: number }[],
): Story {
  const agent = createAgent(LIMITS, PRISM);
  const batches = rules.flatMap((each) => [
    ...perform(agent, inCommand({ op: 'add', rule: each, epoch: 1 })).batches,
  ]);
  const sent = frames.map((each): PortFrame => {
    const at = rules[each.rule % rules.length];
    return {
      port: each.port,
      frame: at === undefined ? new Uint8Array(60) : frameOf(each.shape, at),
    };
  });
  return {
    batches,
    // No port takes in less. What prism.p4 reads of an Ethernet header that is not whole is, in
    // BMv2, what an earlier packet has left there.
    frames: sent.filter(({ frame }) => frame.length > 0),
    cells: [P4.fromClient, P4.fromOwner].flatMap((counter) =>
      rules.map((_, index) => ({ counter, index })),
    ),
  };
}

/** Up to three rules, and up to 64 frames at any port. */
export const prismStory: fc.Arbitrary<Story> = fc
  .record({
    rules: fc.array(rule, { minLength: 1, maxLength: RULES_MAX }),
    frames: fc.array(fc.record({ rule: fc.nat(RULES_MAX - 1), shape, port }), {
      minLength: 1,
      maxLength: BURST_MAX,
      size: 'max',
    }),
  })
  .map(({ rules, frames }) => storyOf(rules, frames));

/** `check` on ICMP errors about a ruled connection, and on fragments of its segments. */
import test from 'ava';
import { DEFECTS } from '../../../conformance/defects/defects.ts';
import type { Variation } from '../../../conformance/defects/defect.ts';
import { VARIATIONS } from '../../../conformance/defects/variations/variations.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import type { Deltas, Rule } from '../../../conformance/driver/device.ts';
import { fragmentsOf } from '../../../conformance/observe/fragments.ts';
import { errorFrame, type Sender } from '../../../conformance/observe/icmp-error.ts';
import { translated } from '../../../conformance/observe/translate.ts';
import { createRandom } from '../../../conformance/traffic/random.ts';
import { pathsOf, pattern, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf, type Family } from '../../../conformance/traffic/testbed.ts';
import {
  brokenText,
  captured,
  idsOf,
  judge,
  opened,
  SPLICE,
  SPLICE_TS,
  type Captures,
  type Frame,
  type Sent,
} from './captures.ts';

const OCTETS = 100;

function ruleOf(family: Family, deltas: Deltas): Rule {
  const owner = ownerOf(HOSTS['backend 1'], family);
  return { ...keyOf(HOSTS.client, family), owner, deltas, locked: false };
}

/** Data in both directions; `round` numbers them. */
function talk(rule: Rule, round: number): readonly Sent[] {
  const { client, owner } = pathsOf(rule, HOSTS.client);
  const [asked, answered] = [1000 + round * OCTETS, 5000 + round * OCTETS];
  const fields = { flags: 'PA', payload: pattern(OCTETS, round * 3) };
  const back = { ...fields, payload: pattern(OCTETS, 100 + round * 5) };
  const { clientSeq, ownerSeq } = rule.deltas;
  const there = { ...fields, seq: asked, ack: answered, ipv4: { id: 0x1000 + round } };
  const numbers = {
    seq: (answered + ownerSeq) >>> 0,
    ack: (asked + OCTETS + clientSeq) >>> 0,
  };
  return [
    { role: 'client0', frame: segment(client, there) },
    {
      role: 'backend0',
      frame: segment(owner, { ...back, ...numbers, ipv4: { id: 0x2000 + round } }),
    },
  ];
}

/** Errors about segments of both sides, quoting as little and as much as there is. */
function errors(rule: Rule): readonly Sent[] {
  const kinds = rule.client.address.includes(':')
    ? [{ type: 2, code: 0, rest: 1400 }]
    : [
        { type: 3, code: 4, rest: 1400 },
        { type: 11, code: 0, rest: 0 },
      ];
  return (['owner', 'client'] as const).flatMap((sender: Sender) =>
    kinds.flatMap((words, which) =>
      [8, 20, 120].map((octets): Sent => {
        const id = (sender === 'owner' ? 0x3000 : 0x4000) + which * 16 + octets;
        const fields = { seq: 77_000 + octets, payload: pattern(200, octets), ipv4: { id } };
        const quote = { fields, octets };
        const frame = errorFrame({ rule, sender, words, quote, reporter: 'router' });
        return { role: sender === 'owner' ? 'client0' : 'backend0', frame };
      }),
    ),
  );
}

/** A segment of each side in fragments. */
function fragments(rule: Rule): readonly Sent[] {
  const { client, owner } = pathsOf(rule, HOSTS.client);
  const fields = { flags: 'PA', payload: pattern(3000), ipv4: { df: 0, id: 0x7000 } };
  const cut = (frame: Uint8Array): readonly Uint8Array[] => fragmentsOf(frame, [1480, 2960]);
  return [
    ...cut(segment(client, fields)).map((frame): Sent => ({ role: 'client0', frame })),
    ...cut(segment(owner, fields)).map((frame): Sent => ({ role: 'backend0', frame })),
  ];
}

async function through(variation: Variation, family: Family, deltas: Deltas): Promise<Captures> {
  const device = opened(variation);
  const rule = ruleOf(family, deltas);
  const reply = await device.command({ op: 'add', rule, epoch: 1 });
  if (!reply.ok) return {};
  const rounds = [0, 1, 2, 3].flatMap((round) => talk(rule, round));
  const rest = [...errors(rule), ...fragments(rule), ...talk(rule, 4), ...talk(rule, 5)];
  return captured(device, [...rounds, ...rest]);
}

const CASES = [
  [4, NO_DELTAS],
  [4, SPLICE],
  [6, SPLICE_TS],
] as const;

const PLAIN: Variation = { name: 'plain', sentence: '', apply: (device) => device };

test('PRISM-FWD-04 … 08: what the reference forwards is seen to be kept', async (t) => {
  for (const [family, deltas] of CASES) {
    const result = judge(await through(PLAIN, family, deltas));
    t.is(brokenText(result), '');
    const kept = idsOf(result, 'pass');
    // The reference drops fragments of IPv6.
    for (const id of family === 4 ? [4, 5, 6, 7, 8] : [6, 7, 8])
      t.true(kept.includes(`PRISM-FWD-0${id}`), `${family} ${id}`);
  }
});

test('errors and fragments that a correct device treats otherwise are held against nobody', async (t) => {
  for (const variation of VARIATIONS) {
    for (const [family, deltas] of CASES) {
      const captures = await through(variation, family, deltas);
      if (captures.client === undefined) continue;
      t.is(brokenText(judge(captures)), '', variation.name);
    }
  }
});

test('an error that goes to an owner of whom nothing was captured is held against nobody', async (t) => {
  const device = opened(PLAIN);
  const rule = ruleOf(4, NO_DELTAS);
  await device.command({ op: 'add', rule, epoch: 1 });
  const before = [0, 1, 2, 3].flatMap((round) => talk(rule, round));
  const owner = ownerOf(HOSTS['backend 2']);
  const other = { ...device, close: async () => Promise.resolve() };
  const { client = [], backend = [] } = await captured(other, before);
  const command = { op: 'chown', key: rule, owner, deltas: NO_DELTAS, unlock: false } as const;
  await device.command({ ...command, epoch: 2 });
  const late = await captured(device, errors(rule).slice(0, 6), 'backend1');
  t.is(late.backend?.length, 6);
  const all = {
    client: [...client, ...(late.client ?? [])],
    backend: [...backend, ...(late.backend ?? [])],
  };
  t.is(brokenText(judge(all)), '');
});

/** `frames` without some of them. */
function lossy(frames: readonly Frame[] = [], seed: number): readonly Frame[] {
  const random = createRandom(seed);
  return frames.filter(() => random.below(10) > 2);
}

test('errors and fragments that a capture lost break nothing', async (t) => {
  for (const [family, deltas] of CASES) {
    const { client, backend } = await through(PLAIN, family, deltas);
    for (let seed = 0; seed < 200; seed += 1) {
      const result = judge({ client: lossy(client, seed), backend: lossy(backend, seed + 1000) });
      t.is(brokenText(result), '', `seed ${seed}`);
    }
  }
});

const FOUND = [
  'icmp-mtu-lost',
  'icmp-quoted-sequence-not-shifted',
  'icmp-checksum-without-quoted-port',
  'icmp-quoted-ipv4-checksum-kept',
  'icmp-outer-header-alone',
  'icmp-quoted-port-kept',
  'icmp-quote-alone',
  'owner-first-fragment-alone-translated',
] as const;

for (const name of FOUND) {
  const defect = DEFECTS.find((each) => each.name === name);
  test(`${defect?.breaks ?? 'unknown'}: ${defect?.sentence ?? name}`, async (t) => {
    if (defect === undefined) {
      t.fail(`no defect is called ${name}`);
      return;
    }
    const result = judge(await through(defect, 4, SPLICE));
    t.true(idsOf(result, 'fail').includes(defect.breaks), brokenText(result));
  });
}

test('PRISM-FWD-04: octets of a later fragment that are changed as if they were a header', async (t) => {
  const { client, backend = [] } = await through(PLAIN, 4, SPLICE);
  const later = (frame: Frame): boolean =>
    new DataView(frame.octets.buffer, frame.octets.byteOffset).getUint16(20) % 0x2000 === 185;
  t.is(backend.filter(later).length, 2);
  const read = backend.map((frame): Frame => {
    const octets = frame.octets.slice();
    if (later(frame)) new DataView(octets.buffer).setUint16(36, 8080);
    return { ...frame, octets };
  });
  const result = judge({ ...(client === undefined ? {} : { client }), backend: read });
  t.deepEqual(idsOf(result, 'fail'), ['PRISM-FWD-04'], brokenText(result));
});

/** The client's fragments as a device makes them leave that does `each` to them. */
async function fragmented(
  family: Family,
  each: (asSent: readonly Uint8Array[], asRuled: readonly Uint8Array[]) => readonly Uint8Array[],
): Promise<Captures> {
  const rule = ruleOf(family, SPLICE);
  const device = opened(PLAIN);
  await device.command({ op: 'add', rule, epoch: 1 });
  const rounds = [0, 1, 2, 3].flatMap((round) => talk(rule, round));
  const { client = [], backend = [] } = await captured(device, rounds);
  const fields = { flags: 'PA', payload: pattern(3000), ipv4: { df: 0, id: 0x7000 } };
  const frame = segment(pathsOf(rule, HOSTS.client).client, fields);
  const asSent = fragmentsOf(frame, [1480, 2960]);
  const asRuled = fragmentsOf(translated(frame, rule, 'client-to-owner'), [1480, 2960]);
  const last = (list: readonly Frame[]): number => (list.at(-1)?.timeUs ?? 0) + 20;
  return {
    client: [...client, ...asSent.map((octets) => ({ octets, timeUs: last(client) }))],
    backend: [
      ...backend,
      ...each(asSent, asRuled).map((octets) => ({ octets, timeUs: last(backend) })),
    ],
  };
}

test('PRISM-FWD-05: fragments of the client that are all translated, none, or some', async (t) => {
  for (const family of [4, 6] as const) {
    const whole = judge(await fragmented(family, (_, ruled) => ruled));
    t.deepEqual(idsOf(whole, 'fail'), []);
    for (const id of ['PRISM-FWD-04', 'PRISM-FWD-05']) t.true(idsOf(whole, 'pass').includes(id));
    const none = judge(await fragmented(family, (sent) => sent));
    t.deepEqual(idsOf(none, 'fail'), []);
    t.true(idsOf(none, 'pass').includes('PRISM-FWD-05'));
    const some = await fragmented(family, (sent, ruled) => [
      ...ruled.slice(0, 1),
      ...sent.slice(1),
    ]);
    t.deepEqual(idsOf(judge(some), 'fail'), ['PRISM-FWD-05']);
  }
});

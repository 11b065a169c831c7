/** The core at its pace: every length, a word in each clock, idle clocks and back-pressure. */
import test from 'ava';
import fc from 'fast-check';
import type { PortFrame } from '../../../conformance/driver/device.ts';
import { inCommand } from '../../../conformance/drivers/embedded/rules.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { clientPath, pattern, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { runs } from '../../runs.ts';
import { openSmall } from './bench.ts';
import {
  assertNoBubble,
  assertUnchanged,
  bridged,
  checkPace,
  HEADER_OCTETS,
  MAX_OCTETS,
  RUNT_OCTETS,
  sweep,
  wordsOf,
} from './checks/pace.ts';
import { findDifference, type Story } from './differential/pair.ts';

/**
 * Clocks from a frame's first word in to its first word out, when it meets no other: these, and one
 * for each word of its first 128 octets.
 */
const LATENCY_CLOCKS = 24;
for (const width of [256, 512, 1024] as const) {
  test.serial(`frames of all lengths, a word of ${width} bits in each clock`, async (t) => {
    const core = await openSmall(t, width);
    if (core !== undefined) await sweep(t, core, width);
  });

  test.serial(`a frame alone comes out in time, in words of ${width} bits`, async (t) => {
    const core = await openSmall(t, width);
    if (core === undefined) return;
    for (const length of [RUNT_OCTETS, 32, 33, 64, 65, 96, 97, HEADER_OCTETS, 129, MAX_OCTETS]) {
      const { inputs, outputs } = await core.exchange([bridged(length)]);
      const latency = (outputs[0]?.firstCycle ?? Number.NaN) - (inputs[0]?.firstCycle ?? 0);
      const words = wordsOf(Math.min(length, HEADER_OCTETS), width);
      t.is(latency, LATENCY_CLOCKS + words, `${length} octets`);
    }
  });
}

test.serial('frames in any order of lengths leave no bubble', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  const length = fc.oneof(
    fc.integer({ min: RUNT_OCTETS, max: 140 }),
    fc.nat(1504).map((n) => n + 14),
  );
  const property = fc.asyncProperty(fc.array(length, { maxLength: 60 }), async (lengths) => {
    const frames = [HEADER_OCTETS, ...lengths].map((each, at) => bridged(each, at));
    const result = await core.exchange(frames);
    assertUnchanged(t, frames, result);
    assertNoBubble(t, result, 256);
  });
  await fc.assert(property, runs(40));
});

test.serial('at any pace the same octets come out in the same order', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  await checkPace(t, core);
  const percent = fc.constantFrom(0, 5, 30, 70, 95);
  const property = fc.asyncProperty(
    fc.record({ idlePercent: percent, stallPercent: percent, seed: fc.nat(0x3fff_ffff) }),
    fc.array(fc.integer({ min: RUNT_OCTETS, max: 300 }), { minLength: 1, maxLength: 120 }),
    async (pace, lengths) => {
      const frames = lengths.map((each, at) => bridged(each, at));
      assertUnchanged(t, frames, await core.exchange(frames, pace));
    },
  );
  await fc.assert(property, runs(40));
});

test.serial('segments of all lengths are translated, whatever the pace', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  const key = keyOf(HOSTS.client);
  const deltas = { ...NO_DELTAS, clientSeq: 0x89ab_cdef, ownerSeq: 0x7654_3210 };
  const owner = ownerOf(HOSTS['backend 1']);
  const rule = { ...key, owner, deltas, locked: false };
  const path = clientPath(key, HOSTS.client);
  const frames: PortFrame[] = [];
  for (let payload = 0; payload <= 1460; payload += 1) {
    frames.push({ port: 0, frame: segment(path, { payload: pattern(payload, payload) }) });
  }
  frames.push({ port: 0, frame: segment(path, { payload: pattern(8960) }) });
  const command = inCommand({ op: 'add', rule, epoch: 1 });
  for (const pace of [{}, { idlePercent: 30, stallPercent: 30, seed: 11 }]) {
    const story: Story = [
      { kind: 'command', command },
      { kind: 'frames', frames, pace },
    ];
    t.is(await findDifference(core, story), undefined);
  }
});

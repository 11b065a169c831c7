/** What a port knows of a frame beside its octets leaves with it, whatever becomes of it. */
import test from 'ava';
import { build, ether } from 'scapy-ts';
import type { Effect } from '../../../reference/switch/switch.ts';
import { step } from '../../../reference/switch/switch.ts';
import type { Bed } from '../bed.ts';
import { AT, BACKEND, bedWith, CLIENT, HANDOFF, KEY, OTHER, segment, VIRTUAL } from '../bed.ts';

const SIDEBAND = Uint8Array.of(1, 2, 3);
const LOCKED = { ...HANDOFF, locked: true };

/** Sends a frame from the client, with or without something beside it. */
function send(bed: Bed, octets: Uint8Array, beside: { sideband?: Uint8Array }): readonly Effect[] {
  return step(bed.state, { kind: 'frame', port: AT.client, octets, ...beside });
}

/** The port and the sideband of each frame that left. */
function besides(effects: readonly Effect[]): readonly unknown[] {
  return effects.flatMap((effect) =>
    effect.kind === 'emit' ? [[effect.port, effect.sideband]] : [],
  );
}

const ruled = build(segment(CLIENT, VIRTUAL));
const bridged = build(segment(CLIENT, OTHER));
const flooded = build([ether({ src: CLIENT.mac, dst: 'ff:ff:ff:ff:ff:ff' })]);

for (const [what, frame, ports] of [
  ['a translated frame', ruled, [AT.backend]],
  ['a bridged frame', bridged, [AT.other]],
  ['each copy of a flooded frame', flooded, [AT.controller, AT.backend, AT.other]],
] as const) {
  test(`${what} leaves with what came beside it, and without where nothing came`, (t) => {
    const bed = bedWith(HANDOFF);
    const out = besides(send(bed, frame, { sideband: SIDEBAND }));
    t.deepEqual(
      out,
      ports.map((port) => [port, SIDEBAND]),
    );
    for (const effect of send(bed, frame, {})) t.false('sideband' in effect);
  });
}

test('a punted frame leaves with what came beside it', (t) => {
  const bed = bedWith(LOCKED, { lock: 'punt' });
  t.deepEqual(besides(send(bed, ruled, { sideband: SIDEBAND })), [[AT.punt, SIDEBAND]]);
});

test('held frames leave each with its own', (t) => {
  const bed = bedWith(LOCKED, { lock: 'hold' });
  const other = Uint8Array.of(9);
  for (const beside of [{ sideband: SIDEBAND }, {}, { sideband: other }]) {
    t.deepEqual(send(bed, ruled, beside), []);
  }
  const command = { op: 'unlock', key: KEY, epoch: 1 } as const;
  const out = besides(step(bed.state, { kind: 'command', command }));
  t.deepEqual(out, [
    [BACKEND.at, SIDEBAND],
    [BACKEND.at, undefined],
    [BACKEND.at, other],
  ]);
});

test('PRISM-REW-16 the longest frame may be chosen, and its tags come on top', (t) => {
  const bed = bedWith(HANDOFF, { frameOctetsMax: 200 });
  const longest = build(segment(CLIENT, OTHER, {}, 'x'.repeat(146)));
  t.is(longest.length, 200);
  t.is(send(bed, longest, {}).length, 1);
  t.is(send(bed, Uint8Array.from([...longest, 0]), {}).length, 0);
  t.is(bed.state.counters.dropped.oversize, 1);
});

/** The embedded switch's control channel: what is the reply to a request, and what is not. */
import test from 'ava';
import { build, parse, type Layer } from 'scapy-ts';
import { askInBand } from '../../../conformance/drivers/embedded/in-band.ts';
import {
  decodeCommandFrame,
  encodeCommandFrame,
  encodeReplyFrames,
} from '../../../reference/control/frame.ts';

const GET = { op: 'get' } as const;
const EMPTY = { ok: true, op: 'get', rules: [] } as const;

/** The frames that a switch with no rules sends. */
function answers(frame: Uint8Array): readonly Uint8Array[] {
  const request = decodeCommandFrame(frame);
  return request === undefined ? [] : encodeReplyFrames(request, EMPTY);
}

function changed(change: (layer: Layer) => Layer): (frame: Uint8Array) => readonly Uint8Array[] {
  return (frame) => answers(frame).map((each) => build(parse(each).layers.map(change)));
}

test('the reply to a command is what comes back', (t) => {
  t.deepEqual(askInBand(GET, 7, answers), EMPTY);
});

for (const [name, exchange] of [
  ['silence', () => []],
  ['an echo', (frame: Uint8Array) => [frame]],
  ['a part twice', (frame: Uint8Array) => [...answers(frame), ...answers(frame)]],
  ['the reply to another request', () => answers(encodeCommandFrame(GET, 8))],
  [
    'a reply to another MAC address',
    changed((each) => (each.kind === 'ether' ? { ...each, dst: each.src } : each)),
  ],
] as const) {
  test(`${name} is no reply`, (t) => {
    t.is(askInBand(GET, 7, exchange), undefined);
  });
}

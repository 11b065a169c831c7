/** Processes that share a place: whose a frame, a message and a moment is. */
import test from 'ava';
import fc from 'fast-check';
import {
  createShared,
  servingAll,
  type Sharer,
} from '../../../../conformance/drivers/url-switch-sim/sharing.ts';
import type { Process, ProcessEvent } from '../../../../reference/sim/network/process.ts';

interface Listener {
  readonly process: Process;
  readonly heard: ProcessEvent[];
}

/** It notes what it hears, and answers each message with the same. */
function listener(nextAtNs?: number): Listener {
  const heard: ProcessEvent[] = [];
  const process: Process = {
    nextAtNs: () => nextAtNs,
    step(event) {
      heard.push(event);
      if (event.kind !== 'message') return [];
      return [{ kind: 'message', to: event.from, octets: event.octets }];
    },
  };
  return { process, heard };
}

const asItIs = (frame: Uint8Array): Uint8Array => frame;

function sharing(listeners: readonly Listener[]): Process {
  return createShared(
    listeners.map(({ process }, place): Sharer<Uint8Array> => {
      return { process, takes: (frame) => frame.includes(place) };
    }),
    asItIs,
  );
}

test('a frame is for the first that takes it, and all are told of the time', (t) => {
  const listeners = [listener(), listener(), listener()];
  const frame = { kind: 'frame', port: 0, octets: Uint8Array.of(2, 1) } as const;
  sharing(listeners).step(frame, 5);
  t.deepEqual(
    listeners.map(({ heard }) => heard),
    [[{ kind: 'tick' }], [frame], [{ kind: 'tick' }]],
  );
});

test('a frame is heard once, also if who has heard it takes no more of them', (t) => {
  let isOpen = true;
  const first = listener();
  const last = listener();
  const closing: Process = {
    ...first.process,
    step(event, nowNs) {
      if (event.kind === 'frame') isOpen = false;
      return first.process.step(event, nowNs);
    },
  };
  const shared = createShared(
    [
      { process: closing, takes: () => isOpen },
      { process: last.process, takes: () => true },
    ],
    asItIs,
  );
  const frame = { kind: 'frame', port: 0, octets: Uint8Array.of(1) } as const;
  shared.step(frame, 0);
  t.deepEqual([first.heard, last.heard], [[frame], [{ kind: 'tick' }]]);
});

test('what one says to a place comes to that place, and the answer back to it', (t) => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 5 })
        .chain((count) =>
          fc.record({ count: fc.constant(count), place: fc.nat({ max: count - 1 }) }),
        ),
      fc.uint8Array({ maxLength: 20 }),
      ({ count, place }, said) => {
        const listeners = Array.from({ length: count }, () => listener());
        const octets = Uint8Array.of(place, ...said);
        const answers = sharing(listeners).step({ kind: 'message', from: 'a', octets }, 0);
        t.deepEqual(answers, [{ kind: 'message', to: 'a', octets }]);
        for (const [at, { heard }] of listeners.entries()) {
          const own = at === place ? { kind: 'message', from: 'a', octets: said } : undefined;
          t.deepEqual(heard, [own ?? { kind: 'tick' }]);
        }
      },
    ),
  );
});

test('one that serves all answers each at its own place', (t) => {
  const { process, heard } = listener();
  const octets = Uint8Array.of(7, 1, 2);
  const answers = servingAll(process).step({ kind: 'message', from: 'a', octets }, 0);
  t.deepEqual(answers, [{ kind: 'message', to: 'a', octets }]);
  t.deepEqual(heard, [{ kind: 'message', from: 'a', octets: Uint8Array.of(1, 2) }]);
});

test('the earliest that any wants is when all want it, and nobody is nobody', (t) => {
  t.is(sharing([listener(), listener()]).nextAtNs(), undefined);
  t.is(sharing([listener(9), listener(), listener(4)]).nextAtNs(), 4);
  const nobody = createShared([{ process: undefined, takes: () => true }], asItIs);
  t.is(nobody.nextAtNs(), undefined);
  t.deepEqual(nobody.step({ kind: 'frame', port: 0, octets: Uint8Array.of(0) }, 0), []);
});

/** Timers, windows and what is sent when, against numbers that were worked out by hand. */
import test from 'ava';
import type { TcpOption } from 'scapy-ts';
import type { Tap } from './tap.ts';
import { ENDS, turned } from './bed.ts';
import { createTap, established, REACH, text } from './tap.ts';

/** The times in seconds at which something leaves, until no timer runs or `most` have ended. */
function timesOf(tap: Tap, most: number = 100): { readonly at: number[]; readonly last: string } {
  const at: number[] = [];
  let last = '';
  for (let count = 0; count < most; count += 1) {
    const tick = tap.wait();
    if (tick === undefined) break;
    at.push(tick.ms / 1000);
    last = tick.out.join();
  }
  return { at, last };
}

/** 0.2 s, doubled up to 120 s: how long Linux sends octets that nobody acknowledges. */
const TIMEOUTS = [
  0.2, 0.6, 1.4, 3, 6.2, 12.6, 25.4, 51, 102.2, 204.6, 324.6, 444.6, 564.6, 684.6, 804.6, 924.6,
];

test('SYN is sent again after 1, 3, 7, 15, 31 and 63 seconds, then the connection ends', (t) => {
  const tap = REACH['SYN-SENT']?.();
  if (tap === undefined) throw new Error('no tap');
  t.deepEqual(timesOf(tap), { at: [1, 3, 7, 15, 31, 63, 127], last: 'reset by timeout' });
});

test('SYN and ACK are sent again five times', (t) => {
  const tap = REACH['SYN-RECEIVED']?.();
  if (tap === undefined) throw new Error('no tap');
  t.deepEqual(timesOf(tap), { at: [1, 3, 7, 15, 31, 63], last: 'reset by timeout' });
});

test('octets are sent again with doubled timeouts, 924.6 seconds long', (t) => {
  const tap = established();
  t.deepEqual(tap.does({ kind: 'write', octets: text('abc') }), ['PA 5001>1001 +3']);
  t.deepEqual(tap.wait()?.out, ['PA 5001>1001 +3']);
  t.deepEqual(timesOf(tap), { at: TIMEOUTS.slice(1), last: 'reset by timeout' });
  t.is(tap.state(), 'GONE');
});

test('an acknowledgment stops the timer, and its doubling', (t) => {
  const tap = established();
  tap.does({ kind: 'write', octets: text('abc') });
  tap.wait();
  tap.wait();
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5004 }), ['sent-all']);
  t.is(tap.wait(), undefined);
  tap.does({ kind: 'write', octets: text('d') });
  t.is(tap.wait()?.ms, 800, 'at 600 ms, and 200 ms later');
});

test('FIN is sent again; a closed socket gives up sooner', (t) => {
  const tap = established();
  t.deepEqual(tap.does({ kind: 'close' }), ['FA 5001>1001']);
  t.deepEqual(tap.wait()?.out, ['FA 5001>1001']);
  t.deepEqual(timesOf(tap), { at: TIMEOUTS.slice(1, 9), last: 'reset by timeout' });
});

test('FIN leaves with the last octets, if the window has room for it', (t) => {
  const finishing = (): Tap => {
    const tap = established({}, [], 3);
    tap.does({ kind: 'write', octets: text('abcdef') });
    tap.does({ kind: 'finish' });
    return tap;
  };
  const wide = finishing().give('A', { seq: 1001, ack: 5004, window: 4 });
  t.deepEqual(wide, ['FPA 5004>1001 +3']);
  const tap = finishing();
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5004, window: 3 }), ['PA 5004>1001 +3']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5007, window: 3 }), ['sent-all', 'FA 5007>1001']);
});

test('what is acknowledged after a timeout is not sent again', (t) => {
  const tap = established();
  t.is(tap.does({ kind: 'write', octets: new Uint8Array(2000) }).length, 4);
  t.deepEqual(tap.wait()?.out, ['A 5001>1001 +536'], 'one segment to begin with');
  t.deepEqual(tap.give('A', { seq: 1001, ack: 6609 }), ['PA 6609>1001 +392']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 7001 }), ['sent-all']);
});

test('after a timeout, what SACK reports from then on is not sent again', (t) => {
  const tap = established({ sack: true }, [{ kind: 'sackPermitted' }]);
  tap.does({ kind: 'write', octets: new Uint8Array(2000) });
  tap.wait();
  const options: readonly TcpOption[] = [{ kind: 'sack', blocks: [{ left: 6073, right: 7001 }] }];
  const out = tap.give('A', { seq: 1001, ack: 5537, options });
  t.deepEqual(out, ['A 5537>1001 +536']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 7001 }), ['sent-all']);
});

test('a smaller window with nothing new beside it is old (Linux; RFC 9293 would take it)', (t) => {
  const tap = established({}, [], 100);
  tap.give('A', { seq: 1001, ack: 5001, window: 0 });
  t.deepEqual(tap.does({ kind: 'write', octets: text('abc') }), ['PA 5001>1001 +3']);
});

test('when a closed window opens, timeouts are short again', (t) => {
  const tap = established({}, [], 0);
  tap.does({ kind: 'write', octets: text('abc') });
  for (const ms of [200, 600, 1400]) t.is(tap.wait()?.ms, ms);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001, window: 3 }), ['PA 5001>1001 +3']);
  t.is(tap.wait()?.ms, 1600);
});

test('a closed window is probed, as long as the peer answers; then everything is sent', (t) => {
  const tap = established({}, [], 100);
  t.deepEqual(tap.does({ kind: 'write', octets: new Uint8Array(103) }), ['A 5001>1001 +100']);
  tap.give('A', { seq: 1001, ack: 5101, window: 0 });
  const times: number[] = [];
  for (let count = 0; count < 40; count += 1) {
    const tick = tap.wait();
    t.deepEqual(tick?.out, ['A 5100>1001'], 'a segment that is not acceptable');
    times.push((tick?.ms ?? 0) / 1000);
    tap.give('A', { seq: 1001, ack: 5101, window: 0 });
  }
  t.deepEqual(times.slice(0, 12), TIMEOUTS.slice(0, 12));
  const open = { seq: 1001, ack: 5101, window: 2 };
  t.deepEqual(tap.give('A', open), [], 'a silly window');
  t.deepEqual(tap.wait()?.out, ['A 5101>1001 +2'], 'is used in the end');
  t.deepEqual(tap.give('A', { ...open, ack: 5103, window: 9 }), ['PA 5103>1001 +1']);
});

test('a closed window that nobody answers for ends the connection', (t) => {
  const tap = established({}, [], 0);
  tap.does({ kind: 'write', octets: text('abc') });
  t.deepEqual(timesOf(tap), { at: TIMEOUTS, last: 'reset by timeout' });
});

test('one acknowledgment waits 40 ms, two segments are acknowledged at once', (t) => {
  const tap = established();
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }, 'abc'), ['received abc']);
  t.deepEqual(tap.wait(), { ms: 40, out: ['A 5001>1004'] });
  tap.give('A', { seq: 1004, ack: 5001 }, 'd');
  t.deepEqual(tap.give('A', { seq: 1005, ack: 5001 }, 'e'), ['received e', 'A 5001>1006']);
  tap.give('A', { seq: 1006, ack: 5001 }, 'f');
  t.deepEqual(tap.does({ kind: 'write', octets: text('x') }), ['PA 5001>1007 +1']);
  t.is(tap.wait()?.ms, 240, 'only the retransmission is left');
});

test('TIME-WAIT lasts 60 seconds from the last FIN', (t) => {
  const tap = REACH['TIME-WAIT']?.();
  if (tap === undefined) throw new Error('no tap');
  tap.event({ kind: 'tick', nowNs: 20e9 });
  t.deepEqual(tap.give('FA', { seq: 1001, ack: 5002 }), ['A 5002>1002']);
  t.deepEqual(tap.wait(), { ms: 80_000, out: [] });
  t.is(tap.state(), 'GONE');
});

test('FIN-WAIT-2 of a closed socket ends after 60 seconds, of an open one never', (t) => {
  const tap = established();
  tap.does({ kind: 'close' });
  tap.give('A', { seq: 1001, ack: 5002 });
  t.deepEqual(tap.wait(), { ms: 60_000, out: ['closed'] });
  const later = REACH['FIN-WAIT-2']?.();
  later?.does({ kind: 'close' });
  t.deepEqual(later?.wait(), { ms: 60_000, out: ['closed'] });
  t.is(REACH['FIN-WAIT-2']?.().wait(), undefined);
});

test('three duplicates are a loss: the first segment is sent again at once (RFC 5681 3.2)', (t) => {
  const tap = established();
  for (const letter of 'abcdef') {
    tap.does({ kind: 'write', octets: text(letter), boundary: true });
  }
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), []);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), []);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), ['PA 5001>1001 +1']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5003 }), ['PA 5003>1001 +1'], 'the next hole');
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5007 }), ['sent-all']);
});

test('SACK shows the holes, and only they are sent again (RFC 2018, RFC 6675)', (t) => {
  const tap = established({ sack: true }, [{ kind: 'sackPermitted' }]);
  for (const letter of 'abcdef') {
    tap.does({ kind: 'write', octets: text(letter), boundary: true });
  }
  const sack = (left: number, right: number) => {
    const options: TcpOption[] = [{ kind: 'sack', blocks: [{ left, right }] }];
    return tap.give('A', { seq: 1001, ack: 5001, options });
  };
  t.deepEqual([...sack(5002, 5003), ...sack(5002, 5003)], [], 'nothing new is no duplicate');
  t.deepEqual(sack(5004, 5005), []);
  t.deepEqual(sack(5004, 5006), ['PA 5001>1001 +1']);
  t.deepEqual(sack(5004, 5007), ['PA 5003>1001 +1']);
  const all = [5001, 5002, 5003, 5004, 5005, 5006].map((seq) => `PA ${seq}>1001 +1`);
  t.deepEqual(tap.wait()?.out, all, 'after a timeout the report is forgotten');
});

test('what came out of order and what came twice is reported (RFC 2018 4, RFC 2883 4)', (t) => {
  const tap = established({ sack: true }, [{ kind: 'sackPermitted' }]);
  const blocks = (): unknown => tap.last().options.find(({ kind }) => kind === 'sack');
  t.deepEqual(tap.give('A', { seq: 1005, ack: 5001 }, 'ef'), ['A 5001>1001']);
  t.deepEqual(blocks(), { kind: 'sack', blocks: [{ left: 1005, right: 1007 }] });
  tap.give('A', { seq: 1009, ack: 5001 }, 'ij');
  t.deepEqual(blocks(), {
    kind: 'sack',
    blocks: [
      { left: 1009, right: 1011 },
      { left: 1005, right: 1007 },
    ],
  });
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }, 'abcd'), [
    'received abcd',
    'received ef',
    'A 5001>1007',
  ]);
  tap.give('A', { seq: 1003, ack: 5001 }, 'cd');
  t.deepEqual(blocks(), {
    kind: 'sack',
    blocks: [
      { left: 1003, right: 1005 },
      { left: 1009, right: 1011 },
    ],
  });
  tap.give('A', { seq: 1015, ack: 5001 }, 'op');
  t.deepEqual(
    blocks(),
    {
      kind: 'sack',
      blocks: [
        { left: 1015, right: 1017 },
        { left: 1009, right: 1011 },
      ],
    },
    'what came twice is reported once',
  );
});

test('the window shrinks by what is unread, never to the left, and opens when that is worth it', (t) => {
  const tap = established({ receiveOctets: 2000 });
  tap.does({ kind: 'pause' });
  tap.give('A', { seq: 1001, ack: 5001 }, 'x'.repeat(700));
  tap.give('A', { seq: 1701, ack: 5001 }, 'x'.repeat(700));
  t.is(tap.last().window, 600);
  tap.give('A', { seq: 2401, ack: 5001 }, 'x'.repeat(700));
  t.deepEqual(tap.wait()?.out, ['A 5001>3001']);
  t.is(tap.last().window, 0, '100 octets had no room');
  t.deepEqual(tap.does({ kind: 'resume' }), [`received ${'x'.repeat(2000)}`, 'A 5001>3001']);
  t.is(tap.last().window, 2000);
});

test('options are used only if both ends sent them, and the MSS is kept (RFC 9293 3.7.1)', (t) => {
  const all = { sack: true, timestamps: true, windowScale: 3 };
  const bare = established(all);
  bare.does({ kind: 'write', octets: new Uint8Array(600) });
  t.deepEqual(bare.last().options, []);
  t.is(bare.last().window, 10_000, 'not shifted');
  const sizes = (tap: Tap, octets: number): readonly string[] =>
    tap
      .does({ kind: 'write', octets: new Uint8Array(octets) })
      .map((each) => each.split('+')[1] ?? '');
  t.deepEqual(sizes(established(), 1000), ['536', '464'], 'no MSS option means 536');
  const stamps: readonly TcpOption[] = [
    { kind: 'mss', mss: 536 },
    { kind: 'timestamps', value: 1, echo: 0 },
  ];
  t.deepEqual(sizes(established(all, stamps), 1000), ['524', '476'], 'options are part of it');
  t.deepEqual(sizes(established(all, [{ kind: 'mss', mss: 9000 }]), 2000), ['1460', '540']);
});

test('the window of a SYN is not shifted, that of every other segment is (RFC 7323 2.2)', (t) => {
  const tap = createTap({ windowScale: 3 });
  tap.event({ kind: 'connect', ...turned(ENDS) });
  const options = [{ kind: 'windowScale', shift: 7 }] as const;
  tap.give('SA', { seq: 1000, ack: 5001, window: 4, options });
  t.deepEqual(tap.does({ kind: 'write', octets: text('abcdefgh') }), ['A 5001>1001 +4']);
  t.is(tap.last().window, 10_000 >> 3, 'its own too');
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5005, window: 1 }), ['PA 5005>1001 +4']);
});

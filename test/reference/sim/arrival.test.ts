/** What each state does about each segment: RFC 9293 section 3.10.7 and RFC 5961 as tables. */
import test from 'ava';
import type { Tap } from './tap.ts';
import { createTap, established, listening, REACH } from './tap.ts';

/** RCV.NXT, SND.UNA and SND.NXT of the states in REACH. */
const NUMBERS = {
  'SYN-RECEIVED': { next: 1001, una: 5000, sent: 5001 },
  ESTABLISHED: { next: 1001, una: 5001, sent: 5001 },
  'FIN-WAIT-1': { next: 1001, una: 5001, sent: 5002 },
  'FIN-WAIT-2': { next: 1001, una: 5002, sent: 5002 },
  'CLOSE-WAIT': { next: 1002, una: 5001, sent: 5001 },
  CLOSING: { next: 1002, una: 5001, sent: 5002 },
  'LAST-ACK': { next: 1002, una: 5001, sent: 5002 },
  'TIME-WAIT': { next: 1002, una: 5002, sent: 5002 },
} as const;
type State = keyof typeof NUMBERS;
const STATES: readonly State[] = [
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];

function reach(state: string): Tap {
  const tap = REACH[state]?.();
  if (tap?.state() !== state) throw new Error(`${state} was not reached`);
  return tap;
}

for (const state of STATES) {
  const { next, una, sent } = NUMBERS[state];
  const challenge = [`A ${sent}>${next}`];

  test(`${state}: RST at RCV.NXT ends the connection (RFC 5961 3.2)`, (t) => {
    const tap = reach(state);
    const isSilent = state === 'SYN-RECEIVED' || state === 'TIME-WAIT';
    t.deepEqual(tap.give('R', { seq: next }), isSilent ? [] : ['reset by peer']);
    t.is(tap.state(), 'GONE');
  });

  test(`${state}: RST elsewhere in the window is challenged (RFC 5961 3.2)`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('R', { seq: next + 1 }), challenge);
    t.deepEqual(tap.give('R', { seq: next + 2 }), [], 'once in half a second');
    t.is(tap.state(), state);
  });

  for (const [where, seq] of [
    ['before', next - 1],
    ['after', next + 20_000],
  ] as const) {
    test(`${state}: RST ${where} the window is dropped (RFC 9293 3.10.7.4)`, (t) => {
      const tap = reach(state);
      t.deepEqual(tap.give('RA', { seq, ack: sent }), []);
      t.is(tap.state(), state);
    });
  }

  test(`${state}: SYN in the window (RFC 5961 4.2, RFC 9293 3.10.7.4)`, (t) => {
    const tap = reach(state);
    const out = tap.give('S', { seq: next + 5 });
    if (state === 'SYN-RECEIVED') {
      t.deepEqual(out, [], 'back to LISTEN');
      t.is(tap.state(), 'GONE');
    } else if (state === 'TIME-WAIT') {
      t.deepEqual(out, [`SA 5000>${next + 6}`], 'a new connection (RFC 6191)');
      t.is(tap.state(), 'SYN-RECEIVED');
    } else {
      t.deepEqual(out, challenge);
      t.is(tap.state(), state);
    }
  });

  test(`${state}: SYN before the window is challenged (RFC 5961 4.2)`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('S', { seq: next - 5000 }), challenge);
    t.is(tap.state(), state);
  });

  test(`${state}: octets before and after the window are answered (RFC 9293 3.10.7.4)`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('A', { seq: next - 100, ack: sent }, 'old'), challenge);
    t.deepEqual(tap.give('A', { seq: next + 20_000, ack: sent }, 'new'), challenge);
    t.is(tap.state(), state);
  });

  test(`${state}: a segment without ACK is dropped`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('', { seq: next }, 'abc'), []);
    t.is(tap.state(), state);
  });

  test(`${state}: ACK of what was never sent (RFC 5961 5.2)`, (t) => {
    const tap = reach(state);
    const isOpening = state === 'SYN-RECEIVED';
    const out = tap.give('A', { seq: next, ack: sent + 1 });
    t.deepEqual(out, isOpening ? [`R ${sent + 1}`] : challenge);
    t.is(tap.state(), state);
  });

  if (state !== 'SYN-RECEIVED') {
    test(`${state}: ACK older than the greatest window is challenged (RFC 5961 5.2)`, (t) => {
      const tap = reach(state);
      t.deepEqual(tap.give('A', { seq: next, ack: una - 8192 }), []);
      t.deepEqual(tap.give('A', { seq: next, ack: una - 8193 }), challenge);
      t.is(tap.state(), state);
    });
  }
}

const ON_FIN: Readonly<Record<State, readonly [string, readonly string[]]>> = {
  'SYN-RECEIVED': ['CLOSE-WAIT', ['opened', 'peer-finished', 'A 5001>1002']],
  ESTABLISHED: ['CLOSE-WAIT', ['peer-finished', 'A 5001>1002']],
  'FIN-WAIT-1': ['CLOSING', ['peer-finished', 'A 5002>1002']],
  'FIN-WAIT-2': ['TIME-WAIT', ['peer-finished', 'closed', 'A 5002>1002']],
  'CLOSE-WAIT': ['CLOSE-WAIT', ['A 5001>1002']],
  CLOSING: ['CLOSING', ['A 5002>1002']],
  'LAST-ACK': ['LAST-ACK', ['A 5002>1002']],
  'TIME-WAIT': ['TIME-WAIT', ['A 5002>1002']],
};

const ON_FIN_ACK: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  'FIN-WAIT-1': ['TIME-WAIT', ['peer-finished', 'closed', 'A 5002>1002']],
  CLOSING: ['TIME-WAIT', ['closed', 'A 5002>1002']],
  'LAST-ACK': ['GONE', ['closed']],
};

for (const state of STATES) {
  test(`${state}: FIN, or FIN again (RFC 9293 3.10.7.4)`, (t) => {
    const [after, out] = ON_FIN[state];
    const tap = reach(state);
    const ack = state === 'SYN-RECEIVED' ? 5001 : NUMBERS[state].una;
    t.deepEqual(tap.give('FA', { seq: 1001, ack }), out);
    t.is(tap.state(), after);
  });
}

for (const [state, [after, out]] of Object.entries(ON_FIN_ACK)) {
  test(`${state}: FIN with the ACK of ours (RFC 9293 3.10.7.4)`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('FA', { seq: 1001, ack: 5002 }), out);
    t.is(tap.state(), after);
  });
}

for (const state of ['ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'] as const) {
  test(`${state}: octets are received, those with PSH and FIN too`, (t) => {
    const tap = reach(state);
    const { sent } = NUMBERS[state];
    t.deepEqual(tap.give('A', { seq: 1001, ack: sent }, 'abc'), ['received abc']);
    t.deepEqual(tap.give('PA', { seq: 1003, ack: sent }, 'cde'), ['received de', `A ${sent}>1006`]);
    t.deepEqual(tap.give('A', { seq: 1001, ack: sent }, 'abc'), [`A ${sent}>1006`]);
    t.is(tap.give('FPA', { seq: 1006, ack: sent }, 'f').at(0), 'received f');
  });
}

for (const state of ['CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const) {
  test(`${state}: octets behind the FIN are ignored (RFC 9293 3.10.7.4)`, (t) => {
    const tap = reach(state);
    t.deepEqual(tap.give('A', { seq: 1002, ack: NUMBERS[state].una }, 'abc'), []);
    t.is(tap.state(), state);
  });
}

test('CLOSED: everything but RST is refused (RFC 9293 3.10.7.1)', (t) => {
  const tap = createTap();
  t.deepEqual(tap.give('R', { seq: 7 }), []);
  t.deepEqual(tap.give('A', { seq: 7, ack: 99 }), ['R 99']);
  t.deepEqual(tap.give('S', { seq: 7 }), ['RA 0>8']);
  t.deepEqual(tap.give('SF', { seq: 0xffff_ffff }, 'ab'), ['RA 0>3']);
});

test('LISTEN: SYN opens, ACK is refused, the rest is dropped (RFC 9293 3.10.7.2)', (t) => {
  const tap = listening();
  t.deepEqual(tap.give('R', { seq: 7 }), []);
  t.deepEqual(tap.give('FA', { seq: 7, ack: 99 }), ['R 99']);
  t.deepEqual(tap.give('F', { seq: 7 }), []);
  t.is(tap.state(), 'GONE');
  t.deepEqual(tap.give('S', { seq: 1000 }), ['SA 5000>1001']);
  t.deepEqual(tap.give('S', { seq: 1000 }), ['SA 5000>1001'], 'SYN again');
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), ['opened']);
  t.is(tap.state(), 'ESTABLISHED');
});

test('SYN-SENT: as RFC 9293 3.10.7.3 says', (t) => {
  const good = { seq: 1000, ack: 5001 };
  const rows: readonly (readonly [string, { seq: number; ack?: number }, string[], string])[] = [
    ['A', { seq: 1000, ack: 5000 }, ['R 5000'], 'SYN-SENT'],
    ['A', { seq: 1000, ack: 5002 }, ['R 5002'], 'SYN-SENT'],
    ['A', good, [], 'SYN-SENT'],
    ['RA', { seq: 0, ack: 5000 }, [], 'SYN-SENT'],
    ['R', { seq: 0 }, [], 'SYN-SENT'],
    ['RA', { seq: 0, ack: 5001 }, ['reset by peer'], 'GONE'],
    ['SA', good, ['opened', 'A 5001>1001'], 'ESTABLISHED'],
    ['S', { seq: 1000 }, ['SA 5000>1001'], 'SYN-RECEIVED'],
    ['F', { seq: 1000 }, [], 'SYN-SENT'],
  ];
  for (const [flags, fields, out, after] of rows) {
    const tap = reach('SYN-SENT');
    const got = tap.give(flags, fields).filter((each) => !each.startsWith('RA'));
    t.deepEqual(got, out, `${flags} ${JSON.stringify(fields)}`);
    t.is(tap.state(), after);
  }
});

test('two ends that open at the same time end up with one connection (RFC 9293 figure 8)', (t) => {
  const tap = reach('SYN-SENT');
  t.deepEqual(tap.give('S', { seq: 1000 }), ['SA 5000>1001']);
  t.deepEqual(tap.give('SA', { seq: 1000, ack: 5001 }), ['A 5001>1001']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001 }), ['opened']);
  t.is(tap.state(), 'ESTABLISHED');
});

test('octets that come after close, or lie unread at close, make it a RST (RFC 9293 3.6.1)', (t) => {
  const tap = established();
  t.deepEqual(tap.does({ kind: 'close' }), ['FA 5001>1001']);
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5002 }, 'late'), ['RA 5002>1001', 'closed']);
  t.is(tap.state(), 'GONE');

  const other = established();
  other.does({ kind: 'pause' });
  other.give('A', { seq: 1001, ack: 5001 }, 'unread');
  t.deepEqual(other.does({ kind: 'close' }), ['RA 5001>1007', 'closed']);
});

test('abort sends RST at SND.NXT; drop sends nothing, and the next segment is refused', (t) => {
  const tap = established();
  t.deepEqual(tap.does({ kind: 'abort' }), ['RA 5001>1001']);
  t.is(tap.state(), 'GONE');
  const other = established();
  t.deepEqual(other.does({ kind: 'drop' }), []);
  t.deepEqual(other.give('A', { seq: 1001, ack: 5001 }, 'abc'), ['R 5001']);
});

test('PAWS: an old timestamp is answered and its octets are dropped (RFC 7323 5.3)', (t) => {
  const stamp = (value: number) => [{ kind: 'timestamps', value, echo: 0 }] as const;
  const tap = established({ timestamps: true }, stamp(0xffff_fff0));
  t.deepEqual(tap.give('A', { seq: 1001, ack: 5001, options: stamp(5) }, 'a'), ['received a']);
  t.deepEqual(tap.give('A', { seq: 1002, ack: 5001, options: stamp(4) }, 'b'), ['A 5001>1002']);
  t.deepEqual(tap.give('R', { seq: 1002, options: stamp(4) }), ['reset by peer'], 'but not a RST');
});

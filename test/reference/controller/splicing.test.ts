/** Splicing, event by event: what the controller does when something is refused, late or lost. */
import test from 'ava';
import { ipv4Address, mac } from 'scapy-ts';
import type { RuleStatus } from '../../../reference/control/command.ts';
import type {
  ConnectionEvent,
  ControllerEffect,
  ControllerEvent,
} from '../../../reference/controller/event.ts';
import { createController, DEFAULTS } from '../../../reference/controller/state.ts';
import { step } from '../../../reference/controller/step.ts';
import type { Without } from '../../../reference/owner/act.ts';
import { siteOf } from '../../../reference/policy/site.ts';
import { keyText, NO_DELTAS, type ConnectionKey } from '../../../reference/rules/rule.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';
import { drawFrom } from '../policy/bed.ts';
import { EMPTY_SNAPSHOT, KEY, REQUEST } from './bed.ts';

const SERVER = {
  address: ipv4Address('10.0.0.21'),
  port: 8080,
  mac: mac('02:00:00:00:00:64'),
};
const LOCAL = { address: ipv4Address('10.0.0.1'), port: 33_000 };
const CONTROLLER_MAC = mac('02:00:00:00:00:01');
const GUARD: ConnectionKey = {
  client: KEY.client,
  virtual: { address: SERVER.address, port: SERVER.port },
};
const TURN: ConnectionKey = { client: GUARD.virtual, virtual: KEY.client };
const SERVER_SIDE: TcpSnapshot = {
  ...EMPTY_SNAPSHOT,
  sendUnacknowledged: seqNum(7000),
  receiveNext: seqNum(9000),
};
const LONG = new TextEncoder().encode(
  'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\nabc',
);

interface Site {
  readonly tell: (event: Told) => readonly ControllerEffect[];
  /** The switch takes the last command. */
  readonly reply: () => readonly ControllerEffect[];
  readonly refuse: () => readonly ControllerEffect[];
  readonly phase: () => string;
  readonly stepOf: () => string | undefined;
}

type Told =
  | Without<ConnectionEvent, 'key'>
  | Extract<ControllerEvent, { readonly kind: 'heartbeat' | 'listed' }>;

/** A controller with one server, and what it is told about its one connection. */
function site(firstEpoch = 1): Site {
  const config = {
    site: siteOf([{ backends: ['nginx'] }]),
    backends: [{ name: 'nginx', owner: SERVER, hasAgent: false, isSpliced: true }],
    mac: CONTROLLER_MAC,
    handOffFromOctets: 1000,
    unknownOctets: 1000,
    silentBeatsMax: 8,
    firstEpoch,
  };
  const state = createController(config, drawFrom(1));
  const tell: Site['tell'] = (event) =>
    step(
      state,
      event.kind === 'heartbeat' || event.kind === 'listed' ? event : { ...event, key: KEY },
      0,
    );
  const find = () => state.connections.get(keyText(KEY));
  const epoch = (): number => find()?.epoch ?? 0;
  return {
    tell,
    reply: () => tell({ kind: 'replied', epoch: epoch() }),
    refuse: () => tell({ kind: 'replied', epoch: epoch(), error: 'unsupported' }),
    phase: () => find()?.phase.kind ?? 'forgotten',
    stepOf: () => {
      const phase = find()?.phase;
      return phase?.kind === 'splicing' ? phase.step : undefined;
    },
  };
}

/** What only a switch with SPLICE, TS and WS takes. */
const SHIFTED = {
  clientSeq: 1,
  ownerSeq: 1,
  clientTimestamp: 1,
  ownerTimestamp: 1,
  clientWindow: { in: 1, out: 0 },
  ownerWindow: { in: 1, out: 0 },
};

/** A request that is passed on by a connection that can be spliced. */
function opened(): Site {
  const made = site();
  made.tell({ kind: 'opened' });
  made.tell({ kind: 'received', octets: REQUEST });
  made.tell({ kind: 'upstream-bound', local: LOCAL });
  made.reply();
  made.reply();
  return made;
}

/** A long answer has begun, and both connections are silent. */
function exported(serverSide = SERVER_SIDE): Site {
  const made = opened();
  made.tell({ kind: 'upstream-opened' });
  made.tell({ kind: 'upstream-received', octets: LONG });
  made.tell({ kind: 'upstream-frozen', snapshot: serverSide });
  made.tell({ kind: 'sent-all' });
  made.reply();
  return made;
}

function commands(effects: readonly ControllerEffect[]): readonly unknown[] {
  return effects.flatMap((effect) => (effect.kind === 'command' ? [effect.command] : []));
}

function kinds(effects: readonly ControllerEffect[]): readonly string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind !== 'timer' && kind !== 'noted');
}

test('guard and turn are there before the server is spoken to, and it is asked to close', (t) => {
  const { tell, reply } = site();
  tell({ kind: 'opened' });
  t.deepEqual(kinds(tell({ kind: 'received', octets: REQUEST })), ['upstream-bind']);
  const owner = { ...LOCAL, mac: CONTROLLER_MAC };
  t.like(commands(tell({ kind: 'upstream-bound', local: LOCAL }))[0], {
    op: 'add',
    rule: { key: GUARD, owner, deltas: SHIFTED, locked: false },
  });
  t.like(commands(reply())[0], {
    op: 'add',
    rule: { key: TURN, owner, deltas: NO_DELTAS, locked: false },
  });
  t.deepEqual(kinds(reply()), ['upstream-open']);
  const [passed] = tell({ kind: 'upstream-opened' }).filter(({ kind }) => kind.endsWith('write'));
  const text = passed?.kind === 'upstream-write' ? new TextDecoder().decode(passed.octets) : '';
  t.is(text, 'GET /a HTTP/1.1\r\nHost: example.net\r\nConnection: close\r\n\r\n');
});

test('the rule joins what the controller has exported', (t) => {
  const { tell, reply, phase } = exported();
  t.like(commands(tell({ kind: 'exported', snapshot: EMPTY_SNAPSHOT }))[0], {
    op: 'delete',
    key: TURN,
  });
  t.like(commands(reply())[0], {
    op: 'chown',
    key: KEY,
    owner: SERVER,
    // The client's 2000 is the server's 7000, the controller's 1000 the server's 9000.
    deltas: { ...NO_DELTAS, clientSeq: 5000, ownerSeq: 8000 },
    unlock: true,
  });
  t.like(commands(reply())[0], { op: 'delete', key: GUARD });
  t.like(
    reply().find(({ kind }) => kind === 'upstream-yield'),
    { windowOctets: EMPTY_SNAPSHOT.windows.send },
  );
  t.is(phase(), 'spliced');
});

test('a switch that cannot shift refuses the guard, and the request is passed on', (t) => {
  for (const before of [0, 1]) {
    const { tell, reply, refuse, phase } = site();
    tell({ kind: 'opened' });
    tell({ kind: 'received', octets: REQUEST });
    tell({ kind: 'upstream-bound', local: LOCAL });
    if (before === 1) reply();
    t.deepEqual(kinds(refuse()), ['upstream-abort', 'upstream-open']);
    t.is(phase(), 'proxying');
    // Nothing is asked of the server that the client did not ask.
    const written = tell({ kind: 'upstream-opened' });
    t.deepEqual(
      written.find(({ kind }) => kind === 'upstream-write'),
      { kind: 'upstream-write', key: KEY, octets: REQUEST },
    );
  }
});

test('a server that does not promise to close, and a short answer, are passed on', (t) => {
  const heads = ['Content-Length: 5000', 'Content-Length: 999\r\nConnection: close'];
  for (const head of heads) {
    const { tell, phase } = opened();
    tell({ kind: 'upstream-opened' });
    const octets = new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${head}\r\n\r\nabc`);
    t.deepEqual(kinds(tell({ kind: 'upstream-received', octets })), ['write'], head);
    t.is(phase(), 'proxying');
  }
});

test('a client that has asked for more is not given away', (t) => {
  const { tell, phase } = opened();
  tell({ kind: 'upstream-opened' });
  tell({ kind: 'received', octets: REQUEST });
  t.deepEqual(kinds(tell({ kind: 'upstream-received', octets: LONG })), ['write']);
  t.is(phase(), 'proxying');
});

test('a client that asks for more at the last moment is taken back', (t) => {
  const { tell, reply, phase, stepOf } = exported();
  const snapshot = { ...EMPTY_SNAPSHOT, unread: REQUEST };
  t.like(commands(tell({ kind: 'exported', snapshot }))[0], { op: 'unlock', key: KEY });
  t.is(stepOf(), 'unlocking');
  const back = reply();
  t.deepEqual(kinds(back), ['import', 'thaw', 'upstream-thaw']);
  t.is(phase(), 'proxying');
  // What the server goes on to say is passed on, and nothing is tried again.
  t.deepEqual(kinds(tell({ kind: 'upstream-received', octets: new Uint8Array(10) })), ['write']);
});

test('a connection that cannot be exported goes on where it is', (t) => {
  const { tell, reply, phase } = exported();
  tell({ kind: 'export-failed', reason: 'CLOSE-WAIT' });
  t.deepEqual(kinds(reply()), ['upstream-thaw']);
  t.is(phase(), 'proxying');
});

test('ends with different options stay with the controller', (t) => {
  const negotiated = { ...EMPTY_SNAPSHOT.negotiated, sackPermitted: true };
  const { tell, stepOf } = exported({ ...SERVER_SIDE, negotiated });
  tell({ kind: 'exported', snapshot: EMPTY_SNAPSHOT });
  t.is(stepOf(), 'unlocking');
});

test('without an answer to the join both ends are given up, and all rules go', (t) => {
  const { tell, reply, phase } = exported();
  tell({ kind: 'exported', snapshot: EMPTY_SNAPSHOT });
  reply();
  let last: readonly ControllerEffect[] = [];
  for (let tries = 0; tries < DEFAULTS.triesMax; tries += 1) last = tell({ kind: 'timeout' });
  t.deepEqual(kinds(last), ['upstream-abort', 'drop', 'command']);
  t.like(commands(last)[0], { op: 'delete', key: GUARD });
  t.like(commands(reply())[0], { op: 'delete', key: KEY });
  // The client is told when the lock is gone.
  t.deepEqual(kinds(reply()), ['import', 'thaw', 'abort']);
  t.is(phase(), 'forgotten');
});

test('guard and turn go when the connection ends without having been spliced', (t) => {
  const { tell, reply, phase } = opened();
  t.like(commands(tell({ kind: 'reset' }))[0], { op: 'delete', key: TURN });
  t.like(commands(reply())[0], { op: 'delete', key: GUARD });
  t.like(commands(reply())[0], { op: 'delete', key: KEY });
  reply();
  t.is(phase(), 'forgotten');
});

function status(packets: number): RuleStatus {
  const count = { packets, octets: packets * 1500 };
  const rule = { key: KEY, owner: SERVER, deltas: NO_DELTAS, locked: false };
  return { rule, epoch: 50, leaseLeftMs: undefined, fromClient: count, fromOwner: count };
}

function spliced(): Site {
  const made = exported();
  made.tell({ kind: 'exported', snapshot: EMPTY_SNAPSHOT });
  made.reply();
  made.reply();
  made.reply();
  return made;
}

/** Lets time pass: heartbeats, of which some ask the switch, which answers. */
function beat({ tell }: Site, beats: number, rules: readonly RuleStatus[]): void {
  for (let count = 0; count < beats; count += 1) {
    const asked = tell({ kind: 'heartbeat' }).some(({ kind }) => kind === 'list');
    if (asked) tell({ kind: 'listed', rules });
  }
}

test('a spliced connection is over when the switch has seen nothing of it for long', (t) => {
  const made = spliced();
  beat(made, 8, [status(10)]);
  beat(made, 6, [status(11)]);
  t.is(made.phase(), 'spliced');
  beat(made, 8, [status(11)]);
  t.is(made.phase(), 'deleting');
});

test('a spliced connection is forgotten when the switch has no rule for it', (t) => {
  const made = spliced();
  beat(made, 2, []);
  t.is(made.phase(), 'spliced', 'the listing may have been asked for before');
  beat(made, 4, []);
  t.is(made.phase(), 'deleting');
});

test('PRISM-CTRL-16 a controller that starts anew goes on with a spliced connection', (t) => {
  const made = site(100);
  beat(made, 1, [status(10)]);
  t.is(made.phase(), 'spliced');
  beat(made, 12, [status(10)]);
  t.is(made.phase(), 'deleting');
});

test('PRISM-CTRL-16 what was on its way when the controller died is deleted', (t) => {
  const made = site(100);
  const { rule, ...rest } = status(10);
  const asked = made.tell({ kind: 'heartbeat' });
  t.true(asked.some(({ kind }) => kind === 'list'));
  const owner = { ...LOCAL, mac: CONTROLLER_MAC };
  const rules = [GUARD, TURN].map((key) => ({ ...rest, rule: { ...rule, key, owner } }));
  t.like(commands(made.tell({ kind: 'listed', rules })), [
    { op: 'delete', key: GUARD },
    { op: 'delete', key: TURN },
  ]);
});

test('a listing that comes late does not take the rules of this life for an earlier one', (t) => {
  const made = opened();
  const { rule, ...rest } = status(10);
  const owner = { ...LOCAL, mac: CONTROLLER_MAC };
  const rules = [GUARD, TURN].map((key) => ({ ...rest, rule: { ...rule, key, owner } }));
  t.deepEqual(commands(made.tell({ kind: 'listed', rules })), []);
});

test('a backend without an agent is not given up because it answers no ping', (t) => {
  const made = site();
  for (let beats = 0; beats <= DEFAULTS.missedMax; beats += 1) {
    const sent = made.tell({ kind: 'heartbeat' }).filter(({ kind }) => kind === 'send');
    t.deepEqual(sent, []);
  }
  made.tell({ kind: 'opened' });
  t.deepEqual(kinds(made.tell({ kind: 'received', octets: REQUEST })), ['upstream-bind']);
});

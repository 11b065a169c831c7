/** A backend that starts anew has nothing of what it had: no commit is for its next life. */
import test from 'ava';
import { ipv4Address, mac } from 'scapy-ts';
import { step as stepAgent } from '../../../reference/backend/step.ts';
import { createAgent } from '../../../reference/backend/state.ts';
import type { AgentEffect } from '../../../reference/backend/event.ts';
import { createController, step } from '../../../reference/controller/step.ts';
import type { ControllerEffect, ControllerEvent } from '../../../reference/controller/event.ts';
import { CONTROLLER, type Message } from '../../../reference/handoff/message.ts';
import { keyText, type ConnectionKey } from '../../../reference/rules/rule.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';

const KEY: ConnectionKey = {
  client: { address: ipv4Address('192.0.2.10'), port: 40_000 },
  virtual: { address: ipv4Address('198.51.100.1'), port: 80 },
};
const OWNER = {
  address: ipv4Address('10.0.0.21'),
  port: 8080,
  mac: mac('02:00:00:00:00:64'),
};
const NOTHING = new Uint8Array(0);
const EMPTY_SNAPSHOT: TcpSnapshot = {
  sendUnacknowledged: seqNum(1000),
  sent: NOTHING,
  unsent: NOTHING,
  receiveNext: seqNum(2000),
  unread: NOTHING,
  negotiated: { peerMss: 1460, sackPermitted: false, timestamps: false },
  windows: {
    send: 65_535,
    sendMax: 65_535,
    sendUpdate: seqNum(2000),
    receive: 65_535,
    receiveUpdate: seqNum(2000),
  },
  timestampNow: 0,
  timestampRecent: 0,
};
const REQUEST = new TextEncoder().encode('GET /a HTTP/1.1\r\nHost: example.net\r\n\r\n');

/** A controller whose one connection waits for the word that b1 has taken it. */
function committing(): {
  readonly tell: (event: ControllerEvent) => readonly ControllerEffect[];
  readonly phase: () => string | undefined;
  readonly epoch: number;
} {
  const state = createController({
    policy: [{ pathPrefix: '/', backends: ['b1'] }],
    backends: [{ name: 'b1', owner: OWNER, hasAgent: true }],
    mac: mac('02:00:00:00:00:01'),
    handOffFromOctets: 0,
  });
  const tell = (event: ControllerEvent): readonly ControllerEffect[] => step(state, event);
  const epoch = (): number => state.connections.get(keyText(KEY))?.epoch ?? 0;
  hear(tell, { kind: 'pong', count: 1, instance: 7 });
  tell({ kind: 'opened', key: KEY });
  tell({ kind: 'received', key: KEY, octets: REQUEST });
  const migration = epoch();
  tell({ kind: 'replied', key: KEY, epoch: migration });
  tell({ kind: 'exported', key: KEY, snapshot: EMPTY_SNAPSHOT });
  hear(tell, { kind: 'imported', key: KEY, epoch: migration, instance: 7 });
  tell({ kind: 'replied', key: KEY, epoch: epoch() });
  return { tell, phase: () => state.connections.get(keyText(KEY))?.phase.kind, epoch: migration };
}

function hear(
  tell: (event: ControllerEvent) => readonly ControllerEffect[],
  message: Message,
): readonly ControllerEffect[] {
  return tell({ kind: 'message', from: 'b1', message });
}

function said(effects: readonly (ControllerEffect | AgentEffect)[]): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message.kind] : []));
}

test('a commit names the life that has imported', (t) => {
  const { tell } = committing();
  const again = tell({ kind: 'timeout', key: KEY });
  t.like(
    again.find(({ kind }) => kind === 'send'),
    { to: 'b1', message: { kind: 'commit', instance: 7 } },
  );
});

test('what a later life imports again is not committed: the earlier one may have served', (t) => {
  const { tell, phase, epoch } = committing();
  const effects = hear(tell, { kind: 'imported', key: KEY, epoch, instance: 8 });
  t.false(said(effects).includes('commit'));
  t.is(phase(), 'deleting');
});

test('an owner that starts anew has lost its connections, however that is heard', (t) => {
  for (const kind of ['pong', 'imported'] as const) {
    const { tell, phase, epoch } = committing();
    hear(tell, { kind: 'committed', key: KEY, epoch });
    t.is(phase(), 'away');
    const message: Message =
      kind === 'pong' ? { kind, count: 2, instance: 8 } : { kind, key: KEY, epoch, instance: 8 };
    t.false(said(hear(tell, message)).includes('commit'), kind);
    t.is(phase(), 'deleting', kind);
  }
});

test('what an earlier life has said and comes late changes nothing', (t) => {
  const { tell, phase, epoch } = committing();
  t.deepEqual(hear(tell, { kind: 'imported', key: KEY, epoch, instance: 6 }), []);
  t.deepEqual(hear(tell, { kind: 'pong', count: 0, instance: 6 }), []);
  t.is(phase(), 'migrating');
});

test('an owner that asks for the next one has been committed, whether it said so or not', (t) => {
  const { tell, phase, epoch } = committing();
  const request = { method: 'GET', path: '/b', host: 'example.net', cookie: '' };
  const effects = hear(tell, { kind: 'move', key: KEY, epoch, request });
  t.is(phase(), 'away');
  t.deepEqual(said(effects), ['stay'], 'there is no other backend');
});

test('a commit that was refused is not said again: nobody has the connection', (t) => {
  const { tell, phase, epoch } = committing();
  hear(tell, { kind: 'refused', key: KEY, epoch, reason: 'there is no such connection' });
  t.is(phase(), 'deleting');
});

test('an agent refuses the commit of another life', (t) => {
  const agent = createAgent({ name: 'b1', instance: 8 });
  const transfer = { snapshot: EMPTY_SNAPSHOT, residual: REQUEST, keeps: [] };
  const about = { key: KEY, epoch: 1 };
  const hears = (message: Message): readonly AgentEffect[] =>
    stepAgent(agent, { kind: 'message', from: CONTROLLER, message });
  hears({ kind: 'offer', ...about, transfer });
  stepAgent(agent, { kind: 'imported', key: KEY });
  const refused = hears({ kind: 'commit', ...about, instance: 7 });
  t.deepEqual(said(refused), ['refused']);
  t.false(refused.some(({ kind }) => kind === 'server-open'));
  t.true(said(hears({ kind: 'commit', ...about, instance: 8 })).includes('committed'));
});

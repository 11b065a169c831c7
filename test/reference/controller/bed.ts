/** A controller and an agent, driven event by event. */
import { ipv4Address, mac } from 'scapy-ts';
import type { AgentEffect } from '../../../reference/backend/event.ts';
import type { ControllerEffect, ControllerEvent } from '../../../reference/controller/event.ts';
import type { ControllerConfig } from '../../../reference/controller/state.ts';
import { createController, step } from '../../../reference/controller/step.ts';
import type { Message } from '../../../reference/handoff/message.ts';
import { siteOf } from '../../../reference/policy/site.ts';
import { keyText, type ConnectionKey } from '../../../reference/rules/rule.ts';
import { seqNum } from '../../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../../reference/tcp/snapshot.ts';
import { drawFrom } from '../policy/bed.ts';

export const KEY: ConnectionKey = {
  client: { address: ipv4Address('192.0.2.10'), port: 40_000 },
  virtual: { address: ipv4Address('198.51.100.1'), port: 80 },
};
const OWNER = {
  address: ipv4Address('10.0.0.21'),
  port: 8080,
  mac: mac('02:00:00:00:00:64'),
};
const NOTHING = new Uint8Array(0);
export const EMPTY_SNAPSHOT: TcpSnapshot = {
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
export const REQUEST: Uint8Array = requestOf('/a');
const RESPONSE = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');

/** A request for `path`. */
export function requestOf(path: string): Uint8Array {
  return new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: example.net\r\n\r\n`);
}

type Tell = (event: ControllerEvent) => readonly ControllerEffect[];

/** A controller in the middle of a hand-off to b1. */
export interface Committing {
  readonly tell: Tell;
  readonly phase: () => string | undefined;
  /** Of the migration to b1. */
  readonly epoch: number;
  /** Of the last command. */
  readonly lastEpoch: () => number;
}

/** A controller whose one connection waits for the word that b1 has taken it. */
export function committing(config: Partial<ControllerConfig> = {}): Committing {
  const { tell, epochOf, phase, epoch } = offering(config);
  hear(tell, { kind: 'imported', key: KEY, epoch, instance: 7 });
  tell({ kind: 'replied', key: KEY, epoch: epochOf() });
  return { tell, phase, epoch, lastEpoch: epochOf };
}

/** A controller with one connection, of which nothing has been read. */
export function listening(
  config: Partial<ControllerConfig> = {},
): Pick<Committing, 'tell' | 'phase'> & { readonly epochOf: () => number } {
  const state = createController(
    {
      site: siteOf([
        { pathPrefix: '/a', backends: ['b1'] },
        { pathPrefix: '/b', backends: ['b2'] },
      ]),
      backends: [
        { name: 'b1', owner: OWNER, hasAgent: true },
        { name: 'b2', owner: { ...OWNER, address: ipv4Address('10.0.0.22') }, hasAgent: true },
      ],
      mac: mac('02:00:00:00:00:01'),
      handOffFromOctets: 0,
      ...config,
    },
    drawFrom(1),
  );
  const tell: Tell = (event) => step(state, event, 0);
  const epochOf = (): number => state.connections.get(keyText(KEY))?.epoch ?? 0;
  for (const from of ['b1', 'b2']) {
    tell({ kind: 'message', from, message: { kind: 'pong', count: 1, instance: 7 } });
  }
  tell({ kind: 'opened', key: KEY });
  const phase = (): string | undefined => state.connections.get(keyText(KEY))?.phase.kind;
  return { tell, phase, epochOf };
}

/** A controller that has offered its one connection to b1. */
export function offering(
  config: Partial<ControllerConfig> = {},
): Omit<Committing, 'lastEpoch'> & { readonly epochOf: () => number } {
  const { tell, phase, epochOf } = listening(config);
  tell({ kind: 'received', key: KEY, octets: REQUEST });
  const epoch = epochOf();
  tell({ kind: 'replied', key: KEY, epoch });
  tell({ kind: 'exported', key: KEY, snapshot: EMPTY_SNAPSHOT });
  return { tell, phase, epoch, epochOf };
}

/** The backend to which a request for `path` is passed on; it is answered with two octets. */
export function passOn(tell: Tell, path: string): string | undefined {
  const effects = tell({ kind: 'received', key: KEY, octets: requestOf(path) });
  const open = effects.find((effect) => effect.kind === 'upstream-open');
  tell({ kind: 'upstream-opened', key: KEY });
  tell({ kind: 'upstream-received', key: KEY, octets: RESPONSE });
  return open?.backend;
}

/** b1 says something. */
export function hear(tell: Tell, message: Message): readonly ControllerEffect[] {
  return tell({ kind: 'message', from: 'b1', message });
}

/** The kinds of the messages that are sent. */
export function said(effects: readonly (ControllerEffect | AgentEffect)[]): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === 'send' ? [effect.message.kind] : []));
}

/** A controller over four backends, with as many clients as a test likes. */
import { ipv4Address, mac } from 'scapy-ts';
import type { ControllerEffect, ControllerEvent } from '../../../reference/controller/event.ts';
import type {
  Backend,
  ControllerConfig,
  ControllerState,
} from '../../../reference/controller/state.ts';
import { createController, step } from '../../../reference/controller/step.ts';
import type { Site } from '../../../reference/policy/site.ts';
import { keyText, type ConnectionKey } from '../../../reference/rules/rule.ts';
import { drawFrom } from '../policy/bed.ts';
import { EMPTY_SNAPSHOT } from './bed.ts';

const NAMES = ['b1', 'b2', 'b3', 'b4'] as const;
export const BACKENDS: readonly Backend[] = NAMES.map((name, index) => ({
  name,
  owner: {
    address: ipv4Address(`10.0.0.${21 + index}`),
    port: 8080,
    mac: mac(`02:00:00:00:00:${21 + index}`),
  },
  hasAgent: true,
}));
const LATIN1 = new TextDecoder('latin1');

/** The connection of client number `client`, which has an address of its own. */
export function keyOfClient(client: number): ConnectionKey {
  return {
    client: { address: ipv4Address(`192.0.2.${client}`), port: 40_000 },
    virtual: { address: ipv4Address('198.51.100.1'), port: 80 },
  };
}

/** What a client asks. */
export interface Asking {
  readonly method?: string;
  readonly cookie?: string;
}

/** A controller and its clients. */
export interface Crowd {
  readonly state: ControllerState;
  /** On the clock of the controller. */
  nowMs: number;
  tell(event: ControllerEvent): readonly ControllerEffect[];
  open(client: number): void;
  /** Who gets the request: a backend, handed over (`b1!`) or not (`b1`), or the status of an error. */
  ask(client: number, path: string, asking?: Asking): string;
  /** The backend that was asked answers; what the client gets. */
  answer(client: number, response?: string): string;
  /** A request and its answer, on a connection of its own; who got it. */
  visit(client: number, path: string, asking?: Asking): string;
  /** The owner asks whose its next request is; what it is told. */
  move(client: number, path: string, ask: number, cookie?: string): string;
  /** The connection is handed over to the backend that was chosen. */
  handOver(client: number): void;
  phase(client: number): string | undefined;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What a client is told by effects. */
export function written(effects: readonly ControllerEffect[]): string {
  return effects
    .flatMap((each) => (each.kind === 'write' ? LATIN1.decode(each.octets) : []))
    .join('');
}

function octetsOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Who gets a request, by what the controller does. */
function takerOf(effects: readonly ControllerEffect[], to: string | undefined): string {
  const [, status] = /^HTTP\/1\.1 (\d+)/u.exec(written(effects)) ?? [];
  const opened = effects.find((each) => each.kind === 'upstream-open');
  return status ?? opened?.backend ?? `${to ?? '?'}!`;
}

/** A controller of which each backend has said that it is there. */
export function createCrowd(site: Site, config: Partial<ControllerConfig> = {}): Crowd {
  const state = createController(
    { site, backends: BACKENDS, mac: mac('02:00:00:00:00:01'), handOffFromOctets: 1000, ...config },
    drawFrom(1),
  );
  const find = (client: number) => state.connections.get(keyText(keyOfClient(client)));
  const migrationOf = (client: number) => {
    const phase = find(client)?.phase;
    return phase?.kind === 'migrating' ? phase : undefined;
  };
  const crowd: Crowd = {
    state,
    nowMs: 0,
    tell: (event) => step(state, event, crowd.nowMs),
    open(client): void {
      crowd.tell({ kind: 'opened', key: keyOfClient(client) });
    },
    ask(client, path, { method = 'GET', cookie } = {}): string {
      const line = cookie === undefined ? '' : `Cookie: ${cookie}\r\n`;
      const octets = octetsOf(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${line}\r\n`);
      const effects = crowd.tell({ kind: 'received', key: keyOfClient(client), octets });
      return takerOf(effects, migrationOf(client)?.to);
    },
    answer(client, response = OK): string {
      const key = keyOfClient(client);
      crowd.tell({ kind: 'upstream-opened', key });
      return written(crowd.tell({ kind: 'upstream-received', key, octets: octetsOf(response) }));
    },
    visit(client, path, asking): string {
      crowd.open(client);
      const taker = crowd.ask(client, path, asking);
      crowd.answer(client);
      crowd.tell({ kind: 'reset', key: keyOfClient(client) });
      return taker;
    },
    move(client, path, ask, cookie = ''): string {
      const phase = find(client)?.phase;
      if (phase?.kind !== 'away') throw new Error(`it is ${phase?.kind}`);
      const { owner: from, epoch } = phase;
      const request = { method: 'GET', path, host: 'a', cookie };
      const key = keyOfClient(client);
      const message = { kind: 'move', key, epoch, ask, request, served: [] } as const;
      const effects = crowd.tell({ kind: 'message', from, message });
      const said = effects.find((each) => each.kind === 'send');
      return said?.message.kind ?? `to ${migrationOf(client)?.to}`;
    },
    handOver(client): void {
      const key = keyOfClient(client);
      const reply = (): readonly ControllerEffect[] =>
        crowd.tell({ kind: 'replied', key, epoch: find(client)?.epoch ?? 0 });
      reply();
      crowd.tell({ kind: 'exported', key, snapshot: EMPTY_SNAPSHOT });
      const { epoch = 0, to: from = '' } = migrationOf(client) ?? {};
      const about = { key, epoch, instance: 7 };
      crowd.tell({ kind: 'message', from, message: { kind: 'imported', ...about } });
      reply();
      crowd.tell({ kind: 'message', from, message: { kind: 'committed', key, epoch } });
    },
    phase: (client) => find(client)?.phase.kind,
  };
  for (const from of NAMES) {
    crowd.tell({ kind: 'message', from, message: { kind: 'pong', count: 1, instance: 7 } });
  }
  return crowd;
}

/** The controller as a process: a station, the step function, and its connections to backends. */
import type { Command } from '../../control/command.ts';
import { decodeReply, encodeCommand, type ReplyPart } from '../../control/codec.ts';
import type { ControllerEffect, ControllerEvent, RuleCommand } from '../../controller/event.ts';
import { step, type ControllerState } from '../../controller/step.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import type { Process } from '../network/process.ts';
import {
  connectionId,
  exportConnection,
  step as stepHost,
  type HostEvent,
  type HostNotice,
} from '../tcp/host.ts';
import { createStation, type Seat } from './station.ts';

/** What a controller's process is made of. */
export interface ControllerSeat extends Seat {
  readonly state: ControllerState;
  readonly virtual: Endpoint;
  /** Where the connections to backends come from. */
  readonly address: Endpoint['address'];
  readonly servers: ReadonlyMap<string, Endpoint>;
  readonly heartbeatNs: number;
  /** Hears what was wrong with a change of its site, or undefined. */
  readonly onConfigured?: (fault: string | undefined) => void;
}

/** A controller that can be told things. */
export interface ControllerProcess extends Process {
  /** Gives it an event, which it deals with in its next step. */
  give(event: ControllerEvent): void;
}

type UpstreamEffect = Extract<ControllerEffect, { readonly kind: `upstream-${string}` }>;

const FIRST_PORT = 32_768;

/** A controller that listens at the virtual endpoint; channels lead to `switch` and the backends. */
export function createControllerProcess(seat: ControllerSeat): ControllerProcess {
  const { host, state, virtual } = seat;
  const asked = new Map<number, { readonly key: ConnectionKey; readonly epoch: number }>();
  const listings = new Map<number, ReplyPart[]>();
  /** Whose upstream a connection to a backend is, by its id. */
  const upstreams = new Map<string, ConnectionKey>();
  /** Where an upstream that is not yet open will come from, by `keyText`. */
  const bound = new Map<string, Endpoint>();
  const toFreeze: ConnectionKey[] = [];
  const given: ControllerEvent[] = [];
  let lastRequest = 0;
  let lastPort = FIRST_PORT;
  let beatAtNs = 0;
  const station = createStation(seat, {
    localOf: ({ virtual: local }) => local,
    tell,
    onNotice,
    onOctets: (from, octets) => (from === 'switch' ? onReply(octets) : undefined),
    work: () => [
      ...given.splice(0).flatMap(tell),
      ...toFreeze.splice(0).flatMap(freezeUpstream),
      ...beat(),
    ],
    nextAtNs: () => (given.length + toFreeze.length > 0 ? host.nowNs : beatAtNs),
  });

  stepHost(host, { kind: 'listen', local: virtual });

  function tell(event: ControllerEvent): readonly HostEvent[] {
    return step(state, event, host.nowNs / 1e6).flatMap(perform);
  }

  function perform(effect: ControllerEffect): readonly HostEvent[] {
    switch (effect.kind) {
      case 'command':
        command(effect.key, effect.command);
        return [];
      case 'list':
        listings.set(ask({ op: 'get' }), []);
        return [];
      case 'configured':
        seat.onConfigured?.(effect.fault);
        return [];
      case 'upstream-bind':
        return bindUpstream(effect.key);
      case 'upstream-open':
        return openUpstream(effect.key, effect.backend);
      case 'upstream-freeze':
        // What has come with the same frame is told before.
        toFreeze.push(effect.key);
        return [];
      case 'upstream-thaw':
      case 'upstream-yield':
      case 'upstream-write':
      case 'upstream-finish':
      case 'upstream-close':
      case 'upstream-abort':
        return useUpstream(effect);
      default:
        return station.perform(effect);
    }
  }

  function command(key: ConnectionKey, wanted: RuleCommand): void {
    asked.set(ask(wanted), { key, epoch: wanted.epoch });
  }

  /** Says it to the switch, and answers by which number the reply will be known. */
  function ask(wanted: Command): number {
    lastRequest += 1;
    station.leave('switch', encodeCommand({ requestId: lastRequest, command: wanted }));
    return lastRequest;
  }

  function bindUpstream(key: ConnectionKey): readonly HostEvent[] {
    const local = nextLocal();
    bound.set(keyText(key), local);
    return tell({ kind: 'upstream-bound', key, local });
  }

  function nextLocal(): Endpoint {
    lastPort += 1;
    return { address: seat.address, port: lastPort };
  }

  function openUpstream(key: ConnectionKey, backend: string): readonly HostEvent[] {
    const remote = seat.servers.get(backend);
    if (remote === undefined) return tell({ kind: 'upstream-failed', key });
    const name = keyText(key);
    const client = host.connections.get(connectionId({ local: key.virtual, remote: key.client }));
    const own = bound.get(name);
    const local = own ?? nextLocal();
    bound.delete(name);
    upstreams.set(connectionId({ local, remote }), key);
    if (own === undefined || client === undefined) return [{ kind: 'connect', local, remote }];
    // In repair mode it is as silent as Linux's is with a filter that drops all.
    const { peerMss: mss, sackPermitted: sack, timestamps } = client.negotiated;
    const settings = { mss, sack, timestamps, repairAcknowledges: false };
    return [{ kind: 'connect', local, remote, settings }];
  }

  function freezeUpstream(key: ConnectionKey): readonly HostEvent[] {
    const id = idOfUpstream(key);
    const taken = id === undefined ? undefined : exportConnection(host, id);
    if (taken?.ok === true) return tell({ kind: 'upstream-frozen', key, snapshot: taken.value });
    return tell({ kind: 'upstream-kept', key, reason: 'it is not established' });
  }

  function idOfUpstream(key: ConnectionKey): string | undefined {
    const name = keyText(key);
    return [...upstreams].find(([, each]) => keyText(each) === name)?.[0];
  }

  function useUpstream(
    effect: Exclude<UpstreamEffect, { kind: `upstream-${'bind' | 'open' | 'freeze'}` }>,
  ): readonly HostEvent[] {
    const id = idOfUpstream(effect.key);
    bound.delete(keyText(effect.key));
    if (id === undefined) return [];
    if (effect.kind === 'upstream-thaw') return [{ kind: 'thaw', id }];
    if (effect.kind === 'upstream-write') return [{ kind: 'write', id, octets: effect.octets }];
    if (effect.kind === 'upstream-finish') return [{ kind: 'finish', id }];
    upstreams.delete(id);
    // The server asks for the client's window by itself, a little later than if it were told.
    if (effect.kind === 'upstream-yield') return [{ kind: 'drop', id }];
    return [{ kind: effect.kind === 'upstream-close' ? 'close' : 'abort', id }];
  }

  function onNotice(notice: HostNotice): readonly HostEvent[] {
    const key = upstreams.get(notice.id);
    if (key !== undefined) return onUpstream(key, notice);
    if (notice.kind !== 'opened' || !notice.isPassive) return [];
    const opened = { client: notice.remote, virtual: notice.local };
    station.sockets.adopt(opened);
    const isSigned = host.connections.get(notice.id)?.isSigned === true;
    return tell({ kind: 'opened', key: opened, isSigned });
  }

  function onUpstream(key: ConnectionKey, notice: HostNotice): readonly HostEvent[] {
    switch (notice.kind) {
      case 'opened':
        return tell({ kind: 'upstream-opened', key });
      case 'received':
        return tell({ kind: 'upstream-received', key, octets: notice.octets });
      case 'peer-finished':
        return tell({ kind: 'upstream-finished', key });
      case 'reset':
        // The next one for the same client must not be taken for this.
        upstreams.delete(notice.id);
        return tell({ kind: 'upstream-failed', key });
      case 'closed':
      case 'sent-all':
        return [];
      default:
        return notice satisfies never;
    }
  }

  function onReply(octets: Uint8Array): readonly HostEvent[] {
    const part = decodeReply(octets);
    if (part === undefined) return [];
    const { requestId, reply } = part;
    const listing = listings.get(requestId);
    if (listing !== undefined) return onListing(requestId, listing, part);
    const about = asked.get(requestId);
    asked.delete(requestId);
    if (about === undefined) return [];
    const error = reply.ok ? undefined : reply.error;
    return tell({ kind: 'replied', ...about, error });
  }

  /** A list comes in parts, each of which may be lost, late or doubled. */
  function onListing(
    requestId: number,
    listing: ReplyPart[],
    part: ReplyPart,
  ): readonly HostEvent[] {
    if (listing.some((each) => each.part === part.part)) return [];
    listing.push(part);
    if (listing.length < part.parts) return [];
    listings.delete(requestId);
    const rules = listing.flatMap(({ reply }) => (reply.ok ? reply.rules : []));
    return tell({ kind: 'listed', rules });
  }

  function beat(): readonly HostEvent[] {
    if (host.nowNs < beatAtNs) return [];
    beatAtNs = host.nowNs + seat.heartbeatNs;
    return tell({ kind: 'heartbeat' });
  }

  return { ...station.process, give: (event) => given.push(event) };
}

/**
 * Probes of servers, carried out by model TCPs: one for each probe, since several servers may have
 * the one address that is probed, and only the frames' way tells them apart.
 *
 *   begin ─▶ SYN … opened ─▶ connected
 *                    └─ http ─▶ GET … head of a response ─▶ answered ─▶ FIN
 *                                └─ FIN, RST, no HTTP ─▶ refused
 */
import {
  build,
  ether,
  formatIpv4,
  ipv4,
  raw,
  PROTOCOL,
  type Ipv4Address,
  type MacAddress,
} from 'scapy-ts';
import type { Outcome } from '../../health/check.ts';
import { createConversation } from '../../health/conversation.ts';
import type { Target } from '../../health/target.ts';
import { createHostProcess, type HostProcess } from '../host-process.ts';
import { createHost, type HostEvent, type HostNotice } from '../tcp/host.ts';

/** What came of probes: frames that leave, and outcomes by the numbers of probes. */
export interface ProbeNews {
  readonly frames: readonly Uint8Array[];
  readonly outcomes: readonly { readonly probe: number; readonly outcome: Outcome }[];
}

/** From where probes are sent. */
export interface ProbeSource {
  readonly mac: MacAddress;
  readonly address: Ipv4Address;
  /** The source of tunnels. */
  readonly tunnelSource: Ipv4Address;
}

/** Probes under way, and connections of theirs that have not ended yet. */
export interface Probes {
  readonly begin: (source: ProbeSource, probe: number, target: Target, nowNs: number) => ProbeNews;
  readonly giveUp: (probe: number, nowNs: number) => ProbeNews;
  /** Whether there are none. */
  readonly isIdle: () => boolean;
  /** Whether a frame to this address and port is for a probe. */
  readonly isFor: (address: Ipv4Address, port: number) => boolean;
  readonly hear: (port: number, octets: Uint8Array, nowNs: number) => ProbeNews;
  readonly tick: (nowNs: number) => ProbeNews;
  readonly nextAtNs: () => number | undefined;
}

interface Call {
  readonly probe: number;
  readonly source: ProbeSource;
  readonly target: Target;
  readonly host: HostProcess;
  readonly id: string;
  readonly outcomes: Outcome[];
}

/** The dynamic ports. RFC 6335 section 6. */
const PORTS = { first: 49_152, count: 16_384 } as const;
const ETHERNET_OCTETS = 14;

/** The application of a probe: asks, and reads the head of what is answered. */
function createApplication(
  target: Target,
  outcomes: Outcome[],
): (notice: HostNotice) => readonly HostEvent[] {
  const { check, way } = target;
  const { request, hear } = createConversation(check.probe, formatIpv4(way.address));
  let isOver = false;
  const conclude = (outcome: Outcome, id: string): readonly HostEvent[] => {
    if (isOver) return [];
    isOver = true;
    outcomes.push(outcome);
    return [{ kind: 'close', id }];
  };
  return (notice) => {
    const { kind, id } = notice;
    switch (kind) {
      case 'opened':
        if (request === undefined) return conclude({ kind: 'connected' }, id);
        return [{ kind: 'write', id, octets: request }];
      case 'received': {
        if (isOver) return [];
        const outcome = hear(notice.octets);
        return outcome === undefined ? [] : conclude(outcome, id);
      }
      case 'peer-finished':
      case 'closed':
      case 'reset':
        return conclude({ kind: 'refused' }, id);
      case 'sent-all':
        return [];
      default:
        return kind satisfies never;
    }
  };
}

/** A frame of a probe as it leaves: where the target is behind a tunnel, in it. */
function onItsWay({ source, target: { way } }: Call, frame: Uint8Array): Uint8Array {
  if (way.tunnel === undefined) return frame;
  return build([
    ether({ src: source.mac, dst: way.mac }),
    ipv4({ src: source.tunnelSource, dst: way.tunnel, ttl: 64, protocol: PROTOCOL.ipv4 }),
    raw(frame.subarray(ETHERNET_OCTETS)),
  ]);
}

function createCall(
  source: ProbeSource,
  probe: number,
  target: Target,
  port: number,
  random: () => number,
): Call {
  const { way } = target;
  const { mac, address } = source;
  const state = createHost({ mac, addresses: [address], gateway: way.mac, random });
  const outcomes: Outcome[] = [];
  const host = createHostProcess(state, createApplication(target, outcomes));
  const id = `${address}/${port} ${way.address}/${way.port}`;
  return { probe, source, target, host, id, outcomes };
}

/** No probes; the first numbers of their connections come of `random`, 0 … 2^32 − 1. */
export function createProbes(random: () => number): Probes {
  const calls = new Map<number, Call>();
  let begun = 0;

  function perform(port: number, events: readonly HostEvent[], nowNs: number): ProbeNews {
    const call = calls.get(port);
    if (call === undefined) return { frames: [], outcomes: [] };
    const effects = call.host.perform(events, nowNs);
    const frames = effects.flatMap((effect) =>
      effect.kind === 'frame' ? [onItsWay(call, effect.octets)] : [],
    );
    const outcomes = call.outcomes.splice(0).map((outcome) => ({ probe: call.probe, outcome }));
    const connection = call.host.host.connections.get(call.id);
    if (connection === undefined || connection.state === 'TIME-WAIT') calls.delete(port);
    return { frames, outcomes };
  }

  function portOf(probe: number): number | undefined {
    for (const [port, call] of calls) if (call.probe === probe) return port;
    return undefined;
  }

  return {
    begin(source, probe, target, nowNs): ProbeNews {
      const port = PORTS.first + (begun % PORTS.count);
      begun += 1;
      const call = createCall(source, probe, target, port, random);
      calls.set(port, call);
      const local = { address: source.address, port };
      const { address, port: remotePort } = target.way;
      const remote = { address, port: remotePort };
      return perform(port, [{ kind: 'connect', local, remote }], nowNs);
    },
    giveUp(probe, nowNs): ProbeNews {
      const port = portOf(probe);
      const call = port === undefined ? undefined : calls.get(port);
      if (port === undefined || call === undefined) return { frames: [], outcomes: [] };
      const { frames } = perform(port, [{ kind: 'abort', id: call.id }], nowNs);
      calls.delete(port);
      return { frames, outcomes: [] };
    },
    isIdle: () => calls.size === 0,
    isFor: (address, port) => calls.get(port)?.source.address === address,
    hear: (port, octets, nowNs) => perform(port, [{ kind: 'frame', octets }], nowNs),
    tick(nowNs): ProbeNews {
      const news = [...calls.keys()].map((port) => perform(port, [], nowNs));
      return {
        frames: news.flatMap(({ frames }) => frames),
        outcomes: news.flatMap(({ outcomes }) => outcomes),
      };
    },
    nextAtNs(): number | undefined {
      const times = [...calls.values()].flatMap(({ host }) => host.nextAtNs() ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

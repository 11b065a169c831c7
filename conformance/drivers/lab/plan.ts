/** The plan of a Prism as one of its parts reads it: it listens itself, and finds others at a relay. */
import { formatMac } from 'scapy-ts';
import type { Bounds, PolicyRoute, Story } from '../../driver/system.ts';
import {
  BACKEND_STATIONS,
  CONTROLLER_STATION,
  ownerOf,
  portOf,
  STATIONS,
  type Station,
} from './network.ts';

/** What may differ from story to story. */
export interface PlanOptions {
  readonly lock: Story['lock'];
  readonly way: Story['way'];
  readonly policy: readonly PolicyRoute[];
  /** Backends that take no connection. */
  readonly refusing: readonly string[];
  /** Where a part listens. */
  readonly realPath: (part: string) => string;
  /** Where others find it. */
  readonly pathTo: (part: string) => string;
}

const LINGER_MS = 300;
const HEAD_MS = 6000;
const RESPONSE_MS = 8000;
const CLOSE_MS = 3000;
const LEASE_MS = 4000;
/** 15 pings of 200 ms without an answer. */
const LOST_MS = 3000;
/** What a part says is said again after 50 ms, ten times at most. */
const UNANSWERED_MS = 500;
/** What a part may be late on a machine that has other things to do, too. */
const LOAD_MS = 3000;

/** What a Prism with such a plan promises. */
export const BOUNDS: Bounds = {
  answerMs: LOST_MS + RESPONSE_MS + 4 * UNANSWERED_MS + LOAD_MS,
  ruleMs: LEASE_MS + LOST_MS + CLOSE_MS + LINGER_MS + LOAD_MS,
  headMs: HEAD_MS + LOAD_MS,
};
/** What `profile` of a switch says. */
export const PROFILE_LEASE_MS: number = LEASE_MS;

/** The file that `part` reads. */
export function formatPlan(part: string, options: PlanOptions): string {
  const { lock, way, policy, refusing, realPath, pathTo } = options;
  const channelOf = (name: string): string => (name === part ? realPath(name) : pathTo(name));
  const isController = part === 'controller';
  const devices = STATIONS.map((each): [string, string[]] => [portOf(each), [formatMac(each.mac)]]);
  const backends = [BACKEND_STATIONS.b1, BACKEND_STATIONS.b2].map(({ host, mac }: Station) => {
    const owner = ownerOf(host === 'b1' ? 'b1' : 'b2');
    return { name: host, owner, mac: formatMac(mac), channel: channelOf(host) };
  });
  const settings = {
    handOffFromOctets: way === 'hand-off' ? 0 : Number.MAX_SAFE_INTEGER,
    handOffFromRequests: Number.MAX_SAFE_INTEGER,
    lingerMs: LINGER_MS,
    headMs: HEAD_MS,
    responseMs: RESPONSE_MS,
    closeMs: CLOSE_MS,
  };
  const plan = {
    keyFile: 'key',
    virtual: `${CONTROLLER_STATION.text}:80`,
    // Who is not the controller need not begin anew when its settings are others.
    controller: { mac: formatMac(CONTROLLER_STATION.mac), settings: isController ? settings : {} },
    agent: { closeMs: CLOSE_MS, ...(refusing.includes(part) ? { connectionsMax: 0 } : {}) },
    switch: {
      channel: channelOf('switch'),
      kind: lock === 'hold' ? 'ring' : 'bpf',
      lockLeaseMs: LEASE_MS,
      devices: Object.fromEntries(devices),
    },
    backends,
    policy: isController ? policy : [],
  };
  return JSON.stringify(plan, undefined, 1);
}

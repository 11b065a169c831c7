/** What a switch is built with: its ports, its capabilities, its limits. */

/** What a switch may or may not be able to do; each can be left out. */
export const CAPABILITIES = [
  'SPLICE',
  'TS',
  'WS',
  'ICMP',
  'FRAG',
  'IPOPT',
  'V6',
  'VLAN',
  'L3',
  'AGE',
  'JUMBO',
] as const;

/** One thing that a switch may or may not be able to do. */
export type Capability = (typeof CAPABILITIES)[number];

/** What becomes of a client's frames while their rule is locked. */
export type LockMode = 'drop' | 'hold' | 'punt';

/** A whole configuration. */
export interface SwitchConfig {
  /** The bridged ports: clients, controller and backends alike, for a rule applies at each. */
  readonly ports: readonly number[];
  /** Where punted frames go; not bridged, but frames that come in here are switched as any. */
  readonly puntPort: number | undefined;
  /** The only port that takes in-band commands; nothing else goes in or out here. */
  readonly controlPort: number | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  readonly lock: LockMode;
  /** Longest frame, tags not counted; where it is left out 1,514 octets, with JUMBO 9,014. */
  readonly frameOctetsMax: number;
  /** Most rules at a time. */
  readonly capacity: number;
  /** Most learned MAC addresses; beyond it a new one is not learned, and frames to it flood. */
  readonly macCapacity: number;
  /** Most frames held for one locked rule; beyond it they are dropped. */
  readonly holdFrames: number;
  /** A rule is deleted when no frame has used it for longer (with AGE). */
  readonly idleTimeoutMs: number;
  /** A rule is deleted when it has been locked for this long. */
  readonly lockLeaseMs: number;
}

const FRAME_OCTETS_MAX = 1514;
const JUMBO_OCTETS_MAX = 9014;

const DEFAULTS: Omit<SwitchConfig, 'ports' | 'frameOctetsMax'> = {
  puntPort: undefined,
  controlPort: undefined,
  capabilities: new Set(CAPABILITIES),
  lock: 'drop',
  capacity: 1024,
  macCapacity: 1024,
  holdFrames: 64,
  // RFC 5382 REQ-5: not less than 2 h 4 min.
  idleTimeoutMs: 7_440_000,
  lockLeaseMs: 10_000,
};

/** Only the ports must be said; by default a switch has every capability, and locks by dropping. */
export type SwitchOptions = Pick<SwitchConfig, 'ports'> & Partial<SwitchConfig>;

/** Completes a configuration; throws TypeError if it contradicts itself. */
export function completeConfig(options: SwitchOptions): SwitchConfig {
  const { capabilities } = { ...DEFAULTS, ...options };
  const frameOctetsMax = capabilities.has('JUMBO') ? JUMBO_OCTETS_MAX : FRAME_OCTETS_MAX;
  const config: SwitchConfig = { ...DEFAULTS, frameOctetsMax, ...options };
  if (config.lock === 'punt' && config.puntPort === undefined) {
    throw new TypeError("lock 'punt' needs a puntPort");
  }
  const ports = [...config.ports, config.puntPort, config.controlPort].filter(
    (port) => port !== undefined,
  );
  if (new Set(ports).size !== ports.length) throw new TypeError('a port has two roles');
  return config;
}

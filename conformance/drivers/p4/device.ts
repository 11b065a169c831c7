/** A P4 switch and its agent as one device. */
import type { Mapping } from '../../../hardware/agent/mapping.ts';
import { PRISM } from '../../../hardware/bmv2/agent/entries.ts';
import { CAPACITY_MAX, limitsOf } from '../../../hardware/bmv2/agent/limits.ts';
import type { Update } from '../../../hardware/entry.ts';
import type { Capability } from '../../catalogue/capability.ts';
import { DriverFault, type Device, type Hello } from '../../driver/device.ts';
import { openAgentDevice } from '../agent/device.ts';
import type { P4Switch } from './switch.ts';

/** What `prism.p4` and its agent can do. */
const CLAIMS: readonly Capability[] = [
  'BRIDGE',
  'MATCH',
  'REVERSE',
  'RULES',
  'LOCK',
  'LOCKBOTH',
  'EPOCH',
  'CAPACITY',
  'SPLICE',
  'DELTAS',
  'TS',
  'WS',
  'PUNT',
  'ICMP',
  'FRAG',
  'IPOPT',
  'V6',
  'VLAN',
  'AGE',
  'JUMBO',
  'INBAND',
];

/** The ports of `prism.p4`. */
const PORTS: Hello['ports'] = {
  client0: 0,
  client1: 1,
  controller: 2,
  backend0: 3,
  backend1: 4,
  punt: 5,
  control: 6,
};
/** `prism.p4` passes on to the agent what comes in at the control port, and back. */
const AGENT_PORT = 7;

const LIMITS = limitsOf({ capacity: CAPACITY_MAX, lockLeaseMs: 10_000 });

/** What may be chosen of a device. */
export interface P4DeviceOptions {
  /** How rules become entries: `prism.p4`'s when left out. */
  readonly mapping?: Mapping;
  /** What of its claims is to be judged; all when left out. */
  readonly claims?: readonly Capability[] | undefined;
}

/** A switch that runs `prism.p4`, or another program with its ports, as a device. */
export function openP4Device(
  p4: P4Switch,
  nowMs: () => number,
  { mapping = PRISM, claims = CLAIMS }: P4DeviceOptions = {},
): Device {
  const write = async (batch: readonly Update[]): Promise<void> => {
    const statuses = await p4.write(batch);
    statuses.forEach((status, at) => {
      if (status.ok) return;
      const { code, message } = status;
      const what = brief(batch[at]);
      throw new DriverFault('refused', `${p4.name} refused to ${what}: ${code} ${message}`);
    });
  };
  return openAgentDevice({ ...p4, write }, nowMs, {
    mapping,
    limits: LIMITS,
    capabilities: CLAIMS.filter((each) => claims.includes(each)),
    ports: PORTS,
    agentPort: AGENT_PORT,
    mtu: 9000,
  });
}

function brief(update: Update | undefined): string {
  if (update === undefined) return 'do what it was not asked to';
  return update.kind === 'count'
    ? `write counter ${update.counter}`
    : `${update.kind} an entry of ${update.entry.table}`;
}

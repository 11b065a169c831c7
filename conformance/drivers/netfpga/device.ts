/** The Prism core for NetFPGA, simulated, and its agent as one device. */
import { MAPPING } from '../../../hardware/netfpga/driver/entries.ts';
import { limitsOf } from '../../../hardware/netfpga/driver/limits.ts';
import type { Capability } from '../../catalogue/capability.ts';
import type { Device, Hello } from '../../driver/device.ts';
import { openAgentDevice } from '../agent/device.ts';
import { openSimulated } from './simulated.ts';

/** What the core and its agent can do. */
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
  'VLAN',
  'AGE',
  'JUMBO',
];

/** By the bits of TUSER: even ones are wires, odd ones go to and come from the host by DMA. */
const PORTS: Hello['ports'] = {
  client0: 0,
  client1: 2,
  backend0: 4,
  backend1: 6,
  controller: 1,
  punt: 3,
};

/** Not the core's own 14 and 12: it empties a row a clock, and the suite resets it again and again. */
const RULES_LOG2 = 10;
const STATIONS_LOG2 = 11;
const LOCK_LEASE_MS = 10_000;

/** Which core is simulated; what is left out is as it is with this project's. */
export interface NetfpgaSimOptions {
  readonly name?: string | undefined;
  /** The path of a folder of Verilog. */
  readonly rtl?: string | undefined;
  /** The binary logarithm of the rules that there is room for. */
  readonly rulesLog2?: number | undefined;
  /** The same of the stations that the bridge has rows for. */
  readonly stationsLog2?: number | undefined;
  /** What the register DEBUG holds. */
  readonly debug?: number | undefined;
  /** What of its claims is to be judged. */
  readonly claims?: readonly Capability[] | undefined;
}

/** A core that is built and started when it is first asked. */
export function openNetfpgaSim(options: NetfpgaSimOptions = {}): Device {
  const { name = 'netfpga-sim', claims = CLAIMS } = options;
  const { rulesLog2 = RULES_LOG2, stationsLog2 = STATIONS_LOG2 } = options;
  const simulated = openSimulated({ ...options, name, rulesLog2, stationsLog2 });
  return openAgentDevice(simulated, simulated.nowMs, {
    mapping: MAPPING,
    limits: limitsOf(2 ** rulesLog2, LOCK_LEASE_MS),
    capabilities: CLAIMS.filter((each) => claims.includes(each)),
    ports: PORTS,
    mtu: 9000,
  });
}

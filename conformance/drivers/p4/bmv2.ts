/** `prism.p4` on BMv2's simple_switch_grpc, started here or reached at an address. */
import { PRISM_JSON, PRISM_P4INFO } from '../../../hardware/bmv2/program.ts';
import type { Device } from '../../driver/device.ts';
import { openP4Device } from './device.ts';
import { openP4RuntimeSwitch } from './p4runtime.ts';
import { startSimpleSwitch } from './simple-switch.ts';

/** A switch to be started. */
export interface Bmv2Options {
  /** A path, or a name that is looked for on PATH. */
  readonly program?: string | undefined;
  /** How long it may take to start, and for each answer. */
  readonly timeoutMs?: number | undefined;
}

/** A switch that somebody else has started. */
export interface P4RuntimeAddress {
  readonly name: string;
  readonly vendor: string;
  /** Where it speaks P4Runtime, as gRPC names addresses. */
  readonly address: string;
  /** Where it takes and gives frames as BMv2 does. */
  readonly dataPlane: string;
  readonly deviceId: bigint;
  readonly electionId: bigint;
  /** For each answer. */
  readonly timeoutMs: number;
  /** Paths of another compiled form of `prism.p4`. */
  readonly json?: string | undefined;
  readonly p4info?: string | undefined;
}

const TIMEOUT_MS = 10_000;
const nowMs = (): number => performance.now();

/** Opens a switch that is started when it is first asked, and ends with the device. */
export function openBmv2(options: Bmv2Options = {}): Device {
  const { program = 'simple_switch_grpc', timeoutMs = TIMEOUT_MS } = options;
  const p4 = openP4RuntimeSwitch({
    name: 'bmv2',
    vendor: 'p4lang',
    electionId: 1n,
    timeoutMs,
    json: PRISM_JSON,
    p4info: PRISM_P4INFO,
    reach: () => startSimpleSwitch({ program, timeoutMs }),
  });
  return openP4Device(p4, nowMs);
}

/** Opens a switch at an address; it gets `prism.p4`, and goes on without us. */
export function openP4Runtime(options: P4RuntimeAddress): Device {
  const { address, dataPlane, deviceId, json = PRISM_JSON, p4info = PRISM_P4INFO } = options;
  const place = {
    address,
    dataPlane,
    deviceId,
    whyGone: async () => undefined,
    end: async () => undefined,
  };
  const p4 = openP4RuntimeSwitch({ ...options, json, p4info, reach: async () => place });
  return openP4Device(p4, nowMs);
}

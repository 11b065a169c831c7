/** From the name or the YAML file of a target to an open device. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Result } from 'scapy-ts';
import type { Balancer } from '../driver/balancer.ts';
import type { Device } from '../driver/device.ts';
import type { System } from '../driver/system.ts';
import { openBalancerProgram } from './balancer-lab/balancer-lab.ts';
import { openBalancerLab } from './balancer-lab/reference/target.ts';
import { openBalancerSim } from './balancer-sim/balancer-sim.ts';
import { openInProcess } from './in-process.ts';
import { openLab } from './lab/lab.ts';
import type { Lack } from './lab/needs.ts';
import { openNetfpgaSim } from './netfpga/device.ts';
import { openBmv2, openP4Runtime } from './p4/bmv2.ts';
import { openP4Model } from './p4/model.ts';
import { openPcapFiles } from './pcap-files.ts';
import { openSim } from './sim/sim.ts';
import { openStdio } from './stdio.ts';
import {
  parseTarget,
  type BalancerTarget,
  type P4RuntimeTarget,
  type Target,
} from './target-file.ts';
import { openUrlSwitchSim } from './url-switch-sim/url-switch-sim.ts';

/** Names of switches that need no file, and how they are opened. */
const SWITCH_TARGETS: Readonly<Record<string, () => Device>> = {
  reference: () => openInProcess(),
  'p4-model': () => openP4Model(),
  bmv2: () => openBmv2(),
  'netfpga-sim': () => openNetfpgaSim(),
};

/** Names of whole Prisms, and how they are opened. */
const SYSTEM_TARGETS: Readonly<Record<string, () => System>> = {
  sim: () => openSim(),
  lab: () => openLab(),
};

/** Names of server switches, and how they are opened. */
const BALANCER_TARGETS: Readonly<Record<string, () => Balancer>> = {
  'balancer-sim': () => openBalancerSim(),
  'balancer-lab': () => openBalancerLab(),
  'url-switch-sim': () => openUrlSwitchSim(),
};

const NOT_OF_A_PRISM = 'is a switch of a Prism: it is a server switch';

/** Whether `name` is that of a target that needs no file. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(SWITCH_TARGETS, name) || isSystem(name) || isBalancer(name);
}

/** Whether `name` is that of a whole Prism, and not of a switch. */
export function isSystem(name: string): boolean {
  return Object.hasOwn(SYSTEM_TARGETS, name);
}

/** Opens the whole Prism called `name`; undefined if there is none. */
export function openNamedSystem(name: string): System | undefined {
  return isSystem(name) ? SYSTEM_TARGETS[name]?.() : undefined;
}

/** Whether `name` is that of a server switch. */
export function isBalancer(name: string): boolean {
  return Object.hasOwn(BALANCER_TARGETS, name);
}

/** What the target called `name`, or described by the file `name`, is. */
export function kindOfTarget(name: string): 'switch' | 'system' | 'balancer' {
  if (isSystem(name)) return 'system';
  return isBalancer(name) || balancerFile(name) !== undefined ? 'balancer' : 'switch';
}

/**
 * Opens the server switch called `name`, or described by the file `name`; undefined if there is none.
 */
export function openNamedBalancer(name: string): Balancer | undefined {
  if (isBalancer(name)) return BALANCER_TARGETS[name]?.();
  const target = balancerFile(name);
  if (target?.driver === 'balancer-sim') return openBalancerSim(target);
  return target && openBalancerProgram(target, dirname(resolve(name)));
}

/** What this machine lacks of what the whole Prism called `name` needs, each with what to do. */
export async function lacksFor(name: string): Promise<readonly Lack[]> {
  if (name !== 'lab') return [];
  // It loads what asks the kernel, which no other target needs.
  const { lacksOfLab } = await import('./lab/needs.ts');
  return lacksOfLab();
}

/** The target that the file `name` describes; undefined if it is not a file. */
function readTarget(name: string): Result<Target, string> | undefined {
  try {
    return parseTarget(readFileSync(name, 'utf8'), name);
  } catch {
    return undefined;
  }
}

/** The server switch that the file `name` describes; undefined if it describes none. */
function balancerFile(name: string): BalancerTarget | undefined {
  if (isBuiltIn(name)) return undefined;
  const target = readTarget(name);
  return target?.ok === true && isOfBalancer(target.value) ? target.value : undefined;
}

function isOfBalancer(target: Target): target is BalancerTarget {
  return target.driver === 'balancer-program' || target.driver === 'balancer-sim';
}

/** What a file can describe that is a switch of a Prism. */
type SwitchTarget = Exclude<Target, BalancerTarget>;

function openAtAddress(target: P4RuntimeTarget, folder: string): Device {
  const { deviceId, electionId, json, p4info } = target;
  return openP4Runtime({
    ...target,
    deviceId: BigInt(deviceId),
    electionId: (BigInt(electionId.high) << 64n) | BigInt(electionId.low),
    json: json === undefined ? undefined : resolve(folder, json),
    p4info: p4info === undefined ? undefined : resolve(folder, p4info),
  });
}

function openTarget(target: SwitchTarget, folder: string): Device {
  if (target.driver === 'pcap-files') return openPcapFiles(target, folder);
  if (target.driver === 'stdio') return openStdio(target, folder);
  if (target.driver === 'p4-model') {
    return openP4Model({ ...target, program: resolve(folder, target.program) });
  }
  if (target.driver === 'netfpga-sim') {
    const { rtl } = target;
    return openNetfpgaSim({ ...target, rtl: rtl === undefined ? rtl : resolve(folder, rtl) });
  }
  if (target.driver === 'bmv2') {
    const { program } = target;
    const path = program.includes('/') ? resolve(folder, program) : program;
    return openBmv2({ ...target, program: path });
  }
  if (target.driver === 'p4runtime') return openAtAddress(target, folder);
  const lock = target.profile?.lock;
  return openInProcess({
    ...(target.claims === undefined ? {} : { claims: target.claims }),
    ...(lock === undefined ? {} : { lock }),
  });
}

/**
 * Opens the target called `name`, or described by the file `name`.
 *
 * The error is one line for the user. Whether the device answers is known only after `hello`.
 */
export function openNamedTarget(name: string): Result<Device, string> {
  const openNamed = Object.hasOwn(SWITCH_TARGETS, name) ? SWITCH_TARGETS[name] : undefined;
  if (openNamed !== undefined) return { ok: true, value: openNamed() };
  if (isSystem(name)) {
    return { ok: false, error: `no target called ${name} is a switch: it is a whole Prism` };
  }
  if (isBalancer(name)) return { ok: false, error: `no target called ${name} ${NOT_OF_A_PRISM}` };
  const target = readTarget(name);
  if (target === undefined) {
    const known = Object.keys(SWITCH_TARGETS).join(', ');
    return { ok: false, error: `no target called ${name}: expected ${known} or a YAML file` };
  }
  if (!target.ok) return target;
  const { value } = target;
  if (isOfBalancer(value)) {
    return { ok: false, error: `no target in ${name} ${NOT_OF_A_PRISM}` };
  }
  return { ok: true, value: openTarget(value, dirname(resolve(name))) };
}

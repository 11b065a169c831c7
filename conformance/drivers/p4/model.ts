/** `prism.p4` on the model of BMv2: no process, no privilege, nothing installed. */
import type { Mapping } from '../../../hardware/agent/mapping.ts';
import { idleByIndex, P4, PRISM } from '../../../hardware/bmv2/agent/entries.ts';
import { SET_FIELD } from '../../../hardware/bmv2/agent/set-field.ts';
import { readCounter, readAges, write } from '../../../hardware/bmv2/model/control.ts';
import type { Program } from '../../../hardware/bmv2/model/program.ts';
import {
  createSwitch,
  receive,
  reset,
  type Switch,
  type Wired,
} from '../../../hardware/bmv2/model/switch.ts';
import { PRISM_JSON, readProgram } from '../../../hardware/bmv2/program.ts';
import type { Capability } from '../../catalogue/capability.ts';
import { DriverFault, type Device, type PortFrame } from '../../driver/device.ts';
import { openP4Device } from './device.ts';
import { FLOOD, type Groups, type P4Switch } from './switch.ts';

/** The programs whose tables somebody here can write. */
export const AGENT_NAMES = ['prism', 'set-field'] as const;

/** A program whose tables somebody here can write. */
export type AgentName = (typeof AGENT_NAMES)[number];

const AGENTS: Readonly<Record<AgentName, Mapping>> = { prism: PRISM, 'set-field': SET_FIELD };

/** A program that the model cannot run gives no verdict. */
function demandProgram(load: () => Program): Program {
  try {
    return load();
  } catch (error) {
    throw new DriverFault('program', error instanceof Error ? error.message : String(error));
  }
}

/** A model switch, which loads its program when it is first asked; its clock starts at 0. */
export function openModel(
  load: () => Program,
  groups: Groups = FLOOD,
): P4Switch & { readonly nowMs: () => number } {
  let running: Switch | undefined;
  const device = (): Switch => (running ??= createSwitch(demandProgram(load), { groups }));
  let nowUs = 0;
  let frames: PortFrame[] = [];

  return {
    name: 'p4-model',
    vendor: 'prismspec',
    version: async () => {
      device();
      return '0.1.0';
    },
    clock: 'virtual',
    nowMs: () => nowUs / 1000,
    reset: async () => {
      reset(device());
      nowUs = 0;
      frames = [];
    },
    write: async (updates) => updates.map((update) => write(device(), update, nowUs)),
    readCounter: async (counter, index) => {
      const reading = readCounter(device(), counter, index);
      if (reading !== undefined) return reading;
      throw new DriverFault('counter', `the program has no counter ${counter} with cell ${index}`);
    },
    readIdleMs: async () => idleByIndex(readAges(device(), P4.rules, nowUs)),
    inject: async (injected) => {
      for (const { port, frame } of injected) {
        for (const sent of take({ port, octets: frame })) {
          frames.push({ port: sent.port, frame: sent.octets });
        }
      }
    },
    collect: async () => {
      const collected = frames;
      frames = [];
      return collected;
    },
    advance: async (seconds) => {
      nowUs += Math.round(seconds * 1e6);
    },
    close: async () => undefined,
  };

  function take(packet: Wired): readonly Wired[] {
    try {
      return receive(device(), packet, nowUs);
    } catch (error) {
      throw new DriverFault('crash', `the program was aborted: ${String(error)}`);
    }
  }
}

/** Which program a model runs, and who writes its tables. */
export interface P4ModelOptions {
  readonly name?: string | undefined;
  /** The path of a program as p4c-bm2-ss compiles it. */
  readonly program?: string | undefined;
  readonly agent?: AgentName | undefined;
  readonly claims?: readonly Capability[] | undefined;
}

/** Opens a model as a device: what is left out is as it is with `prism.p4`. */
export function openP4Model(options: P4ModelOptions = {}): Device {
  const { program = PRISM_JSON, agent = 'prism', name = 'p4-model', claims } = options;
  const model = openModel(() => readProgram(program));
  return openP4Device({ ...model, name }, model.nowMs, { mapping: AGENTS[agent], claims });
}

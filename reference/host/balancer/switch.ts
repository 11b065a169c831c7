/** The reference server switch at devices of this kernel, told by documents. */
import { randomInt } from 'node:crypto';
import { formatDocumentFault } from '../../balancer/document/fault.ts';
import { readDocument } from '../../balancer/document/read.ts';
import type { SwitchPlan } from '../../balancer/document/schema.ts';
import { createSwitch, type SwitchProcess } from '../../sim/balancer/switch-process.ts';
import { expose, type Exposition } from './exposition.ts';
import { runOnDevices, type ProcessLoop } from './process-loop.ts';

/** A server switch that runs. */
export interface HostedSwitch {
  /** The document by which it runs. */
  readonly document: () => string;
  /**
   * Takes another document, and leaves connections where they are; or says what is wrong with it, a
   * fault a line, and goes on as before. `name` is what the document is called in faults.
   */
  readonly replace: (text: string, name: string) => string | undefined;
  readonly metrics: () => Promise<Exposition>;
  /** Rejects where the switch fails. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

/** A switch, or what is wrong with its first document. */
export type Started =
  | { readonly ok: true; readonly value: HostedSwitch }
  | { readonly ok: false; readonly error: string };

const UINT32 = 2 ** 32;

/** Reads a document for so many devices. */
function planFrom(text: string, name: string, devices: number): SwitchPlan | string {
  const read = readDocument(text);
  if (!read.ok) return read.error.map((fault) => formatDocumentFault(fault, name)).join('\n');
  const beyond = read.value.options.ports.find((port) => port >= devices);
  if (beyond === undefined) return read.value;
  const advice = `found ${beyond}, expected 0 … ${devices - 1}, the places of the devices`;
  return `${name} ports: ${advice}; name more devices, or take it out`;
}

function createProcess({ options }: SwitchPlan): SwitchProcess {
  const { mac, ports } = options;
  const draw = (limit: number): number => randomInt(limit);
  return createSwitch({ mac, ports, draw, drawJitter: draw, random: () => randomInt(UINT32) });
}

/**
 * Starts a switch by a document, called `name`, at devices of this thread's namespace: its port n
 * is the device at place n. Throws SyscallError.
 */
export function startSwitch(text: string, name: string, devices: readonly string[]): Started {
  const plan = planFrom(text, name, devices.length);
  if (typeof plan === 'string') return { ok: false, error: plan };
  const process = createProcess(plan);
  const { fault, effects } = process.configure(plan, 0);
  if (fault !== undefined) return { ok: false, error: `${name}: ${fault}` };
  const loop = runOnDevices(process, devices);
  loop.act(() => effects);
  return { ok: true, value: hosted(process, loop, { text, devices: devices.length }) };
}

function hosted(
  process: SwitchProcess,
  loop: ProcessLoop,
  { text: first, devices }: { readonly text: string; readonly devices: number },
): HostedSwitch {
  let document = first;
  return {
    document: () => document,
    replace(text, name) {
      const plan = planFrom(text, name, devices);
      if (typeof plan === 'string') return plan;
      let fault: string | undefined;
      loop.act((nowNs) => {
        const configured = process.configure(plan, nowNs);
        ({ fault } = configured);
        return configured.effects;
      });
      if (fault !== undefined) return `${name}: ${fault}`;
      document = text;
      return undefined;
    },
    metrics: () => expose(process.state, loop.losses()),
    ended: loop.ended,
    close: loop.close,
  };
}

/**
 * Devices of this kernel as the ports of a process: what runs in virtual time runs here too.
 *
 *   device ─▶ ring ─▶ port.drain ─▶ process.step ─▶ port.transmit ─▶ device
 *
 * The waiting is done in another thread, so that whoever speaks to the process by signals or
 * sockets is heard. Frames are as on a wire: what a kernel has left a device to do is done here for
 * checksums, and frames that stand for several are the process's to refuse. The devices need no
 * address, and their kernel must have none of the process's, or it speaks too.
 */
import { setImmediate as rest } from 'node:timers/promises';
import type { Process, ProcessEffect } from '../../sim/network/process.ts';
import { deviceIndex } from '../bpf/device.ts';
import { completeChecksum } from '../ring/offload.ts';
import { openPort, type Port } from '../ring/port.ts';
import { POLLIN } from '../socket.ts';
import { syscallAside } from '../syscall.ts';

/** A process at its devices; it runs until it is closed. */
export interface ProcessLoop {
  /** Lets the process do something now; `nowNs` never goes back. */
  readonly act: (deed: (nowNs: number) => readonly ProcessEffect[]) => void;
  /** Frames lost so far, by the reason, as `Port.losses`. */
  readonly losses: () => Readonly<Record<string, number>>;
  /** Rejects where the process fails; resolves when it has been closed. */
  readonly ended: Promise<void>;
  readonly close: () => Promise<void>;
}

const FRAME_OCTETS_MAX = 65_549;
const SLOTS = 512;
const DRAIN_MAX = 64;
/** It takes so long at most until the end of the loop, or an act without a frame, is noticed. */
const WAIT_MS = 20;
const NS_PER_MS = 1e6;

/** Runs `process`, whose port n is the device at place n. Throws SyscallError. */
export function runOnDevices(process: Process, devices: readonly string[]): ProcessLoop {
  const ports = openPorts(devices);
  const startNs = globalThis.process.hrtime.bigint();
  const waiting = Int32Array.from(ports.flatMap(({ fd }) => [fd, POLLIN]));
  const closing = new AbortController();
  const { signal } = closing;
  let isOpen = true;

  function nowNs(): number {
    return Number(globalThis.process.hrtime.bigint() - startNs);
  }

  function perform(effects: readonly ProcessEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'frame') ports[effect.port]?.transmit(effect.octets);
    }
  }

  function drain(): number {
    let count = 0;
    for (const [number, port] of ports.entries()) {
      count += port.drain(DRAIN_MAX, (frame, offload) => {
        completeChecksum(frame, offload);
        // The kernel writes the next frame into this memory.
        perform(process.step({ kind: 'frame', port: number, octets: frame.slice() }, nowNs()));
      });
    }
    return count;
  }

  /** Until a frame comes, or the process wants to know the time. */
  async function wait(): Promise<void> {
    const dueNs = process.nextAtNs();
    const leftMs = dueNs === undefined ? WAIT_MS : (dueNs - nowNs()) / NS_PER_MS;
    await syscallAside('poll', [
      waiting,
      ports.length,
      Math.max(0, Math.min(WAIT_MS, Math.ceil(leftMs))),
    ]);
    for (const port of ports) port.takeError();
  }

  async function run(): Promise<void> {
    try {
      while (!signal.aborted) {
        const count = drain();
        perform(process.step({ kind: 'tick' }, nowNs()));
        // oxlint-disable-next-line no-await-in-loop -- one turn follows the other
        await (count > 0 ? rest() : wait());
      }
    } finally {
      isOpen = false;
      for (const port of ports) port.close();
    }
  }

  const ended = run();
  return {
    act: (deed) => perform(deed(nowNs())),
    losses: () => sumOf(ports.map((port) => (isOpen ? port.losses() : {}))),
    ended,
    async close() {
      closing.abort();
      await ended;
    },
  };
}

function openPorts(devices: readonly string[]): readonly Port[] {
  const ports: Port[] = [];
  try {
    for (const name of devices) {
      ports.push(openPort(deviceIndex(name), { slots: SLOTS, frameOctetsMax: FRAME_OCTETS_MAX }));
    }
    return ports;
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  }
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

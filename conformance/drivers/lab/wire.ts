/** The links of clients whose TCP is scripted: packet sockets at their devices. */
import { deviceIndex } from '../../../reference/host/bpf/device.ts';
import type { Lab } from '../../../reference/host/lab.ts';
import { openPort, type Port } from '../../../reference/host/ring/port.ts';
import { POLLIN } from '../../../reference/host/socket.ts';
import { syscallAside } from '../../../reference/host/syscall.ts';
import { CLIENT_STATIONS } from './network.ts';

/** Takes a frame, whose octets do not change. */
export type OnFrame = (octets: Uint8Array) => void;

/** The links of all clients. */
export interface Wire {
  /** From now on what comes at the link of a client goes to `onFrame`; answers how to send there. */
  readonly listen: (client: number, onFrame: OnFrame) => (frame: Uint8Array) => void;
  /** Frames since the last call that came when there was no room for them. */
  readonly takeLosses: () => number;
  /** Nobody listens any more. */
  readonly silence: () => void;
  readonly close: () => Promise<void>;
}

const SLOTS = 4096;
const FRAME_OCTETS_MAX = 1600;
const DRAIN_MAX = 256;
/** It takes so long until the end of the wire is noticed. */
const WAIT_MS = 20;

/** Opens the links. Throws SyscallError. */
export function openWire(lab: Lab): Wire {
  const ports = CLIENT_STATIONS.scripted.map(({ host }): Port =>
    lab.inside(host, () =>
      openPort(deviceIndex('eth0'), { slots: SLOTS, frameOctetsMax: FRAME_OCTETS_MAX }),
    ),
  );
  const listeners = new Map<number, OnFrame>();
  let isOpen = true;
  let lost = 0;
  let waiting: Promise<void> | undefined;

  function drainAll(): void {
    for (const [client, port] of ports.entries()) {
      const frames: Uint8Array[] = [];
      while (port.drain(DRAIN_MAX, (frame) => frames.push(frame.slice())) === DRAIN_MAX);
      for (const frame of frames) listeners.get(client)?.(frame);
    }
  }

  function isWanted(): boolean {
    return isOpen && listeners.size > 0;
  }

  async function wait(): Promise<void> {
    const entries = Int32Array.from(ports.flatMap(({ fd }) => [fd, POLLIN]));
    while (isWanted()) {
      // oxlint-disable-next-line no-await-in-loop -- one wait follows the other
      await syscallAside('poll', [entries, ports.length, WAIT_MS]);
      if (isWanted()) drainAll();
    }
    waiting = undefined;
  }

  return {
    listen(client, onFrame) {
      const port = ports[client];
      if (port === undefined) throw new Error(`there is no client ${client}`);
      // What has come for another story.
      if (listeners.size === 0) drainAll();
      listeners.set(client, onFrame);
      waiting ??= wait();
      return (frame) => port.transmit(frame);
    },
    takeLosses() {
      const before = lost;
      lost = ports.reduce((sum, port) => sum + (port.losses()['no-slot'] ?? 0), 0);
      return lost - before;
    },
    silence: () => listeners.clear(),
    async close() {
      isOpen = false;
      await waiting;
      for (const port of ports) port.close();
    },
  };
}

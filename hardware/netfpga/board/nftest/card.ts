/**
 * A namespace in which a card seems to be: the simulated core, its interfaces and what is on its wires.
 *
 *   eth1 … eth4 ── wires, ports 0 2 4 6 ── core ── DMA, ports 1 3 5 7 ── nf0 … nf3
 */
import type { ChildProcess } from 'node:child_process';
import { setImmediate as yieldOnce } from 'node:timers/promises';
import { raiseLab } from '../../../../reference/host/lab.ts';
import { openRingPorts } from '../../../../reference/host/ring/ring-ports.ts';
import type { Link } from '../../../../reference/host/topology.ts';
import type { Registers } from '../../driver/bus.ts';
import { INITIAL } from '../../driver/registers.ts';
import type { Core } from '../../sim/core.ts';
import type { FrameIn } from '../../sim/wire.ts';

/** A card in a namespace. */
export interface SimulatedCard {
  /** Its registers; an access finds that the frames which were sent before have passed. */
  readonly registers: Registers;
  /** Starts a program beside the card; it and what it starts end with the card at the latest. */
  start(words: readonly string[]): ChildProcess;
  /** Has frames pass until `isOver`; rejects with Error where the core breaks a rule. */
  serve(isOver: () => boolean): Promise<void>;
  /** Ends what was started and removes the namespace. */
  close(): void;
}

const HOST = 'card';
const WIRES = [0, 1, 2, 3] as const;
const HEADER_OCTETS = 14;
const TAG_OCTETS = 4;
/** Frames that may wait at an interface. */
const SLOTS = 512;
const SIZE = { slots: SLOTS, frameOctetsMax: INITIAL.FRAME_MAX + TAG_OCTETS };
/** An access to a register waits this long at most. */
const WAIT_MS = 1;
const NS_PER_SECOND = 1_000_000_000n;
/** Ends all that the program started, too. */
const CONTAINED = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

function joined(near: string, far: string): Link {
  const ends = [near, far].map((device) => ({ host: HOST, device }));
  const [a, b] = ends;
  if (a === undefined || b === undefined) throw new Error('a link has two ends');
  return { ends: [a, b], mtu: INITIAL.FRAME_MAX - HEADER_OCTETS, hasOffloads: false };
}

/** Puts `core` into a namespace. Throws Error, such as without root. */
export function raiseCard(core: Core): SimulatedCard {
  const lab = raiseLab({
    name: 'netfpga',
    // The host says nothing of its own accord.
    hosts: { [HOST]: { settings: { 'ipv6.conf.default.disable_ipv6': 1 } } },
    links: WIRES.flatMap((wire) => [
      joined(`eth${wire + 1}`, `wire${wire}`),
      joined(`nf${wire}`, `dma${wire}`),
    ]),
  });
  const devices = new Map(
    WIRES.flatMap((wire): readonly [number, string][] => [
      [2 * wire, `wire${wire}`],
      [2 * wire + 1, `dma${wire}`],
    ]),
  );
  const ports = lab.inside(HOST, () => openRingPorts(devices, SIZE, -1));

  async function passAll(): Promise<void> {
    const frames: FrameIn[] = [];
    // The kernel writes the next frame where one was.
    ports.drain((port, frame) => void frames.push({ source: 1 << port, octets: frame.slice() }));
    if (frames.length === 0) return;
    const { outputs, breaches } = await core.exchange(frames);
    const [breach] = breaches;
    if (breach !== undefined) throw new Error(`the core broke: ${breach.rule}`);
    for (const { destination, octets } of outputs) {
      for (const port of devices.keys()) {
        if (((destination >> port) & 1) === 1) ports.transmit(port, octets);
      }
    }
  }

  return {
    registers: {
      async read(address) {
        await passAll();
        return core.read(address);
      },
      async write(writes) {
        await passAll();
        await core.write(writes);
        // The simulated clock stands still between two calls, and that of a card does not.
        await core.exchange([]);
      },
    },
    start: (words) => lab.start(HOST, [...CONTAINED, ...words], 'inherit'),
    async serve(isOver) {
      let toldNs = process.hrtime.bigint();
      while (!isOver()) {
        await passAll();
        const seconds = (process.hrtime.bigint() - toldNs) / NS_PER_SECOND;
        if (seconds > 0n) await core.tick(Number(seconds));
        toldNs += seconds * NS_PER_SECOND;
        ports.wait(WAIT_MS);
        await yieldOnce();
      }
    },
    close() {
      ports.close();
      lab.down();
    },
  };
}

/**
 * What is done to a core, step by step, as files for NetFPGA's simulations.
 *
 *   nf_interface_I_stim.axi       frames that come in at wire I
 *   nf_interface_I_expected.axi   frames that are to leave there
 *   dma_0_stim.axi, …expected     the same for the host, all its ports
 *   reg_stim.axi, reg_expect.axi  accesses to registers, and what they answer
 *
 * After each step stands a barrier in every file that is read: the next step begins when all that
 * was to leave has left. A frame that leaves against expectation is in the log, and in no file.
 */
import type { RegisterWrite } from '../../driver/bus.ts';
import { emitBarrier, emitFrame } from './axi-stream.ts';
import type { CardKind } from './cards.ts';

/** A frame at a port, which is a bit of TUSER: 2 I is wire nfI, 2 I + 1 the host's nfI. */
export interface PortFrame {
  readonly port: number;
  readonly octets: Uint8Array;
}

/** One thing that is done to a core. */
export type Step =
  | { readonly kind: 'write'; readonly writes: readonly RegisterWrite[] }
  | { readonly kind: 'read'; readonly address: number; readonly expected: number }
  | { readonly kind: 'wait'; readonly ns: number }
  | { readonly kind: 'frame'; readonly frame: PortFrame; readonly leaves: readonly PortFrame[] };

/** Text by the name of its file. */
export type Files = Readonly<Record<string, string>>;

/** More frames than this at one port, and upstream's recorder counts past its 11 bits. */
export const FRAMES_MAX = 2047;

interface StepFrames {
  readonly sent: readonly PortFrame[];
  readonly leaves: readonly PortFrame[];
}

const NO_FRAMES: StepFrames = { sent: [], leaves: [] };

function framesOf({ frame, leaves }: Extract<Step, { kind: 'frame' }>): StepFrames {
  return { sent: [frame], leaves };
}

/** Where frames go in and out of a simulation. */
type Door = `nf_interface_${number}` | 'dma_0';

function doorOf(port: number): Door {
  return port % 2 === 0 ? `nf_interface_${port / 2}` : 'dma_0';
}

function doorsOf({ wires }: CardKind): readonly Door[] {
  return [...Array.from({ length: wires }, (_, wire): Door => `nf_interface_${wire}`), 'dma_0'];
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** What a step says in the register stimulus, and in the register expectation. */
function registerLines(step: Step, base: number): readonly [string, string] {
  if (step.kind === 'read') {
    const address = hex(base + step.address);
    const expected = `R 00000001\n${address}, ${hex(step.expected)}.\n`;
    return [`R 00000001\n-, -, -, ${address}.\n`, expected];
  }
  if (step.kind === 'wait') return [`D ${step.ns}\n`, ''];
  if (step.kind === 'frame') return ['', ''];
  const lines = step.writes.map(
    ({ address, value }) => `W 00000002\n${hex(base + address)}, ${hex(value)}, f, -.\n`,
  );
  return [lines.join(''), lines.join('')];
}

/**
 * The files of a simulation that takes `steps`.
 *
 * Throws RangeError where a frame is at a wire that the card has not, and where a port is to see
 * more frames than upstream's recorder counts.
 */
export function simulationFiles(steps: readonly Step[], card: CardKind): Files {
  const doors = doorsOf(card);
  const files = new Map<string, string>();
  const add = (name: string, text: string): void => {
    files.set(name, (files.get(name) ?? '') + text);
  };
  const put = (kind: 'stim' | 'expected', { port, octets }: PortFrame, source: number): void => {
    const door = doorOf(port);
    if (!doors.includes(door)) throw new RangeError(`the card has no port ${port}`);
    const destinations = kind === 'stim' ? 0 : 1 << port;
    const text = emitFrame({ octets, source: 1 << source, destinations }, card.wordOctets);
    add(`${door}_${kind}.axi`, text);
  };
  for (const door of doors) for (const kind of ['stim', 'expected']) add(`${door}_${kind}.axi`, '');
  for (const step of steps) {
    const { sent, leaves } = step.kind === 'frame' ? framesOf(step) : NO_FRAMES;
    for (const each of sent) put('stim', each, each.port);
    for (const each of leaves) put('expected', each, sent[0]?.port ?? 0);
    const [stimulus, expected] = registerLines(step, card.base);
    add('reg_stim.axi', `${stimulus}B 4\n`);
    add('reg_expect.axi', expected);
    for (const door of doors) {
      // Upstream's barrier gives up where some wait and nobody moves: all wait together.
      if (step.kind === 'wait') add(`${door}_stim.axi`, `+ ${step.ns}\n`);
      add(`${door}_stim.axi`, emitBarrier(countAt(door, leaves), countAt(door, sent)));
    }
  }
  checkCounts(steps);
  return Object.fromEntries(files);
}

function countAt(door: Door, frames: readonly PortFrame[]): number {
  return frames.filter(({ port }) => doorOf(port) === door).length;
}

function checkCounts(steps: readonly Step[]): void {
  const counts = new Map<Door, number>();
  for (const step of steps) {
    for (const { port } of step.kind === 'frame' ? step.leaves : []) {
      const count = (counts.get(doorOf(port)) ?? 0) + 1;
      if (count > FRAMES_MAX) {
        throw new RangeError(`more than ${FRAMES_MAX} frames leave at ${doorOf(port)}: split them`);
      }
      counts.set(doorOf(port), count);
    }
  }
}

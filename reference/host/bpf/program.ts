/** Programs for the tc hook: loaded, attached, run on one frame. bpf(2); linux/bpf.h. */
import { addressOf, bpf, SyscallError } from '../syscall.ts';
import { closeDescriptor } from '../socket.ts';

/** What the kernel does not accept as a program, with the verifier's reasons. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError';
  readonly log: string;

  constructor(log: string) {
    super(`the kernel refuses the program:\n${log}`);
    this.log = log;
  }
}

/** What a run on one frame came to. */
export interface TestRun {
  /** What the program returned. */
  readonly verdict: number;
  readonly octets: Uint8Array;
  /** Of one run, the mean of all. */
  readonly durationNs: number;
}

const COMMAND = { load: 5, testRun: 10, createLink: 28 } as const;
const SCHED_CLS = 3;
const TCX_INGRESS = 46;
const LOAD_TRIES_MAX = 10;
const LOG_OCTETS = 1 << 20;
const WORD_OCTETS = 8;
const LOG_END_LINES = 40;
/** A program may make a frame longer; ours do not. */
const TEST_ROOM_OCTETS = 256;

/** Loads instructions as a program for the tc hook. Throws VerifierError, and SyscallError. */
export function loadProgram(name: string, instructions: Uint8Array): number {
  const license = Buffer.from('Apache-2.0\0');
  const attributes = Buffer.alloc(72);
  attributes.writeUInt32LE(SCHED_CLS, 0);
  attributes.writeUInt32LE(instructions.length / WORD_OCTETS, 4);
  attributes.writeBigUInt64LE(addressOf(instructions), 8);
  attributes.writeBigUInt64LE(addressOf(license), 16);
  attributes.write(name.slice(0, 15), 48, 'latin1');
  try {
    return verify(attributes);
  } catch (error) {
    // EPERM is about the process, all else may be about the program.
    if (error instanceof SyscallError && error.errno === 'EPERM') throw error;
  }
  return loadLogged(attributes);
}

/** A signal, such as a profiler's, makes the verifier give up. */
function verify(attributes: Buffer): number {
  for (let tries = 1; ; tries += 1) {
    try {
      return bpf(COMMAND.load, attributes);
    } catch (error) {
      const isInterrupted = error instanceof SyscallError && error.errno === 'EAGAIN';
      if (!isInterrupted || tries === LOAD_TRIES_MAX) throw error;
    }
  }
}

/** The log costs time, so it is asked for only when it is needed. */
function loadLogged(attributes: Buffer): number {
  const log = Buffer.alloc(LOG_OCTETS);
  attributes.writeUInt32LE(1, 24);
  attributes.writeUInt32LE(LOG_OCTETS, 28);
  attributes.writeBigUInt64LE(addressOf(log), 32);
  try {
    return verify(attributes);
  } catch (error) {
    const text = log.toString('latin1', 0, log.indexOf(0)).trimEnd();
    if (text === '') throw error;
    throw new VerifierError(text.split('\n').slice(-LOG_END_LINES).join('\n'));
  }
}

/**
 * Attaches a program to what comes in at a device of this thread's namespace; the program stays
 * until the descriptor is closed. Needs Linux 6.6. Throws SyscallError.
 */
export function attachIngress(programFd: number, deviceIndex: number): number {
  const attributes = new Uint8Array(32);
  attributes.set(new Uint8Array(new Uint32Array([programFd, deviceIndex, TCX_INGRESS]).buffer));
  return bpf(COMMAND.createLink, attributes);
}

/** Runs a program on a copy of `frame` (with a whole IP header) `repeat` times. Throws SyscallError. */
export function testRun(programFd: number, frame: Uint8Array, repeat = 1): TestRun {
  const output = Buffer.alloc(frame.length + TEST_ROOM_OCTETS);
  const attributes = Buffer.alloc(80);
  attributes.writeUInt32LE(programFd, 0);
  attributes.writeUInt32LE(frame.length, 8);
  attributes.writeUInt32LE(output.length, 12);
  attributes.writeBigUInt64LE(addressOf(frame), 16);
  attributes.writeBigUInt64LE(addressOf(output), 24);
  attributes.writeUInt32LE(repeat, 32);
  bpf(COMMAND.testRun, attributes);
  return {
    verdict: attributes.readUInt32LE(4),
    octets: output.subarray(0, attributes.readUInt32LE(12)),
    durationNs: attributes.readUInt32LE(36),
  };
}

/** Closes a program or a link; ours is the only reference to it. */
export function closeProgram(fd: number): void {
  closeDescriptor(fd);
}

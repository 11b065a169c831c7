/** The pure switch and the data path side by side: the same commands, the same frames. */
import type { ExecutionContext } from 'ava';
import type { Command, Reply } from '../../reference/control/command.ts';
import type { DataPath, DataPathOptions } from '../../reference/host/bpf/datapath.ts';
import {
  BPF_CAPABILITIES,
  openDataPath,
  whyNoDataPath,
} from '../../reference/host/bpf/datapath.ts';
import { testRun } from '../../reference/host/bpf/program.ts';
import { createSwitch, step } from '../../reference/switch/switch.ts';
import { leaveOut } from '../oracle.ts';

/** What becomes of a frame: the octets that leave, or nothing. */
export type Outcome = Uint8Array | 'drop';

/** Both switches. */
export interface Twins {
  readonly path: DataPath;
  /** Gives both a command; the kernel's reply, after it was compared with the model's. */
  tell(t: ExecutionContext, command: Command): Reply;
  /** What the pure switch makes of a frame. */
  expect(frame: Uint8Array): Outcome;
  /** What the program makes of it. */
  run(frame: Uint8Array): Outcome;
  tick(nowNs: bigint): readonly string[];
}

/** True where bpf(2) can be used; else the test must return. */
export function isBpfOurs(t: ExecutionContext): boolean {
  const missing = whyNoDataPath();
  if (missing === undefined) return true;
  leaveOut(t, missing);
  return false;
}

/** Both switches without rules, bridging from port 0 to port 1. */
export function createTwins(options: DataPathOptions = {}): Twins {
  const path = openDataPath(options);
  const state = createSwitch({
    ...options,
    ports: [0, 1],
    capabilities: BPF_CAPABILITIES,
    macCapacity: 0,
  });
  return {
    path,
    tell(t, command) {
      const [expected] = step(state, { kind: 'command', command });
      const reply = path.execute(command);
      t.deepEqual({ kind: 'reply', reply }, expected);
      return reply;
    },
    expect(frame) {
      const effects = step(state, { kind: 'frame', port: 0, octets: frame });
      const [sent] = effects.flatMap((each) => (each.kind === 'emit' ? [each.octets] : []));
      return sent ?? 'drop';
    },
    run: (frame) => runOnce(path, frame),
    tick(nowNs) {
      step(state, { kind: 'tick', nowNs });
      return path.tick(nowNs).map(({ kind }) => kind);
    },
  };
}

/** What the program makes of one frame. */
export function runOnce(path: DataPath, frame: Uint8Array): Outcome {
  const { verdict, octets } = testRun(path.programFd, frame);
  if (verdict === 2) return 'drop';
  return Uint8Array.from(octets);
}

/** A story in progress, and the Prism that it is played on. */
import type { RuleReader } from '../../../reference/host/laboratory/rules.ts';
import type { Lab } from '../../../reference/host/lab.ts';
import type { Endpoint } from '../../../reference/rules/rule.ts';
import type { Execution, Story, TappedFrame } from '../../driver/system.ts';
import type { Client } from './client.ts';
import type { Parts, ProcessName } from './parts.ts';
import type { Censor } from './censor.ts';
import type { Relay } from './relay.ts';
import type { Tap } from './tap.ts';
import type { Wire } from './wire.ts';

/** What a story is played with. */
export interface Stage {
  readonly lab: Lab;
  readonly parts: Parts;
  readonly relay: Relay;
  readonly rules: RuleReader;
  readonly tap: Tap;
  readonly wire: Wire;
  /** Hears what the parts say. */
  onLine: (part: ProcessName, line: string) => void;
}

/** A story in progress. */
export interface Performance {
  readonly story: Story;
  /** The clients' ends. */
  readonly ends: readonly Endpoint[];
  readonly clients: Client[];
  readonly executions: Execution[];
  readonly notes: string[];
  readonly censor: Censor;
  readonly frames: TappedFrame[];
  readonly nowMs: () => number;
  readonly zeroNs: bigint;
  /** When something last happened. */
  lastMs: number;
  /** What the processes had waited when it began. */
  readonly waits: ReadonlyMap<number, number>;
  /** The longest that the driver was kept from working. */
  lateMs: number;
  /** Parts that have died and are to come back. */
  returning: number;
  /** Why it cannot go on. */
  fault: unknown;
}

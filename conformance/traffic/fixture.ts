/** A captured connection, as replays need it. */
import type { Capability } from '../catalogue/capability.ts';
import type { ConnectionKey } from '../driver/device.ts';

/** Real frames of one or more connections, in the order in which the client's side saw them. */
export interface Fixture {
  /** `topic/name`. */
  readonly name: string;
  readonly family: 4 | 6;
  readonly connections: readonly ConnectionKey[];
  /** Capabilities without which the frames cannot be judged. */
  readonly needs: readonly Capability[];
  readonly frames: readonly Uint8Array[];
}

/** Reads the fixture called `topic/name`; rejects with an `Error` that names the file. */
export type FixtureReader = (name: string) => Promise<Fixture>;

/** A story in progress. */
import type { ProcessLoop } from '../../../reference/host/balancer/process-loop.ts';
import type { BalancerStory, CapturedFrame, Served } from '../../driver/balancer.ts';
import type { BedHost } from '../virtual-bed/hosts.ts';
import type { Bed } from './bed.ts';
import type { Calm } from './calm.ts';
import type { Clients } from './clients.ts';
import type { Switches } from './switches.ts';

/** What there is as long as it goes on. */
export interface Performance {
  readonly bed: Bed;
  readonly switches: Switches;
  readonly story: BalancerStory;
  readonly hosts: readonly BedHost[];
  readonly clients: Clients;
  readonly loop: ProcessLoop;
  readonly zeroNs: bigint;
  readonly nowMs: () => number;
  readonly frames: CapturedFrame[];
  readonly served: Served[];
  readonly setups: (string | undefined)[];
  /** When something last was. */
  readonly lastMs: { -readonly [What in keyof Calm]: Calm[What] };
  /** What is to happen, and has not. */
  pending: number;
  /** The longest that the driver was kept from working. */
  lateMs: number;
  /** Why it cannot go on. */
  fault: unknown;
}

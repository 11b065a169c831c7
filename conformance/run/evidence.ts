/** What a scenario leaves beside its verdict. */
import type { Finding } from '../observe/aspect.ts';

/** Media type of the attachment that carries an `Evidence` as JSON. */
export const EVIDENCE_MEDIA_TYPE = 'application/vnd.prismspec.evidence+json';

/** What a scenario tells the run, as one or more attachments. */
export interface Evidence {
  /** The capability that the device does not claim. */
  readonly notApplicable?: string;
  /** What was wrong with the frames. */
  readonly findings?: readonly Finding[];
  /** How many frames the capture has. */
  readonly frames?: number;
  /** Seed of the generated packets. */
  readonly seed?: number;
  /** Requirements of a replay that were judged and broken. */
  readonly broken?: readonly BrokenRequirement[];
}

/** A requirement, beside the scenario's own, that a replay found broken. */
export interface BrokenRequirement {
  readonly requirement: string;
  readonly expected: string;
  readonly observed: string;
}

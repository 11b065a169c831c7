/** What a scenario leaves beside its verdict. */
import type { Aspect, Finding } from '../observe/aspect.ts';
import type { Direction } from '../observe/translate.ts';

/** Media type of the attachment that carries an `Evidence` as JSON. */
export const EVIDENCE_MEDIA_TYPE = 'application/vnd.prismspec.evidence+json';

/** Where the packets of a scenario come from. */
export type PacketSource = 'directed' | 'generated' | 'fixture';

/** What a scenario found wrong, without the frames. */
export interface Fault {
  readonly aspect: Aspect;
  readonly field: string;
  readonly direction?: Direction;
  /** The scenario is about this aspect; else it looked at whole frames and came upon it. */
  readonly own: boolean;
}

/** What a scenario tells the run, as one or more attachments. */
export interface Evidence {
  /** The capability that the device does not claim. */
  readonly notApplicable?: string;
  /** What was wrong with the frames; empty when the step looked at something else. */
  readonly faults?: readonly Fault[];
  readonly source?: PacketSource;
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
  readonly field: string;
  readonly direction?: Direction;
  readonly expected: string;
  readonly observed: string;
}

/** The kinds of fault among `findings`, each once; `asked` are the aspects that a scenario is about. */
export function faultsOf(findings: readonly Finding[], asked: readonly Aspect[]): readonly Fault[] {
  const faults = new Map<string, Fault>();
  for (const { aspect, field, direction } of findings) {
    const fault = { aspect, field, own: asked.includes(aspect) };
    const whole = direction === undefined ? fault : { ...fault, direction };
    faults.set(`${aspect} ${field} ${direction}`, whole);
  }
  return [...faults.values()];
}

/**
 * Devices that the suite is measured by.
 *
 * A variation is a correct device that does something in another way than the reference; a defect
 * is a correct device with one thing wrong. Both stand around a device and never inside it, so
 * that production code has no switch for tests, and any device can carry them.
 */
import type { Capability } from '../catalogue/capability.ts';
import type { Device, Profile } from '../driver/device.ts';

/** The device that stands inside, where it matters which. */
export interface Base {
  readonly lock?: Profile['lock'];
  readonly claims?: readonly Capability[];
}

/** A device that differs from the reference and is as correct: no requirement may fail. */
export interface Variation {
  /** Unique among all variations and defects; small letters and hyphens. */
  readonly name: string;
  /** What the device does, in a sentence. */
  readonly sentence: string;
  readonly base?: Base;
  /** Ids of SHOULD requirements that the device does not follow, and need not. */
  readonly departs?: readonly string[];
  /** `device`, changed. */
  readonly apply: (device: Device) => Device;
}

/** A device with one thing wrong. */
export interface Defect extends Variation {
  /** Id of the requirement that has to fail. */
  readonly breaks: string;
  /** Why no device can be told from a correct one by it; such a defect need not be found. */
  readonly equivalent?: string;
}

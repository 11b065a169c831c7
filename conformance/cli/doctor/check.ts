/**
 * What the checks of `prismspec doctor` have in common: can what this device does be judged at all?
 *
 * None of them is a requirement. A device that fails one would get verdicts that say nothing: its
 * frames get lost on the way, or it remembers what it was told to forget.
 */
import type { Hello, PortRole } from '../../driver/device.ts';
import { atPorts, bridgedRoles } from '../../observe/observer.ts';
import type { Session } from '../../run/session.ts';
import type { Path } from '../../traffic/segment.ts';
import { hostAt, type Host } from '../../traffic/testbed.ts';

/** What a check came to. */
export type Finding =
  | { readonly kind: 'good' }
  /** What is wrong, and what to do about it. */
  | { readonly kind: 'wrong'; readonly told: string; readonly todo: string }
  /** Why this device cannot be checked so. */
  | { readonly kind: 'not-applicable'; readonly told: string };

/** The part of a session that checks use. */
export type Patient = Pick<Session, 'device' | 'hello' | 'observer'>;

/** One check, of a device that was just reset. */
export interface Check {
  readonly name: string;
  readonly perform: (patient: Patient) => Promise<Finding>;
}

/** Nothing is wrong. */
export const GOOD: Finding = { kind: 'good' };
/** What is seen of frames without a rule only. */
export const NOT_BRIDGED: Finding = {
  kind: 'not-applicable',
  told: 'the device does not claim BRIDGE',
};

/** Something is wrong. */
export function wrong(told: string, todo: string): Finding {
  return { kind: 'wrong', told, todo };
}

/** A frame at the port of a role. */
export interface Directed {
  readonly role: PortRole;
  readonly frame: Uint8Array;
}

/** The way of a frame between two hosts, at ports that no rule has. */
export function path(from: Host, to: Host): Path {
  return {
    sourceMac: from.mac,
    destinationMac: to.mac,
    source: { address: from.ipv4, port: 7 },
    destination: { address: to.ipv4, port: 7 },
  };
}

/** The hosts at the device's bridged ports. */
function hostsOf(hello: Hello): readonly Host[] {
  return bridgedRoles(hello).flatMap((role) => hostAt(role) ?? []);
}

/** Every two hosts, in both directions. */
export function pairs(hello: Hello): readonly { readonly from: Host; readonly to: Host }[] {
  const hosts = hostsOf(hello);
  return hosts.flatMap((from) => hosts.flatMap((to) => (from === to ? [] : [{ from, to }])));
}

/** Sends `frames`; what left, by role, without what came after its proof. */
export async function pass(
  { device, hello, observer }: Patient,
  frames: readonly Directed[],
): Promise<readonly Directed[]> {
  await device.inject(atPorts(hello, frames));
  return (await observer.observe()).outputs;
}

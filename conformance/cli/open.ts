/** Opens the device that the user named, and refuses one that claims what does not exist. */
import type { Device } from '../driver/device.ts';
import { readFixture } from '../drivers/fixture-files.ts';
import { openNamedBalancer, openNamedSystem, openNamedTarget } from '../drivers/target.ts';
import { openBalancerSession, type BalancerSession } from '../run/balancer-session.ts';
import { openSession, type Session } from '../run/session.ts';
import { openSystemSession, type SystemSession } from '../run/system-session.ts';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';

/** Asks for a capability that no device can know; a yes means that its other answers are worthless. */
async function canary(device: Device, nonce: number): Promise<void> {
  const capability = `CANARY${nonce.toString(36).toUpperCase()}`;
  if (await device.claims(capability)) {
    throw new Complaint(
      EXIT.unreachable,
      `the device claims ${capability}, which does not exist: its claims cannot be trusted`,
    );
  }
}

/** Opens target `name`; complains with 64, 65 or 69 when there is no such, or no sane, device. */
export async function openTarget(name: string, seed: number, effort = 1): Promise<Session> {
  const opened = openNamedTarget(name);
  if (!opened.ok) {
    throw new Complaint(
      opened.error.startsWith('no target') ? EXIT.usage : EXIT.badInput,
      opened.error,
    );
  }
  const device = opened.value;
  try {
    const session = await openSession(device, { seed, effort, evidence: true, readFixture });
    await canary(device, Date.now());
    return session;
  } catch (error) {
    await device.close();
    if (error instanceof Complaint) throw error;
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.unreachable, `target ${name} does not start: ${told}`);
  }
}

/**
 * Opens target `name`, be it a switch, a whole Prism or a server switch; complains as `openTarget`
 * does.
 *
 * With `path` a property plays that one story alone.
 */
export async function openAnyTarget(
  name: string,
  seed: number,
  effort: number,
  path?: string,
): Promise<Session | SystemSession | BalancerSession> {
  const system = openNamedSystem(name);
  const balancer = openNamedBalancer(name);
  const options = { seed, effort, evidence: true, path };
  try {
    if (system !== undefined) return await openSystemSession(system, options);
    if (balancer !== undefined) return await openBalancerSession(balancer, options);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.unreachable, `target ${name} does not start: ${told}`);
  }
  return openTarget(name, seed, effort);
}

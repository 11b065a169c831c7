/**
 * The device that scenarios speak to: opened once by whoever starts the run, used by every step.
 *
 * Cucumber loads the steps itself, so the device reaches them through this one place.
 */
import type { Device, Hello } from '../driver/device.ts';
import type { FixtureReader } from '../traffic/fixture.ts';
import {
  createObserver,
  type Observation,
  type Observer,
  type Proof,
} from '../observe/observer.ts';
import { createOpened } from './opened.ts';

/** What a run was asked to use. */
export interface SessionOptions {
  /** Seed of every generated packet. */
  readonly seed: number;
  /** Multiplies the number of runs of each property; a fraction for a quick look. */
  readonly effort: number;
  /** Whether failures are made smaller and recorded, or only told. */
  readonly evidence: boolean;
  readonly readFixture: FixtureReader;
}

/** The same where scenarios tell stories. */
export interface StoryOptions extends Pick<SessionOptions, 'seed' | 'effort' | 'evidence'> {
  /** In a replay: the one story of a property that is to be played, as fast-check counts them. */
  readonly path?: string | undefined;
}

/** A device under test that has introduced itself, and what the run was asked to use. */
export interface Session extends SessionOptions {
  readonly device: Device;
  readonly hello: Hello;
  readonly observer: Observer;
  /** How absence was proved since the last call, each way once. */
  takeProofs(): readonly Proof[];
}

const opened = createOpened<Session>(({ device }) => device.close());

/** One more than asked for: timers may fire a fraction of a millisecond early. */
const sleep = async (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms + 1);
  });

/** `observer`, whose proofs are noted in `proofs`. */
function noting(observer: Observer, proofs: Set<Proof>): Observer {
  return {
    async observe(): Promise<Observation> {
      const seen = await observer.observe();
      proofs.add(seen.proof);
      return seen;
    },
  };
}

/** Asks `device` for its introduction and makes it the one that scenarios speak to. */
export async function openSession(device: Device, options: SessionOptions): Promise<Session> {
  const hello = await device.hello();
  const proofs = new Set<Proof>();
  const observer = noting(createObserver(device, hello, sleep), proofs);
  const takeProofs = (): readonly Proof[] => {
    const taken = [...proofs];
    proofs.clear();
    return taken;
  };
  return opened.keep({ ...options, device, hello, observer, takeProofs });
}

/** The session in progress, if there is one. */
export function currentSession(): Session | undefined {
  return opened.current();
}

/** Ends the session and the device. */
export async function closeSession(): Promise<void> {
  await opened.close();
}

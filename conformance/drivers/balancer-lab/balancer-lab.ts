/**
 * Any server switch that is a program, on this kernel: clients, servers and their network are in
 * namespaces around it, and stories are played in real time. Needs root.
 */
import { whyUnavailable } from '../../../reference/host/syscall.ts';
import type { BalancerCapability } from '../../catalogue/capability.ts';
import type {
  Balancer,
  BalancerHello,
  BalancerObservation,
  BalancerProfile,
  BalancerStory,
} from '../../driver/balancer.ts';
import { DriverFault } from '../../driver/device.ts';
import { isOnPath } from '../lab/needs.ts';
import { balancerHello } from '../virtual-bed/hello.ts';
import type { Bed } from './bed.ts';
import type { ProgramOptions } from './program.ts';

/** A program that is a server switch, what it needs, and what it declares. */
export interface ProgramTarget extends Omit<ProgramOptions, 'folder'> {
  readonly vendor: string;
  readonly version: string;
  /** Programs that must be on PATH. */
  readonly needs: readonly string[];
  readonly claims: readonly BalancerCapability[];
  readonly choices: BalancerProfile;
}

/** What a busy machine may keep anybody waiting: so long in a story, and this part of its time. */
const LATE_MAX_MS = 250;
const LATE_SHARE_MAX = 0.1;
/** A story that was played too late is told again, as often as this. */
const TRIES_MAX = 3;
/** What makes namespaces and links. */
const OWN_NEEDS = ['ip', 'ethtool'];

function helloOf({ name, vendor, version, claims, choices }: ProgramTarget): BalancerHello {
  return balancerHello({ name, vendor, version, claims, choices, clock: 'real' });
}

/** Throws `DriverFault` that says what this machine lacks, if anything. */
function needAll({ name, needs }: ProgramTarget): void {
  const unavailable = whyUnavailable();
  if (unavailable !== undefined) throw new DriverFault('needs', unavailable);
  if (process.getuid?.() !== 0) {
    throw new DriverFault('root', 'network namespaces need root: run it with sudo');
  }
  const missing = [...OWN_NEEDS, ...needs].filter((program) => !isOnPath(program));
  if (missing.length === 0) return;
  const told = missing.join(', ');
  throw new DriverFault('needs', `${name} needs what is not on PATH: install ${told}`);
}

/** Opens the server switch whose file is in `folder`; the bed is made by the first story. */
export function openBalancerProgram(target: ProgramTarget, folder: string): Balancer {
  let bed: Bed | undefined;

  async function bedFor(): Promise<Bed> {
    // Whoever judges something else need not wait until all of it is read.
    const { raiseBed } = await import('./bed.ts');
    bed ??= raiseBed({ ...target, folder });
    return bed;
  }

  async function play(story: BalancerStory): Promise<BalancerObservation> {
    const { playStory } = await import('./story.ts');
    const ready = await bedFor();
    for (let left = TRIES_MAX - 1; ; left -= 1) {
      // oxlint-disable-next-line no-await-in-loop -- one story after the other
      const { lateMs = 0, ...seen } = await playStory(ready, story);
      if (lateMs < LATE_MAX_MS + seen.endMs * LATE_SHARE_MAX) return seen;
      if (left === 0) return { ...seen, lateMs };
    }
  }

  return {
    async hello() {
      needAll(target);
      return helloOf(target);
    },
    play,
    async close() {
      await bed?.close();
      bed = undefined;
    },
  };
}

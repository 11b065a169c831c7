/**
 * The reference Prism on this kernel as a system under test: controller, switch and backends are
 * processes in network namespaces, and stories are played in real time. Needs root.
 *
 * Where locked packets are dropped the switch is BPF at the tc hook; where they are held, it is the
 * packet ring. Each kind is brought up by the first story that wants it.
 */
import { DriverFault } from '../../driver/device.ts';
import type { Observation, Story, System, SystemHello } from '../../driver/system.ts';
import { helloOf } from '../sim/hello.ts';
import { BOUNDS, PROFILE_LEASE_MS } from './plan.ts';
import type { LivePrism } from './prism.ts';

const HELLO: SystemHello = helloOf({
  name: 'lab',
  clock: 'real',
  leaseMs: PROFILE_LEASE_MS,
  bounds: BOUNDS,
});

/** What a busy machine may keep a Prism waiting: so long in a story, and this part of its time. */
const LATE_MAX_MS = 250;
const LATE_SHARE_MAX = 0.1;
/** A story that was played too late is told again, as often as this. */
const TRIES_MAX = 3;

/** What makes of the reference another Prism. */
export interface LabAlteration {
  /** What a Prism makes of a story that was set up in another way than it was told. */
  readonly misread?: (story: Story) => Story;
}

/** Opens the reference Prism on this kernel; the network is made by the first story. */
export function openLab({ misread }: LabAlteration = {}): System {
  const prisms = new Map<Story['lock'], LivePrism>();

  async function prismFor(lock: Story['lock']): Promise<LivePrism> {
    const known = prisms.get(lock);
    if (known !== undefined) return known;
    // Whoever judges something else need not wait until all of it is read.
    const { raisePrism } = await import('./prism.ts');
    const raised = raisePrism(`lab-${lock}`, lock);
    prisms.set(lock, raised);
    return raised;
  }

  async function play(told: Story): Promise<Observation> {
    const story = misread?.(told) ?? told;
    const prism = await prismFor(story.lock);
    for (let left = TRIES_MAX - 1; ; left -= 1) {
      // oxlint-disable-next-line no-await-in-loop -- one story after the other
      const { lateMs = 0, ...seen } = await prism.play(story);
      if (lateMs < LATE_MAX_MS + seen.endMs * LATE_SHARE_MAX) return seen;
      if (left === 0) return { ...seen, lateMs };
    }
  }

  return {
    async hello() {
      if (process.getuid?.() !== 0) throw new DriverFault('root', 'network namespaces need root');
      return HELLO;
    },
    play,
    async close() {
      await Promise.all([...prisms.values()].map(({ close }) => close()));
    },
  };
}

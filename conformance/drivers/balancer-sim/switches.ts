/** The server switch of a story as a process of its world, or two that stand for one. */
import type { BalancerOptions } from '../../../reference/balancer/config.ts';
import type { Checks } from '../../../reference/health/target.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import { createRandom, drawBelow, drawUint32 } from '../../../reference/sim/network/random.ts';
import { act, crash, lay, start } from '../../../reference/sim/network/world.ts';
import {
  createSwitch,
  type SwitchProcess,
} from '../../../reference/sim/balancer/switch-process.ts';
import type { Setup } from '../../driver/balancer.ts';
import { BALANCER_MAC } from '../virtual-bed/hosts.ts';
import type { Deeds, Stage } from '../virtual-bed/stage.ts';
import { BALANCER_PORT, SECOND_PORT } from './ethernet.ts';
import { checksOf, optionsOf, type Place } from './reference.ts';

/** What is done to switches before they are in the world. */
export interface SwitchAlteration {
  /** Called for each switch that is started, so that what it remembers is of that one alone. */
  readonly wrap?: (place: Place) => (process: Process) => Process;
  /** What is done to its configuration. */
  readonly options?: (options: BalancerOptions, place: Place) => BalancerOptions;
  /** What is done to how it checks servers. */
  readonly checks?: (checks: Checks) => Checks;
}

/** What stories do to switches. */
export type Switches = Required<Pick<Deeds, 'configure' | 'switchState'>>;

interface Seat {
  /** Of its process, and of what its draws come of. */
  readonly name: string;
  /** Of the Ethernet. */
  readonly port: number;
}

const SEATS: Readonly<Record<Place, Seat>> = {
  1: { name: 'switch', port: BALANCER_PORT },
  2: { name: 'switch 2', port: SECOND_PORT },
};
/** A switch that has been told nothing; what it draws comes of the story's seed and its name. */
function makeSwitch(seed: number, name: string): SwitchProcess {
  const choices = createRandom(seed, name);
  const jitter = createRandom(seed, `${name} checks`);
  const numbers = createRandom(seed, `${name} probes`);
  return createSwitch({
    mac: BALANCER_MAC,
    ports: [0],
    draw: (limit) => drawBelow(choices, limit),
    drawJitter: (limit) => drawBelow(jitter, limit),
    random: () => drawUint32(numbers),
  });
}

/** Starts the switch of a story, or two, at the Ethernet of this name. */
export function createSwitches(
  { world, story }: Stage,
  { wrap, options = (told) => told, checks = (told) => told }: SwitchAlteration,
  ethernet: string,
  halfOpen: number,
): Switches {
  const { setup: first } = story;
  const places: readonly Place[] = first.pair === undefined ? [1] : [1, 2];
  const switches = new Map<Place, SwitchProcess>();
  let today = first;

  function begin(place: Place): void {
    const { name } = SEATS[place];
    const made = makeSwitch(story.seed, name);
    switches.set(place, made);
    start(world, name, wrap?.(place)(made) ?? made);
  }

  function tell(place: Place, setup: Setup): string | undefined {
    const own = options(optionsOf(setup, halfOpen, place), place);
    const plan = { options: own, checks: checks(checksOf(setup)) };
    let fault: string | undefined;
    act(world, SEATS[place].name, (nowNs) => {
      const answer = switches.get(place)?.configure(plan, nowNs);
      fault = answer?.fault;
      return answer?.effects ?? [];
    });
    return fault;
  }

  for (const place of places) {
    const { name, port } = SEATS[place];
    begin(place);
    lay(world, { name, port: 0 }, { name: ethernet, port });
  }
  return {
    configure(setup) {
      const [fault] = places.flatMap((place) => tell(place, setup) ?? []);
      if (fault === undefined) today = setup;
      return fault;
    },
    switchState(place, state): void {
      if (!places.includes(place)) throw new Error(`there is no switch ${place}`);
      if (state === 'dead') return crash(world, SEATS[place].name);
      begin(place);
      tell(place, today);
    },
  };
}

/** The switch of a story on the bed, or two that stand for one. */
import { SERVERS, type Setup } from '../../driver/balancer.ts';
import type { DriverFault } from '../../driver/device.ts';
import type { Bed } from './bed.ts';
import { DEVICE, ONE_SEAT, PAIR_SEATS, type SwitchSeat } from './network.ts';
import type { Product } from './program.ts';

/** What stories do to switches. */
export interface Switches {
  /** As `Product` has it, for all of them; what any of them finds wrong is wrong. */
  readonly configure: (setup: Setup) => Promise<string | undefined>;
  readonly become: (place: 1 | 2, state: 'up' | 'dead') => Promise<void>;
  /** Why one of them does not run any more, that has not been taken away. */
  readonly fault: () => DriverFault | undefined;
  readonly pids: () => readonly number[];
  /** Takes all of them away. */
  readonly end: () => Promise<void>;
}

/** Plugs switches in for a story that begins with `first`; none is started yet. */
export function plugSwitches(bed: Bed, first: Setup): Switches {
  const isPair = first.pair !== undefined;
  const seats: readonly SwitchSeat[] = isPair ? PAIR_SEATS : [ONE_SEAT];
  const products = new Map<SwitchSeat, Product>(seats.map((seat) => [seat, bed.plug(seat)]));
  let today = first;

  async function remove(seat: SwitchSeat): Promise<void> {
    products.delete(seat);
    await bed.unplug(seat);
  }

  return {
    async configure(setup) {
      let fault: string | undefined;
      for (const product of products.values()) {
        // oxlint-disable-next-line no-await-in-loop -- of two who begin, the first is ahead
        const own = await product.configure(setup);
        fault ??= own;
      }
      if (fault === undefined) today = setup;
      return fault;
    },
    async become(place, state) {
      const seat = seats[place - 1];
      if (seat === undefined) throw new Error(`there is no switch ${place}`);
      await remove(seat);
      if (state === 'dead') return;
      const product = bed.plug(seat);
      products.set(seat, product);
      await product.configure(today);
    },
    fault: () => [...products.values()].flatMap((each) => each.fault() ?? [])[0],
    pids: () => [...products.values()].flatMap((each) => each.pid() ?? []),
    async end() {
      await Promise.all(seats.map(remove));
      if (!isPair) return;
      // The next switch that is alone has the addresses of these, and another MAC address.
      for (const server of SERVERS) bed.lab.ip(server, `neigh flush dev ${DEVICE}`);
    },
  };
}

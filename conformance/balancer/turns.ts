/**
 * Orders of weighted turns that products have, each found from its rule.
 *
 *   weights          5, 1, 1           3, 2, 1
 *   nginx            a a b a c a a     a b a c b a    round robin of nginx 1.22
 *   haproxy          a a a b a a c     a b a c a b    balance roundrobin of HAProxy 2.6
 *   haproxy-static   a a a b a a c     a a b a b c    balance static-rr
 *   ipvs             a a a a a b c     a a b a b c    wrr of Linux
 *
 * All of them give each server as many turns in a cycle as it has weight, but for the second, which
 * with some weights (5, 13, 14) does so only from its second cycle on; none such may be asked for. It
 * was followed turn by turn with HAProxy 2.6.12 and 24 lists of weights, three cycles each.
 */
import type { TurnOrder } from '../driver/balancer.ts';

/** The greatest number that divides all; 1 where there is none. */
export function divisorOf(weights: readonly number[]): number {
  const least = Math.min(...weights.filter((weight) => weight > 0));
  if (least === Infinity) return 1;
  for (let divisor = least; divisor > 1; divisor -= 1) {
    if (weights.every((weight) => weight % divisor === 0)) return divisor;
  }
  return 1;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** The first of those places for which `worth` is greatest. */
function best(count: number, worth: (place: number) => number): number {
  let found = 0;
  for (let place = 1; place < count; place += 1) if (worth(place) > worth(found)) found = place;
  return found;
}

/** Turn by turn whoever is worth most, by how many turns there were and how many it has had. */
function greedy(
  weights: readonly number[],
  worth: (weight: number, turns: number, had: number) => number,
): readonly number[] {
  const had = weights.map(() => 0);
  return Array.from({ length: sumOf(weights) }, (_, turn) => {
    const place = best(weights.length, (each) => {
      return worth(weights[each] ?? 0, turn + 1, had[each] ?? 0);
    });
    had[place] = (had[place] ?? 0) + 1;
    return place;
  });
}

/** From the heaviest down: in each round all that have so much weight, in their order. */
function descending(weights: readonly number[]): readonly number[] {
  const heaviest = Math.max(...weights);
  return Array.from({ length: heaviest }, (_, round) => heaviest - round).flatMap((level) =>
    weights.flatMap((weight, place) => (weight >= level ? [place] : [])),
  );
}

/** A server in the order of HAProxy, and when it is due. */
interface Runner {
  readonly place: number;
  readonly weight: number;
  due: number;
  /** What the division of the cycle by the weight has left over. */
  rest: number;
}

/**
 * Every server comes again after the length of the cycle divided by its weight. Who is due comes, the
 * earliest first; where nobody is, the heaviest of those who have not come at all.
 */
function spread(weights: readonly number[]): readonly number[] {
  const total = sumOf(weights);
  let fresh = weights
    .map((weight, place): Runner => ({ place, weight, due: 0, rest: 0 }))
    .toSorted((a, b) => b.weight - a.weight);
  let queue: Runner[] = [];
  return Array.from({ length: total }, (_, turn) => {
    const [first] = queue;
    const isDue = first !== undefined && first.due <= turn;
    const next = isDue || fresh.length === 0 ? first : fresh[0];
    if (next === undefined) throw new Error('there are no servers');
    if (fresh.includes(next)) next.due = turn;
    fresh = fresh.filter((each) => each !== next);
    next.due += Math.floor(total / next.weight);
    next.rest += total % next.weight;
    if (next.rest >= next.weight) {
      next.rest -= next.weight;
      next.due += 1;
    }
    // Sorting is stable: of equals the one that has waited longer stays before.
    queue = [...queue.filter((each) => each !== next), next].toSorted(
      (a, b) => a.due - b.due || a.rest - a.weight - (b.rest - b.weight),
    );
    return next.place;
  });
}

/** Whose turns a cycle has, by their places; those of weight 0 have none. */
export function cycleOf(order: TurnOrder, weights: readonly number[]): readonly number[] {
  const divisor = divisorOf(weights);
  const places = [...weights.keys()].filter((place) => (weights[place] ?? 0) > 0);
  const shares = places.map((place) => (weights[place] ?? 0) / divisor);
  const total = sumOf(shares);
  const turns: Readonly<Record<TurnOrder, () => readonly number[]>> = {
    nginx: () => greedy(shares, (weight, turn, had) => turn * weight - had * total),
    haproxy: () => spread(shares),
    'haproxy-static': () =>
      greedy(shares, (weight, turn, had) => Math.floor((turn * weight) / total) - had),
    ipvs: () => descending(shares),
  };
  return turns[order]().map((index) => places[index] ?? 0);
}

/** Whether `seen` is a part of what comes of a cycle that goes on and on. */
export function follows<T>(seen: readonly T[], cycle: readonly T[]): boolean {
  return cycle.some((_, shift) =>
    seen.every((each, turn) => each === cycle[(turn + shift) % cycle.length]),
  );
}

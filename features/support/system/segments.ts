/** The first client's segments at the taps, as system steps look at them. */
import type { Observation, Part } from '../../../conformance/driver/system.ts';
import { segmentsAt, type Tapped } from '../../../conformance/system/taps.ts';
import { Inconclusive } from '../../../conformance/verdict/outcome.ts';

function isOfClient({ tap, source, destination }: Tapped, client: string): boolean {
  return tap !== 'client' && (source === client || destination === client);
}

/** The address of the first client, by the SYN that it sent. */
export function clientOf(seen: Observation): string {
  const syn = segmentsAt(seen).find(({ host, isSyn }) => host === 'client 0' && isSyn);
  if (syn === undefined) throw new Inconclusive('not-exercised', 'no client has sent a SYN');
  return syn.source;
}

/** What left an owner for the first client, in time: who sent it, and what. */
export function spoken(seen: Observation): readonly Tapped[] {
  const client = clientOf(seen);
  return segmentsAt(seen).filter(
    (each) => each.direction === 'in' && each.destination === client && isOfClient(each, client),
  );
}

/**
 * What left the switch for one host and came from the first client.
 *
 * A switch that has not yet learned where another is may send that one's frames everywhere.
 */
export function heardBy(seen: Observation, part: Part): readonly Tapped[] {
  const client = clientOf(seen);
  const all = segmentsAt(seen);
  const others = new Set(
    all.flatMap(({ host, direction, sourceMac }) =>
      direction === 'in' && host !== part ? [sourceMac] : [],
    ),
  );
  return all.filter(
    ({ host, direction, source, destinationMac }) =>
      host === part && direction === 'out' && source === client && !others.has(destinationMac),
  );
}

/** What left the switch for the first client. */
export function toClient(seen: Observation): readonly Tapped[] {
  const client = clientOf(seen);
  return segmentsAt(seen).filter(
    ({ tap, direction, destination }) =>
      tap === 'client' && direction === 'out' && destination === client,
  );
}

/** Distance from `from` to `to` in the sequence space. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

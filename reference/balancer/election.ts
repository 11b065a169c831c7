/**
 * Which of several switches is the active one: VRRP. RFC 9568 section 6.4.
 *
 *   start ─▶ backup ─ nothing heard for 3 intervals and a skew ─▶ active ─ every interval ─▶ says so
 *              ▲                                                    │
 *              └────────── heard of one that comes before it ───────┘
 *
 * The skew is the smaller the higher a switch's priority, so that the best of the backups is the first
 * to notice.
 */
import type { Ipv4Address } from 'scapy-ts';

/** What a switch says of itself. */
export interface Advert {
  /** Of the group of switches, 1 … 255. */
  readonly group: number;
  /** 1 … 255; 0 says that it ends being the active one. */
  readonly priority: number;
  /** In milliseconds, a multiple of 10. */
  readonly intervalMs: number;
  /** Who says it. */
  readonly source: Ipv4Address;
}

/** How a switch takes part in an election. */
export interface Redundancy {
  /** 1 … 255, the same at all switches of a group. */
  readonly group: number;
  /** 1 … 254; the highest becomes active. */
  readonly priority: number;
  /** How often the active switch says that it is, in milliseconds: 10 … 40950, a multiple of 10. */
  readonly intervalMs: number;
  /** Its own address, and no other switch's: of two that are equal the higher comes first. */
  readonly source: Ipv4Address;
  /** Whether it takes over from an active switch of lower priority. */
  readonly preempts: boolean;
}

/** Where a switch is in the election. */
export interface Election {
  readonly role: 'out' | 'backup' | 'active';
  /** When it does the next thing by itself, in milliseconds. */
  readonly dueMs: number;
}

/** What comes of an event: where the switch is now, and the advert that it sends, if it does. */
export interface Ballot {
  readonly election: Election;
  /** The priority to advertise; undefined for no advert. */
  readonly says: number | undefined;
}

/** Not taking part. */
export const OUT: Election = { role: 'out', dueMs: 0 };

/** A switch begins to take part. */
export function enter(redundancy: Redundancy, nowMs: number): Ballot {
  return silent(backup(redundancy, redundancy.intervalMs, nowMs));
}

/** A switch ends taking part, and says so if it was the active one. */
export function withdraw({ role }: Election): Ballot {
  return { election: OUT, says: role === 'active' ? 0 : undefined };
}

/** Time has come to `nowMs`. */
export function wait(election: Election, redundancy: Redundancy, nowMs: number): Ballot {
  if (election.role === 'out' || nowMs < election.dueMs) return silent(election);
  return lead(redundancy, nowMs);
}

/** Another switch of the group, with another address, has said something. */
export function hear(
  election: Election,
  redundancy: Redundancy,
  advert: Advert,
  nowMs: number,
): Ballot {
  const { priority, intervalMs } = advert;
  switch (election.role) {
    case 'out':
      return silent(election);
    case 'backup': {
      if (priority === 0) {
        return silent({ role: 'backup', dueMs: nowMs + skewMs(redundancy, intervalMs) });
      }
      const isHeeded = !redundancy.preempts || priority >= redundancy.priority;
      return silent(isHeeded ? backup(redundancy, intervalMs, nowMs) : election);
    }
    case 'active':
      if (priority === 0) return lead(redundancy, nowMs);
      if (comesBefore(advert, redundancy)) return silent(backup(redundancy, intervalMs, nowMs));
      // So that two who both think that they are do not have to wait for the next interval.
      return { election, says: redundancy.priority };
    default:
      return election.role satisfies never;
  }
}

function lead({ intervalMs, priority }: Redundancy, nowMs: number): Ballot {
  return { election: { role: 'active', dueMs: nowMs + intervalMs }, says: priority };
}

/** Active_Down_Interval after an advert of a switch with this interval. */
function backup(redundancy: Redundancy, intervalMs: number, nowMs: number): Election {
  return { role: 'backup', dueMs: nowMs + 3 * intervalMs + skewMs(redundancy, intervalMs) };
}

function skewMs({ priority }: Redundancy, intervalMs: number): number {
  return ((256 - priority) * intervalMs) / 256;
}

function comesBefore(advert: Advert, { priority, source }: Redundancy): boolean {
  return advert.priority > priority || (advert.priority === priority && advert.source > source);
}

function silent(election: Election): Ballot {
  return { election, says: undefined };
}

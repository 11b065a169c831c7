/**
 * Which of two switches that stand for one has the virtual addresses, as far as hosts can see.
 *
 *   set up ─▶ 5 intervals ─▶ one answers ─ it is lost ─▶ 4 intervals ─▶ the other answers ─ the first
 *   is back ─▶ 10 intervals ─▶ the first answers where it preempts, else the other still does
 *
 * The intervals are of VRRP, RFC 9568 section 6.1: three without a word, and a skew of at most one,
 * whatever the priorities. Two that begin are given one more, and whoever is back has to start first.
 */
import { formatIpv4, formatMac, layer, parse, type Arp } from 'scapy-ts';
import type { BalancerObservation, BalancerStory, HostName } from '../driver/balancer.ts';
import type { Fault } from './unchanged.ts';

/** A time for which one of the switches is active; from `fromMs` on it must be found out who. */
export interface Reign {
  readonly place: 1 | 2;
  /** What happened. */
  readonly since: string;
  /** When it happened. */
  readonly sinceMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Somebody who asks, and the virtual address that he asks for. */
export interface Asked {
  readonly host: HostName;
  readonly address: string;
}

const LOST_INTERVALS = 4;
const BEGUN_INTERVALS = 5;
const BACK_INTERVALS = 10;
const REPLY = 2;

type Change = Pick<Reign, 'place' | 'since' | 'sinceMs' | 'fromMs'>;

/**
 * Who is active when in a story of two switches.
 *
 * Whether the first preempts is declared; `lateMs` is what nobody is blamed for: where time is real, a
 * cable is not pulled at once.
 */
export function reignsOf(
  { setup, happenings }: Pick<BalancerStory, 'setup' | 'happenings'>,
  preempts: boolean,
  lateMs = 0,
): readonly Reign[] {
  const intervalMs = setup.pair?.intervalMs ?? 0;
  const begun = { place: 1, since: 'the start', sinceMs: 0 } as const;
  const changes: Change[] = [{ ...begun, fromMs: BEGUN_INTERVALS * intervalMs }];
  const alive = new Set<1 | 2>([1, 2]);
  for (const happening of happenings.toSorted((a, b) => a.atMs - b.atMs)) {
    if (happening.kind !== 'switch') continue;
    const { place, state, atMs: sinceMs } = happening;
    const active = changes.at(-1)?.place;
    if (state === 'dead') {
      alive.delete(place);
      const [other] = alive;
      if (place !== active || other === undefined) continue;
      const fromMs = sinceMs + LOST_INTERVALS * intervalMs + lateMs;
      changes.push({ place: other, since: `the loss of switch ${place}`, sinceMs, fromMs });
    } else {
      const isNext = alive.size === 0 || (preempts && active !== 1);
      alive.add(place);
      const fromMs = sinceMs + BACK_INTERVALS * intervalMs;
      if (isNext) changes.push({ place, since: `switch ${place} came back`, sinceMs, fromMs });
    }
  }
  return changes.map((each, nth) => ({ ...each, toMs: changes[nth + 1]?.sinceMs ?? Infinity }));
}

interface Said {
  readonly atMs: number;
  readonly direction: 'sent' | 'received';
  readonly message: Arp;
}

function saidAbout(
  { frames }: Pick<BalancerObservation, 'frames'>,
  { host: asker, address }: Asked,
): readonly Said[] {
  return frames.flatMap(({ host, direction, atMs, octets }): readonly Said[] => {
    const message = host === asker ? layer(parse(octets).layers, 'arp') : undefined;
    if (message === undefined) return [];
    const isAbout = [message.senderIp, message.targetIp].map(formatIpv4).includes(address);
    return isAbout ? [{ atMs, direction, message }] : [];
  });
}

/** Gratuitous ARP: a request or a reply in which sender and target have one address. RFC 5227. */
function isAnnouncement({ message }: Said): boolean {
  return message.senderIp === message.targetIp;
}

interface Question {
  readonly atMs: number;
  /** The MAC addresses of those who answered before the next question. */
  readonly answers: readonly string[];
}

/** The last one of a story is none: it only tells until when the one before could be answered. */
function questionsIn(said: readonly Said[]): readonly Question[] {
  const asked = said.filter(({ direction }) => direction === 'sent').map(({ atMs }) => atMs);
  const told = said.filter(
    (each) =>
      each.direction === 'received' && each.message.operation === REPLY && !isAnnouncement(each),
  );
  return asked.slice(0, -1).map((atMs, nth) => {
    const nextMs = asked[nth + 1] ?? Infinity;
    const own = told.filter((each) => each.atMs >= atMs && each.atMs < nextMs);
    return { atMs, answers: own.map(({ message }) => formatMac(message.senderMac)) };
  });
}

/** During a reign every question has one answer, and all of them are alike, as is what is announced. */
function reignFault(said: readonly Said[], { address }: Asked, reign: Reign): Fault {
  const { fromMs, toMs } = reign;
  const isWithin = ({ atMs }: { readonly atMs: number }): boolean => atMs >= fromMs && atMs < toMs;
  const questions = questionsIn(said).filter(isWithin);
  if (questions.length === 0) throw new Error(`nobody has asked for ${address} after ${fromMs} ms`);
  for (const { atMs, answers } of questions) {
    if (answers.length === 1) continue;
    const expected = `one answer to who has ${address}, asked after ${Math.round(atMs)} ms`;
    return { expected, observed: answers.join(' and ') || 'none' };
  }
  const announced = said.filter(isAnnouncement).filter(isWithin);
  const owners = new Set([
    ...questions.flatMap(({ answers }) => answers),
    ...announced.map(({ message }) => formatMac(message.senderMac)),
  ]);
  if (owners.size === 1) return undefined;
  const expected = `one owner of ${address} from ${fromMs} ms on`;
  return { expected, observed: [...owners].join(' and ') };
}

function ownerIn(said: readonly Said[], { fromMs, toMs }: Reign): string | undefined {
  const found = questionsIn(said).find(({ atMs }) => atMs >= fromMs && atMs < toMs);
  return found?.answers[0];
}

/** Whoever becomes active says so to all, in time. */
function announcementFault(said: readonly Said[], { address }: Asked, reign: Reign): Fault {
  const { since, sinceMs, fromMs, toMs } = reign;
  const told = said.filter(isAnnouncement).map(({ atMs }) => atMs);
  const [first] = told.filter((atMs) => atMs >= sinceMs && atMs < toMs);
  if (first !== undefined && first <= fromMs) return undefined;
  const expected = `gratuitous ARP for ${address} within ${fromMs - sinceMs} ms of ${since}`;
  return {
    expected,
    observed: first === undefined ? 'none' : `after ${Math.round(first - sinceMs)} ms`,
  };
}

/**
 * One switch has a virtual address at a time, the one that should; each that takes over announces it.
 *
 * Two with one MAC address are told apart by nothing but what they announce.
 */
export function redundancyFault(
  seen: Pick<BalancerObservation, 'frames'>,
  asked: Asked,
  reigns: readonly Reign[],
): Fault {
  const said = saidAbout(seen, asked);
  for (const [nth, reign] of reigns.entries()) {
    const fault =
      (nth === 0 ? undefined : announcementFault(said, asked, reign)) ??
      reignFault(said, asked, reign);
    if (fault !== undefined) return fault;
  }
  const [first] = reigns;
  const again = reigns.slice(1).find(({ place }) => place === first?.place);
  if (first === undefined || again === undefined) return undefined;
  const [before, after] = [ownerIn(said, first), ownerIn(said, again)];
  if (before === after) return undefined;
  const expected = `${before} for ${asked.address} since ${again.since}`;
  return { expected, observed: String(after) };
}

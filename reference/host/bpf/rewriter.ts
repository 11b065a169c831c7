/**
 * The program at the tc hook: a frame that comes in, and what the rules make of it.
 *
 *   classify ─▶ flow ─ none ─▶ pass
 *                 ├─ barred, locked, IP options, forged ─▶ drop
 *                 └─ record ─▶ rewrite ─▶ station of the new MAC address? redirect : pass
 *
 * `pass` leaves the frame to whatever is behind the hook, such as a bridge. The headers are copied
 * to the stack and back; checksums move by their differences in network order, by the kernel's
 * helpers, which know of checksums that a device has still to complete. So frames of 64 KiB that
 * will be cut into segments later are rewritten once.
 */
import type { Line } from './assembler.ts';
import {
  addAtomic,
  compute,
  exit,
  jump,
  jumpIf,
  label,
  load,
  loadMapValue,
  store,
} from './assembler.ts';
import { classify, icmp, measure, opaque, short } from './classify-lines.ts';
import { AT, find, HELPER, IPV4_OCTETS, SKB } from './lines.ts';
import { optionLines } from './option-lines.ts';
import { RECORD_AT, RECORD_FLAG, VERDICT } from './record.ts';
import { readdress, renumber, rescale, write } from './rewrite-lines.ts';

/** Descriptors of the maps of which the program speaks. */
export interface RewriterMaps {
  /** Flow ─▶ verdict above number of a record. */
  readonly flows: number;
  /** Two hosts that share a flow of a rule. */
  readonly hosts: number;
  readonly records: number;
  /** MAC address ─▶ index of the device that leads there. */
  readonly stations: number;
  /** One value: a count for each of `DROPS`. */
  readonly tally: number;
}

/** Why the program drops a frame. */
export const DROPS = ['not-owner', 'locked', 'opaque', 'incapable', 'moved', 'failed'] as const;

/** Why the program drops a frame. */
export type Drop = (typeof DROPS)[number];

/** What the program returns. linux/pkt_cls.h */
export const ACTION = { pass: 0, drop: 2, redirect: 7 } as const;

/** The whole program. */
export function rewriterLines(maps: RewriterMaps): readonly Line[] {
  return [
    ...classify(),
    ...measure(),
    ...match(maps),
    ...authenticate(),
    ...readdress(),
    ...renumber(),
    ...rescale(),
    ...optionLines(),
    ...write(),
    ...leave(maps),
    ...short(),
    ...icmp(maps.flows),
    ...opaque(maps.hosts),
    ...ends(maps),
  ];
}

/** `r7` becomes the record of the flow. */
function match(maps: RewriterMaps): readonly Line[] {
  return [
    ...find(maps.flows, 'flows', AT.source, 'pass'),
    load('r2', 8, 'r0', 0),
    compute('r3', '=', 'r2'),
    compute('r3', '>>=', 32),
    jumpIf('r3', '==', VERDICT.barred, 'not-owner'),
    jumpIf('r9', '!=', IPV4_OCTETS, 'incapable'),
    jumpIf('r3', '!=', VERDICT.translate, 'locked'),
    store('fp', AT.slot, 4, 'r2'),
    ...find(maps.records, 'records', AT.slot, 'moved'),
    compute('r7', '=', 'r0'),
    ...[0, 4, 8].flatMap((word) => [
      load('r2', 4, 'r7', RECORD_AT.flow + word),
      load('r3', 4, 'fp', AT.source + word),
      jumpIf('r2', '!=', 'r3', 'moved'),
    ]),
  ];
}

/** In direct server return only the MAC address tells the owner from the controller. */
function authenticate(): readonly Line[] {
  return [
    load('r1', 4, 'r7', RECORD_AT.flags),
    compute('r2', '=', 'r1'),
    compute('r2', '&=', RECORD_FLAG.direct),
    jumpIf('r2', '==', 0, 'readdress'),
    load('r2', 4, 'r7', RECORD_AT.mac),
    load('r3', 4, 'fp', AT.sourceMac),
    jumpIf('r2', '!=', 'r3', 'not-owner'),
    load('r2', 2, 'r7', RECORD_AT.mac + 4),
    load('r3', 2, 'fp', AT.sourceMac + 4),
    jumpIf('r2', '!=', 'r3', 'not-owner'),
  ];
}

/** Counts the segments that the frame stands for, and sends it where its MAC address is known. */
function leave(maps: RewriterMaps): readonly Line[] {
  return [
    label('count'),
    load('r2', 4, 'r6', SKB.segments),
    jumpIf('r2', '!=', 0, 'counted'),
    compute('r2', '=', 1),
    label('counted'),
    addAtomic('r7', RECORD_AT.packets, 'r2'),
    load('r2', 4, 'r6', SKB.length),
    addAtomic('r7', RECORD_AT.octets, 'r2'),
    ...find(maps.stations, 'stations', AT.ethernet, 'pass'),
    load('r1', 4, 'r0', 0),
    compute('r2', '=', 0),
    HELPER.redirect,
    exit(),
  ];
}

/** The reason's label; a jump to `opaque` only asks whether it is one. */
function dropLabel(reason: Drop): string {
  return reason === 'opaque' ? 'unreadable' : reason;
}

function ends(maps: RewriterMaps): readonly Line[] {
  const drops = DROPS.flatMap((reason, index) => [
    label(dropLabel(reason)),
    loadMapValue('r1', maps.tally, 'tally', index * 8),
    jump('drop'),
  ]);
  return [
    label('pass'),
    compute('r0', '=', ACTION.pass),
    exit(),
    ...drops,
    label('drop'),
    compute('r2', '=', 1),
    addAtomic('r1', 0, 'r2'),
    compute('r0', '=', ACTION.drop),
    exit(),
  ];
}

/**
 * The program at the tc hook: a frame that comes in, and what the rules make of it.
 *
 *   IPv4 or IPv6? ─▶ classify ─▶ flow ─ none ─▶ pass
 *                                ├─ barred, locked, IP options, forged ─▶ drop
 *                                └─ record ─▶ rewrite ─▶ station of the new MAC address? redirect : pass
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
  scoped,
  store,
} from './assembler.ts';
import { classify, icmp, measure, short } from './classify-lines.ts';
import { classify6, icmp6, measure6, short6 } from './classify6-lines.ts';
import type { Layout } from './lines.ts';
import {
  AT,
  find,
  HELPER,
  IPV4_OCTETS,
  LAYOUT_4,
  LAYOUT_6,
  network16,
  SKB,
  wordsIn,
} from './lines.ts';
import { optionLines } from './option-lines.ts';
import { FLOW_OCTETS, RECORD_AT, RECORD_FLAG, VERDICT } from './record.ts';
import { readdress, renumber, rescale, write } from './rewrite-lines.ts';

/** Descriptors of the maps of which the program speaks. */
export interface RewriterMaps {
  /** Flow ─▶ verdict above number of a record, by the IP version. */
  readonly flows: Readonly<Record<4 | 6, number>>;
  /** Two hosts that share a flow of a rule. */
  readonly hosts: Readonly<Record<4 | 6, number>>;
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

const ETHER_TYPE = { 4: 0x0800, 6: 0x86dd } as const;

/** The whole program: one part for each IP version. */
export function rewriterLines(maps: RewriterMaps): readonly Line[] {
  const parts = [LAYOUT_4, LAYOUT_6].map((layout) => {
    const begin = `IPv${layout.version}`;
    return [label(begin), ...scoped(`${begin} `, versionLines(layout, maps))];
  });
  return [
    compute('r6', '=', 'r1'),
    load('r2', 4, 'r6', SKB.protocol),
    jumpIf('r2', '==', network16(ETHER_TYPE[4]), 'IPv4'),
    jumpIf('r2', '==', network16(ETHER_TYPE[6]), 'IPv6'),
    compute('r0', '=', ACTION.pass),
    exit(),
    ...parts.flat(),
  ];
}

function versionLines(layout: Layout, maps: RewriterMaps): readonly Line[] {
  const flows = maps.flows[layout.version];
  const is4 = layout.version === 4;
  return [
    ...(is4 ? classify() : classify6()),
    ...(is4 ? measure() : measure6()),
    ...match(layout, maps),
    ...authenticate(layout),
    ...readdress(layout),
    ...renumber(),
    ...rescale(),
    ...optionLines(layout),
    ...write(layout),
    ...leave(layout, maps),
    ...(is4 ? short() : short6()),
    ...(is4 ? icmp(flows) : icmp6(flows)),
    ...opaque(layout, maps),
    ...ends(maps),
  ];
}

/** `r7` becomes the record of the flow. */
function match({ version, source }: Layout, maps: RewriterMaps): readonly Line[] {
  return [
    ...find(maps.flows[version], 'flows', source, 'pass'),
    load('r2', 8, 'r0', 0),
    compute('r3', '=', 'r2'),
    compute('r3', '>>=', 32),
    jumpIf('r3', '==', VERDICT.barred, 'not-owner'),
    ...(version === 4 ? [jumpIf('r9', '!=', IPV4_OCTETS, 'incapable')] : []),
    jumpIf('r3', '!=', VERDICT.translate, 'locked'),
    store('fp', AT.slot, 4, 'r2'),
    ...find(maps.records, 'records', AT.slot, 'moved'),
    compute('r7', '=', 'r0'),
    ...wordsIn(FLOW_OCTETS[version]).flatMap((word) => [
      load('r2', 4, 'r7', RECORD_AT.flow + word),
      load('r3', 4, 'fp', source + word),
      jumpIf('r2', '!=', 'r3', 'moved'),
    ]),
  ];
}

/** What cannot be told from a rule's segments by its ports. */
function opaque({ version, source }: Layout, { hosts }: RewriterMaps): readonly Line[] {
  return [label('opaque'), ...find(hosts[version], 'hosts', source, 'pass'), jump('unreadable')];
}

/** In direct server return only the MAC address tells the owner from the controller. */
function authenticate({ sourceMac }: Layout): readonly Line[] {
  return [
    load('r1', 4, 'r7', RECORD_AT.flags),
    compute('r2', '=', 'r1'),
    compute('r2', '&=', RECORD_FLAG.direct),
    jumpIf('r2', '==', 0, 'readdress'),
    load('r2', 4, 'r7', RECORD_AT.mac),
    load('r3', 4, 'fp', sourceMac),
    jumpIf('r2', '!=', 'r3', 'not-owner'),
    load('r2', 2, 'r7', RECORD_AT.mac + 4),
    load('r3', 2, 'fp', sourceMac + 4),
    jumpIf('r2', '!=', 'r3', 'not-owner'),
  ];
}

/** Counts the segments that the frame stands for, and sends it where its MAC address is known. */
function leave({ ethernet }: Layout, maps: RewriterMaps): readonly Line[] {
  return [
    label('count'),
    load('r2', 4, 'r6', SKB.segments),
    jumpIf('r2', '!=', 0, 'counted'),
    compute('r2', '=', 1),
    label('counted'),
    addAtomic('r7', RECORD_AT.packets, 'r2'),
    load('r2', 4, 'r6', SKB.length),
    addAtomic('r7', RECORD_AT.octets, 'r2'),
    ...find(maps.stations, 'stations', ethernet, 'pass'),
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

/**
 * The kernel's image of a rule table: after each command what the rule's flows have become.
 *
 *   flows    source, destination, ports ─▶ verdict above number of a record
 *   hosts    source, destination ────────▶ (none)
 *   records  by number: what one direction of a rule does
 *
 * Each flow changes in one step: a segment meets the old record or the new one, whole. A new owner
 * has its flow before the client's leads to it, and an old one is barred before that.
 */
import type { ConnectionKey, Endpoint } from '../../rules/rule.ts';
import { sameEndpoint } from '../../rules/rule.ts';
import { planClient } from '../../rules/plan.ts';
import { flowKey, hostsKey } from '../../switch/flow-key.ts';
import type { Entry, Flow, RuleTable } from '../../switch/rule-table.ts';
import { entryKey } from '../../switch/rule-table.ts';
import type { ArrayMap, HashMap } from './map.ts';
import {
  encodeFlow,
  encodeHosts,
  encodeRecord,
  RECORD_AT,
  RECORD_OCTETS,
  VERDICT,
  versionOf,
} from './record.ts';
import type { Slots } from './slots.ts';

/** The maps in which the image is. */
export interface ImageMaps {
  readonly flows: Readonly<Record<4 | 6, HashMap>>;
  readonly hosts: Readonly<Record<4 | 6, HashMap>>;
  readonly records: ArrayMap;
}

/** A rule table, and what of it is in the kernel. */
export interface Image {
  /** Number of flows in the kernel, barred ones too. */
  size(): number;
  /** Makes the kernel's maps say of one connection what the table says. Throws SyscallError. */
  sync(key: ConnectionKey): void;
  /** Adds to all entries what the kernel has counted since the last time. */
  count(nowNs: bigint): void;
}

/** One way of segments. */
interface Path {
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** A flow as it is in the kernel. */
interface Installed {
  readonly verdict: number;
  /** Undefined for a barred flow, which needs no record. */
  readonly record: Recorded | undefined;
}

/** A record, and what of its counters its entry has. */
interface Recorded {
  readonly flow: Flow;
  readonly slot: number;
  packets: number;
  octets: number;
}

const NO_VALUE = new Uint8Array(4);

/** The image of a table that is empty as its maps are. */
export function createImage(table: RuleTable, maps: ImageMaps, slots: Slots): Image {
  const paths = new Map<string, readonly Path[]>();
  const installed = new Map<string, Installed>();
  const hosts = new Set<string>();
  const counters = new DataView(
    maps.records.octets.buffer,
    maps.records.octets.byteOffset,
    maps.records.octets.byteLength,
  );

  function read(recorded: Recorded): boolean {
    const at = recorded.slot * RECORD_OCTETS;
    const packets = Number(counters.getBigUint64(at + RECORD_AT.packets, true));
    const octets = Number(counters.getBigUint64(at + RECORD_AT.octets, true));
    const { flow } = recorded;
    const total = flow.from === 'client' ? flow.entry.fromClient : flow.entry.fromOwner;
    const isUsed = packets !== recorded.packets;
    total.packets += packets - recorded.packets;
    total.octets += octets - recorded.octets;
    recorded.packets = packets;
    recorded.octets = octets;
    return isUsed;
  }

  function write(flow: Flow, { from, to }: Path): Recorded {
    const slot = slots.take();
    if (slot === undefined) throw new RangeError('all records are in use');
    const { rule } = flow.entry;
    const isDirect = flow.from === 'owner' && sameEndpoint(rule.owner, rule.key.virtual);
    const senderMac = isDirect ? planClient(rule, table.hops).mac : undefined;
    const octets = encodeRecord({ from, to, plan: flow.plan, senderMac });
    maps.records.octets.set(octets, slot * RECORD_OCTETS);
    return { flow, slot, packets: 0, octets: 0 };
  }

  function desire(name: string, path: Path, now: Installed | undefined): Installed | undefined {
    const flow = table.flows.get(name);
    if (flow === undefined) {
      return table.barred.has(name) ? { verdict: VERDICT.barred, record: undefined } : undefined;
    }
    const verdict = flow.entry.rule.locked ? VERDICT.locked : VERDICT.translate;
    const record = now?.record?.flow === flow ? now.record : write(flow, path);
    return { verdict, record };
  }

  function syncFlow(path: Path): void {
    const name = flowKey(path.from, path.to);
    const now = installed.get(name);
    const next = desire(name, path, now);
    if (now?.verdict === next?.verdict && now?.record === next?.record) return;
    const key = encodeFlow(path.from, path.to);
    const flows = maps.flows[versionOf(path.from)];
    if (next === undefined) {
      flows.delete(key);
      installed.delete(name);
    } else {
      const value = Uint32Array.of(next.record?.slot ?? 0, next.verdict);
      flows.set(key, new Uint8Array(value.buffer));
      installed.set(name, next);
    }
    if (now?.record === undefined || now.record === next?.record) return;
    read(now.record);
    slots.retire(now.record.slot);
  }

  function syncHosts({ from, to }: Path): void {
    const name = hostsKey(from, to);
    const isWanted = table.hosts.has(name);
    if (isWanted === hosts.has(name)) return;
    const ofVersion = maps.hosts[versionOf(from)];
    if (isWanted) {
      ofVersion.set(encodeHosts(from, to), NO_VALUE);
      hosts.add(name);
    } else {
      ofVersion.delete(encodeHosts(from, to));
      hosts.delete(name);
    }
  }

  return {
    size: () => installed.size,
    sync(key) {
      const name = entryKey(key);
      const entry = table.entries.get(name);
      const before = paths.get(name) ?? [];
      const after = entry === undefined ? [] : pathsOf(entry);
      const all = [...before.filter(({ from }) => !isAmong(from, after)), ...after];
      for (const path of all) syncHosts(path);
      for (const path of all) syncFlow(path);
      if (after.length === 0) paths.delete(name);
      else paths.set(name, after);
    },
    count(nowNs) {
      for (const { record } of installed.values()) {
        if (record !== undefined && read(record)) record.flow.entry.usedNs = nowNs;
      }
    },
  };
}

/** In the order in which they are to change. */
function pathsOf({ rule, former }: Entry): readonly Path[] {
  const { client, virtual } = rule.key;
  const toClient = [...former.values(), virtual, rule.owner];
  return [...toClient.map((from) => ({ from, to: client })), { from: client, to: virtual }];
}

function isAmong(end: Endpoint, paths: readonly Path[]): boolean {
  return paths.some(({ from }) => sameEndpoint(from, end));
}

/**
 * A switch whose segments never leave the kernel: the rules of the pure model, and their image in
 * the maps of a program at the tc hook.
 *
 *   command ─▶ switch/execute ─▶ rule table ─▶ image ─▶ maps ◀── program ◀── frames
 *
 * The program translates segments and passes on what is none of the rules' business; what it
 * cannot translate of a rule it drops: fragments, TCP behind IP options or an extension header of
 * IPv6, ICMP errors. A bridge behind the hook forwards by MAC address, or the program itself where it
 * knows the station. It learns nothing and takes no commands in band.
 *
 * Frames that the device would have cut or merged count as the segments that they stand for, and
 * their octets as they are.
 */
import type { MacAddress } from 'scapy-ts';
import type { Command, Reply } from '../../control/command.ts';
import type { Capability } from '../../switch/config.ts';
import { execute } from '../../switch/execute.ts';
import type { Effect } from '../../switch/switch.ts';
import { createSwitch, step } from '../../switch/switch.ts';
import { closeDescriptor } from '../socket.ts';
import { SyscallError, whyUnavailable } from '../syscall.ts';
import { assemble } from './assembler.ts';
import { createImage } from './image.ts';
import type { ArrayMap, HashMap } from './map.ts';
import { createArrayMap, createHashMap } from './map.ts';
import { attachIngress, loadProgram } from './program.ts';
import { FLOW_OCTETS, HOSTS_OCTETS, RECORD_OCTETS } from './record.ts';
import type { Drop } from './rewriter.ts';
import { DROPS, rewriterLines } from './rewriter.ts';
import { createSlots } from './slots.ts';

/** What the program can do of what a switch may. */
export const BPF_CAPABILITIES: ReadonlySet<Capability> = new Set<Capability>([
  'SPLICE',
  'TS',
  'WS',
  'V6',
  'AGE',
  'JUMBO',
]);

/** What may be chosen. */
export interface DataPathOptions {
  /** Most rules at a time; 1,024 where it is left out. */
  readonly capacity?: number;
  readonly idleTimeoutMs?: number;
  readonly lockLeaseMs?: number;
}

/** A switch in the kernel; it ends with `close`, or with this process. */
export interface DataPath {
  /** For test runs. */
  readonly programFd: number;
  /** Performs one command; what the reply says holds for each frame that comes later. */
  execute(command: Command): Reply;
  /** Time has come to `nowNs`, never earlier than the last: leases and idle rules end. */
  tick(nowNs: bigint): readonly Effect[];
  /** Takes all that comes in at a device of this thread's namespace. Throws SyscallError. */
  attach(deviceIndex: number): void;
  /** Translated frames for `mac` leave at that device, without passing the bridge. */
  addStation(mac: MacAddress, deviceIndex: number): void;
  /** Frames dropped so far, by the reason. */
  drops(): Readonly<Record<Drop, number>>;
  close(): void;
}

/** Bars and hosts are few: a rule has three flows, and one more for each owner that it had. */
const FLOWS_PER_RULE = 8;
/** Most flows that one command adds. */
const FLOWS_PER_COMMAND = 3;
const STATIONS_MAX = 4096;
/** Changed rules leave a record each; when these are used up, one command waits for the kernel. */
const SPARE_RECORDS = 16_384;

interface Maps {
  readonly flows: Readonly<Record<4 | 6, HashMap>>;
  readonly hosts: Readonly<Record<4 | 6, HashMap>>;
  readonly stations: HashMap;
  readonly records: ArrayMap;
  readonly tally: ArrayMap;
}

/** Why there can be no data path here, in a sentence; undefined where there can. */
export function whyNoDataPath(): string | undefined {
  const missing = whyUnavailable();
  if (missing !== undefined) return missing;
  try {
    createHashMap({ name: 'probe', keyOctets: 4, valueOctets: 4, capacity: 1 }).close();
    return undefined;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    return `bpf(2) is not for this process: ${error.errno}`;
  }
}

function createMaps(capacity: number, records: number): Maps {
  const flowsOf = (version: 4 | 6): HashMap =>
    createHashMap({ name: 'flows', keyOctets: FLOW_OCTETS[version], valueOctets: 8, capacity });
  const hostsOf = (version: 4 | 6): HashMap =>
    createHashMap({ name: 'hosts', keyOctets: HOSTS_OCTETS[version], valueOctets: 4, capacity });
  return {
    flows: { 4: flowsOf(4), 6: flowsOf(6) },
    hosts: { 4: hostsOf(4), 6: hostsOf(6) },
    stations: createHashMap({
      name: 'stations',
      keyOctets: 6,
      valueOctets: 4,
      capacity: STATIONS_MAX,
    }),
    records: createArrayMap({ name: 'records', valueOctets: RECORD_OCTETS, capacity: records }),
    tally: createArrayMap({ name: 'tally', valueOctets: DROPS.length * 8, capacity: 1 }),
  };
}

function load(maps: Maps): number {
  const { flows, hosts, stations, records, tally } = maps;
  const lines = rewriterLines({
    flows: { 4: flows[4].fd, 6: flows[6].fd },
    hosts: { 4: hosts[4].fd, 6: hosts[6].fd },
    stations: stations.fd,
    records: records.fd,
    tally: tally.fd,
  });
  try {
    return loadProgram('prismspec', assemble(lines));
  } catch (error) {
    closeMaps(maps);
    throw error;
  }
}

function closeMaps({ flows, hosts, stations, records, tally }: Maps): void {
  const all = [flows[4], flows[6], hosts[4], hosts[6], stations, records, tally];
  for (const map of all) map.close();
}

/** Makes a data path without rules, attached to nothing. Throws SyscallError, VerifierError. */
export function openDataPath(options: DataPathOptions = {}): DataPath {
  const { capacity = 1024 } = options;
  const state = createSwitch({
    ...options,
    ports: [],
    capacity,
    capabilities: BPF_CAPABILITIES,
    lock: 'drop',
  });
  const maxFlows = capacity * FLOWS_PER_RULE;
  const maxRecords = 2 * capacity + SPARE_RECORDS;
  const maps = createMaps(maxFlows, maxRecords);
  const programFd = load(maps);
  const image = createImage(state.rules, maps, createSlots(maxRecords));
  const links: number[] = [];
  let isOpen = true;
  const needOpen = (): void => {
    if (!isOpen) throw new Error('the data path is closed');
  };
  return {
    programFd,
    execute(command) {
      needOpen();
      if (command.op === 'get') {
        image.count(state.nowNs);
        return execute(state, command);
      }
      const mayAdd = command.op === 'add' || command.op === 'chown';
      if (mayAdd && image.size() + FLOWS_PER_COMMAND > maxFlows) {
        return { ok: false, op: command.op, error: 'full', detail: `all ${maxFlows} flows` };
      }
      const reply = execute(state, command);
      if (reply.ok) image.sync(command.op === 'add' ? command.rule.key : command.key);
      return reply;
    },
    tick(nowNs) {
      needOpen();
      image.count(nowNs);
      const effects = step(state, { kind: 'tick', nowNs });
      for (const effect of effects) if (effect.kind === 'expired') image.sync(effect.key);
      return effects;
    },
    attach(index) {
      links.push(attachIngress(programFd, index));
    },
    addStation(mac, index) {
      const octets = Buffer.alloc(6);
      octets.writeUIntBE(mac, 0, 6);
      maps.stations.set(octets, new Uint8Array(Uint32Array.of(index).buffer));
    },
    drops() {
      needOpen();
      const view = new DataView(maps.tally.octets.buffer, maps.tally.octets.byteOffset);
      const count = (index: number): number => Number(view.getBigUint64(index * 8, true));
      return {
        'not-owner': count(0),
        locked: count(1),
        opaque: count(2),
        incapable: count(3),
        moved: count(4),
        failed: count(5),
      };
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      [...links, programFd].forEach(closeDescriptor);
      closeMaps(maps);
    },
  };
}

/**
 * A model of simple_switch, the reference switch of P4, for programs of the architecture v1model.
 *
 *   octets ──▶ parser ──▶ verify ──▶ ingress ──┬──▶ egress ──▶ update ──▶ deparser ──▶ octets
 *                        checksums             │ (each copy by itself)    checksums
 *                                              └──▶ nothing, when it is dropped
 *
 * It is not BMv2, whose source is what it was written after: p4lang/behavioral-model 1.15.
 */
import { store } from './assignment.ts';
import { type Entries, initialEntries } from './entries.ts';
import type { Field } from './layout.ts';
import { copyOf, NO_ARGS, type Packet } from './packet.ts';
import { DROP_PORT, type Program } from './program.ts';
import type { Resources } from './resources.ts';

/** A copy that a multicast group makes. */
export interface Replica {
  readonly port: number;
  /** Tells the copies of one packet apart: `egress_rid`. */
  readonly rid: number;
}

/** What a switch is started with. */
export interface SwitchOptions {
  /** Multicast groups by number, from 1 on; the copies leave in this order. */
  readonly groups?: Readonly<Record<number, readonly Replica[]>>;
}

/** A packet on a wire. */
export interface Wired {
  readonly port: number;
  readonly octets: Uint8Array;
}

/** A running switch; only `receive` and the functions of control.ts change it. */
export interface Switch {
  readonly program: Program;
  readonly options: SwitchOptions;
  /** By the index of the table. */
  readonly entries: Entries[];
  readonly resources: Resources;
  /** The one that is on its way. */
  readonly packet: Packet;
}

/** Queues of a port, unless simple_switch is told otherwise; a priority beyond them is lost. */
const QUEUES = 1;
const NO_OCTETS = new Uint8Array(0);
/** Of a packet that a multicast group has copied. */
const REPLICATION = 5;

function emptyResources({ registers, counters }: Program): Resources {
  const cells = <T>(size: number): Map<number, T>[] =>
    Array.from({ length: size }, () => new Map());
  return {
    registers: cells(registers.size),
    wideRegisters: cells(registers.size),
    counters: cells(counters.size),
  };
}

/** A switch that runs the program, with nothing in its tables but what the program brings. */
export function createSwitch(program: Program, options: SwitchOptions = {}): Switch {
  const resources = emptyResources(program);
  return {
    program,
    options,
    entries: [...program.tables.values()].map(initialEntries),
    resources,
    packet: emptyPacket(program, resources),
  };
}

/** Empties tables, registers and counters. */
export function reset({ program, entries, resources }: Switch): void {
  for (const table of program.tables.values()) entries[table.index] = initialEntries(table);
  for (const cells of Object.values(resources).flat()) cells.clear();
}

function emptyPacket({ layout }: Program, resources: Resources): Packet {
  return {
    numbers: new Float64Array(layout.numbers + 1),
    bigs: Array.from({ length: layout.bigs }, () => 0n),
    varbits: Array.from({ length: layout.varbits }, () => NO_OCTETS),
    args: NO_ARGS,
    octets: NO_OCTETS,
    at: 0,
    limit: Infinity,
    exits: false,
    nowUs: 0,
    resources,
  };
}

/** The switch's packet, empty but for its octets: to make another for each takes a third longer. */
function takePacket({ packet }: Switch, octets: Uint8Array, nowUs: number): Packet {
  packet.numbers.fill(0);
  packet.bigs.fill(0n);
  packet.varbits = packet.varbits.map(() => NO_OCTETS);
  packet.args = NO_ARGS;
  packet.octets = octets;
  packet.at = 0;
  packet.limit = Infinity;
  packet.exits = false;
  packet.nowUs = nowUs;
  return packet;
}

function set(packet: Packet, field: Field | undefined, value: number): void {
  if (field !== undefined) store(packet, field, value);
}

function get({ numbers, bigs }: Packet, field: Field | undefined): number {
  if (field === undefined) return 0;
  return field.store === 'number' ? (numbers[field.slot] ?? 0) : Number(bigs[field.slot] ?? 0n);
}

/** Egress and deparser; undefined when egress drops the packet. */
function send(p: Packet, { program, entries }: Switch, port: number): Wired | undefined {
  const { standard, lengthSlot } = program;
  if (get(p, standard.priority) >= QUEUES) return undefined;
  set(p, standard.enqueueTimestamp, p.nowUs);
  set(p, standard.egressTimestamp, p.nowUs);
  set(p, standard.egressPort, port);
  set(p, standard.egressSpec, DROP_PORT + 1);
  set(p, standard.packetLength, p.numbers[lengthSlot] ?? 0);
  p.exits = false;
  program.egress(p, entries);
  if (get(p, standard.egressSpec) === DROP_PORT) return undefined;
  return { port, octets: program.deparse(p) };
}

function multicast(p: Packet, device: Switch, group: number): readonly Wired[] {
  const { standard } = device.program;
  set(p, standard.instanceType, REPLICATION);
  return (device.options.groups?.[group] ?? []).flatMap(({ port, rid }) => {
    const copy = copyOf(p);
    set(copy, standard.egressRid, rid);
    return send(copy, device, port) ?? [];
  });
}

/**
 * What leaves because of a packet, in order; `nowUs` counts from the start of the switch.
 *
 * Throws where simple_switch would abort: an index outside of a header stack, a failed assertion.
 */
export function receive(device: Switch, { port, octets }: Wired, nowUs: number): readonly Wired[] {
  const { program, entries } = device;
  const { standard, lengthSlot } = program;
  const p = takePacket(device, octets, nowUs);
  set(p, standard.ingressPort, port);
  set(p, standard.packetLength, octets.length);
  p.numbers[lengthSlot] = octets.length;
  set(p, standard.ingressTimestamp, nowUs);
  const error = program.parse(p);
  const isWrong = program.checksums.some(({ verify }) => verify?.(p) === false);
  set(p, standard.parserError, error);
  set(p, standard.checksumError, isWrong ? 1 : 0);
  program.ingress(p, entries);
  const group = get(p, standard.multicastGroup);
  if (group !== 0) return multicast(p, device, group);
  const egress = get(p, standard.egressSpec);
  if (egress === DROP_PORT) return [];
  set(p, standard.instanceType, 0);
  const sent = send(p, device, egress);
  return sent === undefined ? [] : [sent];
}

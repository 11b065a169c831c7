/** Entries as rows: the words of 32 bits that the core's tables hold. */
import type { EntryKey, TableEntry } from '../../entry.ts';
import { NAMES } from './entries.ts';
import type { FlowKey } from './hash.ts';
import { ACTION, TABLES } from './registers.ts';

/** The words of one row, the first first. */
export type Row = readonly number[];

/** What passed by a rule in one direction. */
export interface Usage {
  readonly packets: number;
  readonly octets: number;
  /** The core's seconds, modulo 65536, when the last frame passed. */
  readonly stamp: number;
}

interface RowField {
  readonly word: number;
  readonly low: number;
  readonly bits: number;
}

interface Layout {
  readonly words: number;
  readonly fields: Readonly<Record<string, RowField>>;
}

const HIGH = 2 ** 32;

const ACTIONS: Readonly<Record<string, number>> = {
  [NAMES.clientOf]: ACTION.CLIENT_OF,
  [NAMES.ownerOf]: ACTION.OWNER_OF,
  [NAMES.drop]: ACTION.DROP,
  [NAMES.punt]: ACTION.PUNT,
};

/** A row with nothing in it. */
export function emptyRow({ words }: Layout): Row {
  return Array.from({ length: words }, () => 0);
}

/** Throws RangeError for a number that its field cannot hold: it would change another one. */
function pack<T extends Layout>(
  layout: T,
  numbers: Readonly<Record<keyof T['fields'] & string, number>>,
): Row {
  const row = [...emptyRow(layout)];
  for (const [name, { word, low, bits }] of Object.entries(layout.fields)) {
    const value = new Map(Object.entries<number>(numbers)).get(name) ?? 0;
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      throw new RangeError(`${name}: need ${bits} bits, have ${value}`);
    }
    row[word] = (row[word] ?? 0) + value * 2 ** low;
  }
  return row;
}

/** Some bits of a word, as an unsigned number. */
export function partOf(word: number, { low, bits }: Omit<RowField, 'word'>): number {
  return Math.floor(word / 2 ** low) % 2 ** bits;
}

function unpack(row: Row, field: RowField): number {
  return partOf(row[field.word] ?? 0, field);
}

/** What the core finds an entry of `flows` by. */
export function flowKeyOf({ match }: Pick<EntryKey, 'match'>): FlowKey {
  const number = (name: string): number => Number(match[name]?.value ?? 0n);
  return {
    hosts: number('hosts') === 1,
    src: number('src'),
    dst: number('dst'),
    srcPort: number('src_port'),
    dstPort: number('dst_port'),
  };
}

/** The row of an entry of `flows`. */
export function flowRow({ match, action, params }: TableEntry): Row {
  const { hosts, src, dst, srcPort, dstPort } = flowKeyOf({ match });
  return pack(TABLES.FLOWS, {
    SRC: src,
    DST: dst,
    SRC_PORT: srcPort,
    DST_PORT: dstPort,
    VALID: 1,
    HOSTS: hosts ? 1 : 0,
    ACTION: ACTIONS[action] ?? Number.NaN,
    RULE: Number(params['rule'] ?? 0n),
  });
}

/** The row of an entry of `rules`. */
export function ruleRow({ params }: TableEntry): Row {
  const number = (name: string): number => Number(params[name] ?? 0n);
  const mac = number('owner_mac');
  return pack(TABLES.RULES, {
    VALID: 1,
    LOCKED: number('locked'),
    DIRECT: number('direct'),
    CLIENT_WINDOW: number('client_window'),
    OWNER_WINDOW: number('owner_window'),
    OWNER_ADDRESS: number('owner_address'),
    OWNER_PORT: number('owner_port'),
    VIRTUAL_PORT: number('virtual_port'),
    OWNER_MAC_HIGH: Math.floor(mac / HIGH),
    OWNER_MAC_LOW: mac % HIGH,
    VIRTUAL_ADDRESS: number('virtual_address'),
    CLIENT_SEQ: number('client_seq'),
    OWNER_SEQ: number('owner_seq'),
    CLIENT_TIMESTAMP: number('client_timestamp'),
    OWNER_TIMESTAMP: number('owner_timestamp'),
  });
}

/** The row of a direction's usage; the octets have 48 bits. */
export function usageRow({ packets, octets, stamp }: Usage): Row {
  return pack(TABLES.USAGE, {
    PACKETS: packets,
    OCTETS_LOW: octets % HIGH,
    OCTETS_HIGH: Math.floor(octets / HIGH),
    STAMP: stamp,
  });
}

/** What a row of usage says. */
export function readUsage(row: Row): Usage {
  const { PACKETS, OCTETS_LOW, OCTETS_HIGH, STAMP } = TABLES.USAGE.fields;
  return {
    packets: unpack(row, PACKETS),
    octets: unpack(row, OCTETS_HIGH) * HIGH + unpack(row, OCTETS_LOW),
    stamp: unpack(row, STAMP),
  };
}

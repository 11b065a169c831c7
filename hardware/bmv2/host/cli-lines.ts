/** Changes of tables as lines for BMv2's simple_switch_CLI. */
import { formatIpv6, ipv6FromBigInt } from 'scapy-ts';
import type { Update } from '../../entry.ts';
import type { Program } from '../model/program.ts';

/** The CLI reads a value of so many bits as an IPv6 address, and all others as numbers. */
const ADDRESS_BITS = 128;

interface Typed {
  readonly name: string;
  readonly width: number;
}

/**
 * One line for each insertion; counters of a switch that has just been started need none.
 *
 * Throws TypeError for what is no insertion into a table of the program with exact keys.
 */
export function cliLines(program: Program, updates: readonly Update[]): readonly string[] {
  return updates.flatMap((update) => {
    if (update.kind === 'count') return [];
    if (update.kind !== 'insert') throw new TypeError(`${update.kind} is no insertion`);
    const { table: name, action, match, params } = update.entry;
    const table = program.tables.get(name);
    const deed = table?.actions.get(action);
    if (table === undefined || deed === undefined) throw new TypeError(`no ${name} with ${action}`);
    const key = table.key.fields.map((field) => formatValue(field, match[field.name]?.value));
    const values = deed.params.map((param) => formatValue(param, params[param.name]));
    return `table_add ${name} ${action} ${key.join(' ')} => ${values.join(' ')}`.trimEnd();
  });
}

function formatValue({ name, width }: Typed, value: bigint | undefined): string {
  if (value === undefined) throw new TypeError(`no value for ${name}`);
  return width === ADDRESS_BITS ? formatIpv6(ipv6FromBigInt(value)) : String(value);
}

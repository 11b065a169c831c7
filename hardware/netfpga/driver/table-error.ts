/** What a core says that went wrong. */
import { FIELDS } from './registers.ts';

/** The failures that have a bit in ERROR. */
export type ErrorName = keyof typeof FIELDS.ERROR;

/** Why a core did not do what its driver asked for. */
export type TableFault =
  /** It is no Prism core, or one that this driver does not know. */
  | 'unknown-core'
  /** A later driver has written to the tables. */
  | 'refused-epoch'
  /** There is no such table or row. */
  | 'refused-address'
  /** Another command ran: somebody else uses the registers. */
  | 'refused-busy'
  /** It does not become ready. */
  | 'stuck'
  /** The table has no room for an entry. */
  | 'full';

/** A core did not do what its driver asked for; the driver and its tables may be out of step. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly reason: TableFault;
  constructor(reason: TableFault, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The failures that a value of ERROR names, the lowest bit first. */
export function errorNames(value: number): readonly ErrorName[] {
  return ERROR_NAMES.filter((name) => ((value >>> FIELDS.ERROR[name].low) & 1) === 1);
}

const ERROR_NAMES: readonly ErrorName[] = [
  'RUNT',
  'OVERSIZE',
  'CUT',
  'OVERRUN',
  'KEEP',
  'SOURCE',
  'REFUSED_EPOCH',
  'REFUSED_ADDRESS',
  'REFUSED_BUSY',
];

/** Why a command was refused, as ERROR says; undefined where it does not. */
export function refusalOf(names: readonly ErrorName[]): TableError | undefined {
  if (names.includes('REFUSED_EPOCH')) {
    return new TableError('refused-epoch', 'a later driver writes the tables of this core');
  }
  if (names.includes('REFUSED_ADDRESS')) {
    return new TableError('refused-address', 'the core has no such table or row');
  }
  return names.includes('REFUSED_BUSY')
    ? new TableError('refused-busy', 'the core was busy: somebody else writes its tables')
    : undefined;
}

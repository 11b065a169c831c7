/** The parts of a Prism, and what they say to each other. */

/** The parts that can die, and whose messages can be lost. */
export const PARTS = ['controller', 'b1', 'b2'] as const;
/** A part of a Prism beside its switch. */
export type Part = (typeof PARTS)[number];
/** A backend. */
export type BackendName = Exclude<Part, 'controller'>;

/**
 * What is said while a connection moves, as `docs/vocabulary.md` names it: commands for the switch,
 * its replies to them, and what controller and backends say to each other.
 */
export const MESSAGES = [
  'add',
  'lock',
  'unlock',
  'chown',
  'delete',
  'reply to add',
  'reply to lock',
  'reply to unlock',
  'reply to chown',
  'reply to delete',
  'move',
  'export',
  'offer',
  'imported',
  'refused',
  'commit',
  'committed',
  'release',
  'cancel',
  'closed',
  'noted',
] as const;
/** The name of a message. */
export type MessageName = (typeof MESSAGES)[number];

/** When a message is sent, or arrives: the n-th of its name in the story, counted from 1. */
export interface Moment {
  readonly message: MessageName;
  readonly nth: number;
  readonly what: 'sent' | 'arrived';
}

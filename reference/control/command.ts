/**
 * What a controller says to the switch about one connection, and what the switch answers.
 *
 * Every command is idempotent and carries the connection's epoch: one with a lower epoch than the
 * last that was accepted for its key came late and has no effect. Equal epochs are taken in the
 * order in which they come, so that a command whose reply was lost can be sent again.
 */
import type { ConnectionKey, Deltas, Owner, Rule } from '../rules/rule.ts';

/** A command; `epoch` is a safe integer ≥ 0. */
export type Command =
  | { readonly op: 'add'; readonly rule: Rule; readonly epoch: number }
  | {
      readonly op: 'lock' | 'unlock' | 'delete';
      readonly key: ConnectionKey;
      readonly epoch: number;
    }
  | {
      readonly op: 'chown';
      readonly key: ConnectionKey;
      readonly owner: Owner;
      /** The new owner's deltas; left out, the rule keeps those it has. */
      readonly deltas?: Deltas;
      /** True unlocks in the same step; false leaves the lock as it is. */
      readonly unlock: boolean;
      readonly epoch: number;
    }
  | { readonly op: 'get' };

/** The name of a command. */
export type Op = Command['op'];

/** Frames of one direction that a rule rewrote, and their octets as they came in. */
export interface FlowCount {
  readonly packets: number;
  readonly octets: number;
}

/** One rule as the switch holds it. */
export interface RuleStatus {
  readonly rule: Rule;
  readonly epoch: number;
  /** Until the lock's lease ends and the rule is deleted; undefined while unlocked. */
  readonly leaseLeftMs: number | undefined;
  readonly fromClient: FlowCount;
  readonly fromOwner: FlowCount;
}

/** Why a command was refused; it then had no effect. */
export type Refusal =
  /** `add`: a different rule has this key. */
  | 'exists'
  /** No rule has this key. */
  | 'unknown'
  /** A newer epoch was accepted for this key. */
  | 'stale'
  /** The table has no room. */
  | 'full'
  /** No connection can have such a rule. */
  | 'invalid'
  /** The switch lacks the capability. */
  | 'unsupported'
  /** The rule's packets could not be told from another rule's. */
  | 'conflict';

/** The answer to one command; `detail` is a sentence for people. */
export type Reply =
  | { readonly ok: true; readonly op: Op; readonly rules: readonly RuleStatus[] }
  | { readonly ok: false; readonly op: Op; readonly error: Refusal; readonly detail: string };

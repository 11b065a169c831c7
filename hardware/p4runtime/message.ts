/**
 * The messages of P4Runtime that carry entries, as the protobuf library gives and takes them.
 *
 * Names are those of `p4runtime.proto` in camelCase; numbers of 64 bits are decimal strings.
 */
import { z } from 'zod';

/** A value, big-endian. P4Runtime 1.4 section 8.3. */
export type Bytestring = Uint8Array;

/** What one field of a key must be; exactly one of the three is there. */
export interface FieldMatchMessage {
  readonly fieldId: number;
  readonly exact?: { readonly value: Bytestring } | undefined;
  readonly lpm?: { readonly value: Bytestring; readonly prefixLen: number } | undefined;
  readonly ternary?: { readonly value: Bytestring; readonly mask: Bytestring } | undefined;
}

/** An action with its parameters. */
export interface ActionMessage {
  readonly actionId: number;
  readonly params: readonly { readonly paramId: number; readonly value: Bytestring }[];
}

/** What a cell of a counter has counted. */
export interface CounterDataMessage {
  readonly byteCount: string;
  readonly packetCount: string;
}

/** A cell of a counter as it is written, with the array's id and its place there. */
export interface CounterEntryMessage {
  readonly counterId: number;
  readonly index: { readonly index: string };
  readonly data: CounterDataMessage;
}

/** What names an entry. */
export interface KeyMessage {
  readonly tableId: number;
  readonly match: readonly FieldMatchMessage[];
  /** 0 in tables without ternary keys. */
  readonly priority: number;
}

/** An entry as it is written; a deleted one needs no action. */
export interface TableEntryMessage extends KeyMessage {
  readonly action?: { readonly action: ActionMessage };
  readonly idleTimeoutNs?: string;
}

/** An entry as it is read. */
export interface ReadEntryMessage extends KeyMessage {
  readonly action: { readonly action?: ActionMessage | null | undefined } | null;
  readonly idleTimeoutNs: string;
  readonly counterData: CounterDataMessage | null;
  readonly timeSinceLastHit: { readonly elapsedNs: string } | null;
}

const bytestring = z.instanceof(Uint8Array);
const number = z.int();
const long = z.string();

const fieldMatch: z.ZodType<FieldMatchMessage> = z.object({
  fieldId: number,
  exact: z.object({ value: bytestring }).optional(),
  lpm: z.object({ value: bytestring, prefixLen: number }).optional(),
  ternary: z.object({ value: bytestring, mask: bytestring }).optional(),
});

const key = z.object({ tableId: number, match: z.array(fieldMatch), priority: number });

/** Checks a key that came from a switch. */
export const keyMessage: z.ZodType<KeyMessage> = key;

const action: z.ZodType<ActionMessage> = z.object({
  actionId: number,
  params: z.array(z.object({ paramId: number, value: bytestring })),
});

const counterDataMessage: z.ZodType<CounterDataMessage> = z.object({
  byteCount: long,
  packetCount: long,
});

/** Checks a cell that came from a switch. */
export const counterEntryMessage: z.ZodType<CounterEntryMessage> = z.object({
  counterId: number,
  index: z.object({ index: long }),
  data: counterDataMessage,
});

/** Checks an entry that came from a switch. */
export const readEntryMessage: z.ZodType<ReadEntryMessage> = key.extend({
  action: z.object({ action: action.nullish() }).nullable(),
  idleTimeoutNs: long,
  counterData: counterDataMessage.nullable(),
  timeSinceLastHit: z.object({ elapsedNs: long }).nullable(),
});

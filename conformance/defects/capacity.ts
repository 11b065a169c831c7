/** Defects of the table: how many rules fit, and what becomes of one that does not. */
import type { ConnectionKey } from '../driver/device.ts';
import { commanding, DONE, REFUSED } from './commanding.ts';
import type { Defect } from './defect.ts';
import { keyOfCommand, keyText } from './passage.ts';

/** How many rules the reference declares to take. */
const CAPACITY = 1024;

/** A number from 0 to 2^32 − 1 for a text. FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return state;
}

/** Defects of capacity. */
export const capacityDefects: readonly Defect[] = [
  {
    name: 'full-table-evicts',
    sentence: 'An add to a full table removes the oldest rule.',
    breaks: 'PRISM-RULE-16',
    apply: commanding(() => {
      let oldestFirst: { readonly rule: ConnectionKey; readonly epoch: number }[] | undefined;
      return async (command, tap) => {
        const reply = await tap.tell(command);
        if (command.op !== 'add' || reply.ok || reply.error !== 'full') return reply;
        oldestFirst ??= [...(await tap.passages()).rules];
        const oldest = oldestFirst.shift();
        if (oldest === undefined) return reply;
        await tap.tell({ op: 'delete', key: oldest.rule, epoch: oldest.epoch });
        oldestFirst.push(command);
        return tap.tell(command);
      };
    }),
  },
  {
    name: 'full-table-reports-success',
    sentence: 'An add to a full table reports success and has no effect.',
    breaks: 'PRISM-RULE-16',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      return !reply.ok && reply.error === 'full' ? DONE : reply;
    }),
  },
  {
    name: 'deleted-slot-stays-used',
    sentence: 'A delete from a full table makes no room.',
    breaks: 'PRISM-RULE-16',
    apply: commanding(() => {
      let wasFull = false;
      let lost = false;
      return async (command, tap) => {
        if (command.op === 'add' && lost) return REFUSED;
        const reply = await tap.tell(command);
        wasFull ||= !reply.ok && reply.error === 'full';
        lost ||= wasFull && command.op === 'delete' && reply.ok;
        return reply;
      };
    }),
  },
  {
    name: 'capacity-less-by-one',
    sentence: 'One rule less fits than the device declares.',
    breaks: 'PRISM-RULE-17',
    apply: commanding(() => {
      const known = new Set<string>();
      return async (command, tap) => {
        const key = keyText(keyOfCommand(command));
        const isOneTooMany = !known.has(key) && known.size === CAPACITY - 1;
        if (command.op === 'add' && isOneTooMany) return REFUSED;
        if (command.op === 'add') known.add(key);
        if (command.op === 'delete') known.delete(key);
        return tap.tell(command);
      };
    }),
  },
  {
    name: 'bucket-overflows',
    sentence: 'A key finds no place when eight others have the same 8 bits of hash.',
    breaks: 'PRISM-RULE-17',
    apply: commanding(() => {
      const buckets = new Map<number, Set<string>>();
      return async (command, tap) => {
        const key = keyText(keyOfCommand(command));
        const bucket = buckets.get(hash(key) & 0xff) ?? new Set();
        buckets.set(hash(key) & 0xff, bucket);
        if (command.op === 'add' && !bucket.has(key) && bucket.size >= 8) return REFUSED;
        const reply = await tap.tell(command);
        if (command.op === 'add' && reply.ok) bucket.add(key);
        if (command.op === 'delete') bucket.delete(key);
        return reply;
      };
    }),
  },
  {
    name: 'rule-lost-on-collision',
    sentence: 'A rule whose key has the same 16 bits of hash as another replaces it.',
    breaks: 'PRISM-RULE-17',
    apply: commanding(() => {
      const slots = new Map<number, string>();
      return async (command, tap) => {
        const key = keyText(keyOfCommand(command));
        const slot = hash(key) & 0xffff;
        const before = slots.get(slot);
        const reply = await tap.tell(command);
        if (command.op !== 'add' || !reply.ok) return reply;
        slots.set(slot, key);
        if (before === undefined || before === key) return reply;
        const lost = (await tap.passages()).rules.find(({ rule }) => keyText(rule) === before);
        if (lost !== undefined) {
          await tap.tell({ op: 'delete', key: lost.rule, epoch: lost.epoch });
        }
        return reply;
      };
    }),
  },
];

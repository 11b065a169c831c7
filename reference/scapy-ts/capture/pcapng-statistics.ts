/** The Interface Statistics Block of pcapng (draft-ietf-opsawg-pcapng, section 4.6). */
import type { Result } from '../result.ts';
import type { CaptureError } from './error.ts';
import type { CaptureEvent } from './event.ts';
import { fixedOption, OPTION, readOptions } from './options.ts';
import { unknownInterface, type Block, type Section } from './pcapng-blocks.ts';

const COUNTERS = {
  received: OPTION.received,
  droppedByInterface: OPTION.droppedByInterface,
  droppedBySystem: OPTION.droppedBySystem,
} as const;

type Counters = { -readonly [Name in keyof typeof COUNTERS]?: number };

function readCounters({ stretch, at, end, little }: Block): Result<Counters, CaptureError> {
  const options = readOptions(stretch, at + 20, end - 4, little);
  if (!options.ok) return options;
  const counters: Counters = {};
  for (const name of ['received', 'droppedByInterface', 'droppedBySystem'] as const) {
    const option = fixedOption(stretch, options.value, COUNTERS[name], 8);
    if (!option.ok) return option;
    if (option.value === undefined) continue;
    counters[name] = Number(stretch.view.getBigUint64(option.value.from, little));
  }
  return { ok: true, value: counters };
}

/** An Interface Statistics Block; one without counters says nothing. */
export function readStatistics(
  block: Block,
  { interfaces }: Section,
  events: CaptureEvent[],
): CaptureError | undefined {
  const { stretch, at, little } = block;
  const interfaceId = stretch.view.getUint32(at + 8, little);
  if (interfaces[interfaceId] === undefined) {
    return unknownInterface(stretch.offset + at + 8, interfaces.length, interfaceId);
  }
  const counters = readCounters(block);
  if (!counters.ok) return counters.error;
  if (Object.keys(counters.value).length > 0) {
    events.push({ kind: 'statistics', interfaceId, ...counters.value });
  }
  return undefined;
}

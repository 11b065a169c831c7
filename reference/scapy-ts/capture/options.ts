/**
 * The option list of a pcapng block (draft-ietf-opsawg-pcapng, section 3.5).
 *
 *      0      2        4
 *     +------+--------+-----------------------------------+
 *     | code | length | value, padded to a multiple of 4  |   ends with code 0, or the block
 *     +------+--------+-----------------------------------+
 */
import type { Result } from '../result.ts';
import type { CaptureError } from './error.ts';
import type { Stretch } from './format.ts';

/** Option codes that this library reads or writes; a code means what its block says. */
export const OPTION = {
  end: 0,
  comment: 1,
  hardware: 2,
  os: 3,
  application: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  timestampResolution: 9,
  timestampOffset: 14,
  packetFlags: 2,
  received: 4,
  droppedByInterface: 5,
  droppedBySystem: 7,
} as const;

/** Where an option's value lies: indices in the stretch. */
export interface Option {
  readonly code: number;
  readonly from: number;
  readonly length: number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The options between two indices, which are a multiple of 4 octets apart. */
export function readOptions(
  { view, offset }: Stretch,
  from: number,
  to: number,
  little: boolean,
): Result<readonly Option[], CaptureError> {
  const options: Option[] = [];
  let at = from;
  while (at < to) {
    const code = view.getUint16(at, little);
    if (code === OPTION.end) break;
    const have = view.getUint16(at + 2, little);
    const need = to - at - 4;
    if (have > need) {
      const what = `length of option ${code}`;
      return {
        ok: false,
        error: { kind: 'malformed', at: offset + at + 2, what, rule: 'at most', need, have },
      };
    }
    options.push({ code, from: at + 4, length: have });
    at += 4 + padded(have);
  }
  return { ok: true, value: options };
}

/** The text of each option with this code: UTF-8 up to a zero octet, bad octets replaced. */
export function optionTexts(
  { octets }: Stretch,
  options: readonly Option[],
  code: number,
): readonly string[] {
  return options
    .filter((option) => option.code === code)
    .map(({ from, length }) => {
      const value = octets.subarray(from, from + length);
      const zero = value.indexOf(0);
      return decoder.decode(zero < 0 ? value : value.subarray(0, zero));
    });
}

/** The first option with this code, or an error if its value is not `length` octets long. */
export function fixedOption(
  { offset }: Stretch,
  options: readonly Option[],
  code: number,
  length: number,
): Result<Option | undefined, CaptureError> {
  const option = options.find((candidate) => candidate.code === code);
  if (option === undefined || option.length === length) return { ok: true, value: option };
  const at = offset + option.from - 2;
  const what = `length of option ${code}`;
  const have = option.length;
  return {
    ok: false,
    error: { kind: 'malformed', at, what, rule: 'exactly', need: length, have },
  };
}

/** The next multiple of 4. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

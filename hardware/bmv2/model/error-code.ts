/** Errors of parsers by the numbers that a program gives them. P4_16 section 7.1.2. */

/** The errors that parsers themselves come to. */
export interface ErrorCodes {
  readonly NoError: number;
  readonly PacketTooShort: number;
  readonly StackOutOfBounds: number;
  readonly HeaderTooShort: number;
  readonly ParserTimeout: number;
  readonly ParserInvalidArgument: number;
}

/** Numbers of the core errors; those that the program does not list follow its greatest. */
export function errorCodes(errors: readonly (readonly [string, number])[]): ErrorCodes {
  const codes = new Map(errors);
  let next = [...codes.values()].reduce((greatest, code) => Math.max(greatest, code), -1) + 1;
  const code = (name: string): number => codes.get(name) ?? next++;
  return {
    NoError: code('NoError'),
    PacketTooShort: code('PacketTooShort'),
    StackOutOfBounds: code('StackOutOfBounds'),
    HeaderTooShort: code('HeaderTooShort'),
    ParserTimeout: code('ParserTimeout'),
    ParserInvalidArgument: code('ParserInvalidArgument'),
  };
}

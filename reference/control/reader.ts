/** Reading a control message field by field, in network order. */

/** Why octets are no control message; `at`, `need` and `have` are in octets for `truncated`. */
export interface ControlError {
  readonly kind: 'truncated' | 'invalid' | 'trailing';
  readonly layer: 'control';
  readonly field: string;
  /** Offset from the message's first octet. */
  readonly at: number;
  readonly need: string;
  readonly have: string;
}

/** One sentence for people. */
export function formatControlError(error: ControlError): string {
  const { kind, field, at, need, have } = error;
  return `control message ${kind} at octet ${at}, ${field}: need ${need}, have ${have}`;
}

/**
 * Reads fields one after the other. The first fault is kept, and from then on all reads are 0: so a
 * decoder is written straight down and asks once, at its end.
 */
export interface Reader {
  uint(field: string, lengthOctets: number): number;
  octets(field: string, lengthOctets: number): Uint8Array;
  /** Reads one octet that must be one of `choices`; gives the first of them if it is not. */
  choice<T extends number>(field: string, choices: readonly [T, ...T[]]): T;
  /** The first fault; octets that nobody has read are one. */
  end(): ControlError | undefined;
}

/** A reader of a message from its first octet. */
export function createReader(message: Uint8Array): Reader {
  let at = 0;
  let fault: ControlError | undefined;

  function fail(error: Omit<ControlError, 'layer'>): void {
    fault ??= { ...error, layer: 'control' };
  }

  function octets(field: string, lengthOctets: number): Uint8Array {
    const have = message.length - at;
    if (have < lengthOctets) {
      const need = String(lengthOctets);
      fail({ kind: 'truncated', field, at, need, have: String(have) });
    }
    if (fault !== undefined) return new Uint8Array(lengthOctets);
    at += lengthOctets;
    return message.subarray(at - lengthOctets, at);
  }

  function uint(field: string, lengthOctets: number): number {
    const start = at;
    const value = octets(field, lengthOctets).reduce((sum, octet) => sum * 256 + octet, 0);
    if (Number.isSafeInteger(value)) return value;
    fail({ kind: 'invalid', field, at: start, need: 'below 2^53', have: String(value) });
    return 0;
  }

  function choice<T extends number>(field: string, choices: readonly [T, ...T[]]): T {
    const start = at;
    const value = uint(field, 1);
    const chosen = choices.find((each) => each === value);
    if (chosen !== undefined) return chosen;
    const need = choices.join(' or ');
    fail({ kind: 'invalid', field, at: start, need, have: String(value) });
    return choices[0];
  }

  function end(): ControlError | undefined {
    const have = message.length - at;
    if (have > 0) fail({ kind: 'trailing', field: 'message', at, need: '0', have: String(have) });
    return fault;
  }

  return { uint, octets, choice, end };
}

/** A process on the network: a step function that is told the time, and what it can do. */

/** What can happen to a process. */
export type ProcessEvent =
  /** A frame came in; its octets must not change. */
  | { readonly kind: 'frame'; readonly port: number; readonly octets: Uint8Array }
  | { readonly kind: 'message'; readonly from: string; readonly octets: Uint8Array }
  /** The time it asked for has come. */
  | { readonly kind: 'tick' };

/** What a process does to others; a frame at a port without a cable is lost. */
export type ProcessEffect =
  | { readonly kind: 'frame'; readonly port: number; readonly octets: Uint8Array }
  | { readonly kind: 'message'; readonly to: string; readonly octets: Uint8Array };

/** A step function with its state. */
export interface Process {
  readonly step: (event: ProcessEvent, nowNs: number) => readonly ProcessEffect[];
  /** When it wants a tick, whatever happens before; undefined for never. */
  readonly nextAtNs: () => number | undefined;
}

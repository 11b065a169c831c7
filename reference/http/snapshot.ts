/**
 * A direction as a value that another host can continue from, at exactly the same octet.
 *
 * What has been taken and not told in an event is in `residual`, and nothing else is.
 */
import type { Result } from 'scapy-ts';
import { formOf } from './framer.ts';
import type { Direction, MessageState, Phase, Tunnel } from './message.ts';
import { readSection } from './section.ts';

/** A direction between two portions of octets; numbers are safe integers ≥ 0. */
export interface MessageSnapshot {
  /** Offset of the first octet of `residual`, which is the next to take if there is none. */
  readonly at: number;
  readonly phase: Phase;
  readonly remaining: number;
  readonly contentOctets: number;
  readonly extensionOctets: number;
  readonly keepAlive: boolean;
  readonly tunnel: Tunnel;
  /** A head, chunk line or trailer section that has not ended. */
  readonly residual: Uint8Array;
}

/** A part of a snapshot that no direction can be in, or that is beyond the importer's limits. */
export interface SnapshotFault {
  readonly kind: 'snapshot';
  readonly field: string;
}

const PHASES: readonly string[] = [
  'head',
  'length',
  'chunk-line',
  'chunk',
  'chunk-end',
  'trailers',
  'until-close',
  'unsettled',
  'tunnel',
  'closed',
  'rejected',
] satisfies readonly Phase[];
const TUNNELS: readonly string[] = ['none', 'asked', 'granted'] satisfies readonly Tunnel[];

/** The snapshot of a direction; its residual octets are a copy. */
export function exportMessageState(state: MessageState): MessageSnapshot {
  const { section, received, phase, remaining, contentOctets, extensionOctets } = state;
  const { keepAlive, tunnel } = state;
  const residual = section.kept.slice(0, section.length);
  const at = received - section.length;
  return { at, phase, remaining, contentOctets, extensionOctets, keepAlive, tunnel, residual };
}

/** Makes of a new state the direction of a snapshot that came from elsewhere. */
export function importMessageState<Head, State extends MessageState>(
  snapshot: MessageSnapshot,
  state: State,
  direction: Direction<Head, State>,
): Result<State, SnapshotFault> {
  const field = badField(snapshot, state.limits.contentOctets);
  if (field !== undefined) return { ok: false, error: { kind: 'snapshot', field } };
  const { at, residual } = snapshot;
  state.received = at + residual.length;
  state.phase = snapshot.phase;
  state.remaining = snapshot.remaining;
  state.contentOctets = snapshot.contentOctets;
  state.extensionOctets = snapshot.extensionOctets;
  state.keepAlive = snapshot.keepAlive;
  state.tunnel = snapshot.tunnel;
  if (residual.length > 0) {
    const form = formOf(state, direction);
    if (form === undefined || readSection(state.section, form, residual, 0).kind !== 'more') {
      return { ok: false, error: { kind: 'snapshot', field: 'residual' } };
    }
  }
  return { ok: true, value: state };
}

/** The first field whose value no direction can have. */
function badField(snapshot: MessageSnapshot, contentOctetsMax: number): string | undefined {
  const { at, phase, remaining, contentOctets, extensionOctets, keepAlive, tunnel } = snapshot;
  if (!PHASES.includes(phase)) return 'phase';
  if (!isCount(at) || !isCount(at + snapshot.residual.length)) return 'at';
  const leastRemaining = phase === 'length' || phase === 'chunk' || phase === 'chunk-end' ? 1 : 0;
  const mostRemaining = phase === 'chunk-end' ? 2 : contentOctetsMax;
  if (!isCount(remaining) || remaining < leastRemaining || remaining > mostRemaining) {
    return 'remaining';
  }
  if (!isCount(contentOctets) || contentOctets > contentOctetsMax) return 'contentOctets';
  if (!isCount(extensionOctets)) return 'extensionOctets';
  if (typeof keepAlive !== 'boolean') return 'keepAlive';
  return TUNNELS.includes(tunnel) ? undefined : 'tunnel';
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

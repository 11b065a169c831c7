/** What the core is to do with a frame, as the rules in TypeScript have it. */
import {
  ETHERNET_OCTETS,
  findEtherType,
  viewFrame,
  type IpView,
} from '../../../../reference/rules/frame-view.ts';
import { DROP_REASONS, type DropReason } from '../../../../reference/switch/counters.ts';
import { createSwitch, step, type SwitchState } from '../../../../reference/switch/switch.ts';
import { writeUint16 } from '../../../../reference/tcp/word.ts';
import { BRIDGED_PORTS, PUNT_PORT, SMALL } from '../bench.ts';

/** What is to become of one frame. */
export type Fate =
  /** It leaves at the ports that have a bit in `ports`. */
  | { readonly kind: 'leaves'; readonly ports: number; readonly octets: Uint8Array }
  | { readonly kind: 'punted'; readonly octets: Uint8Array }
  | { readonly kind: 'dropped'; readonly reason: DropReason };

/** The octets of a frame that the core reads. */
const HEADER_OCTETS = 128;
/** Of a fourth tag; behind it the core does not look. */
const FOURTH_TYPE_AT = 24;
/** Nobody's. IEEE 802. */
const EXPERIMENTAL_TYPE = 0x88b5;
const ETHERNET_ADDRESSES_OCTETS = 12;

/** A switch of the reference with what the core can do, and no more. */
export function createReference(): SwitchState {
  return createSwitch({
    ports: BRIDGED_PORTS,
    puntPort: PUNT_PORT,
    capabilities: new Set(['SPLICE', 'TS', 'WS', 'VLAN', 'AGE', 'JUMBO']),
    lock: 'drop',
    capacity: 2 ** SMALL.RULES_LOG2,
  });
}

/** What becomes of a frame that comes in at `port`; changes `state` as that does. */
export function fateOf(state: SwitchState, port: number, octets: Uint8Array): Fate {
  // The core remembers no datagrams.
  state.fragments.clear();
  const before = { ...state.counters.dropped };
  const seen = seenAs(octets);
  const effects = step(state, { kind: 'frame', port, octets: seen });
  const reason = DROP_REASONS.find((each) => state.counters.dropped[each] !== before[each]);
  // What it cannot translate the core leaves to the controller.
  if (reason === 'incapable' || reason === 'opaque') return { kind: 'punted', octets };
  if (reason !== undefined) return { kind: 'dropped', reason };
  const emitted = effects.flatMap((effect) => (effect.kind === 'emit' ? [effect] : []));
  const left = emitted[0]?.octets;
  if (left === undefined) throw new Error('the reference has neither dropped nor sent a frame');
  return {
    kind: 'leaves',
    ports: emitted.reduce((ports, each) => ports | (1 << each.port), 0),
    octets: seen === octets ? left : octets,
  };
}

/** A frame that the reference reads as the core reads `octets`, which does not see as deep. */
function seenAs(octets: Uint8Array): Uint8Array {
  const typeAt = findEtherType(octets);
  if (typeAt > FOURTH_TYPE_AT) {
    const hidden = octets.slice();
    writeUint16(hidden, FOURTH_TYPE_AT, EXPERIMENTAL_TYPE);
    return hidden;
  }
  const view = viewFrame(octets, typeAt);
  if (view.kind !== 'icmp-error') return octets;
  const isDeep = view.quote.transportAt + 4 > HEADER_OCTETS;
  return isDeep ? laterFragment(octets, view.quote) : octets;
}

/** Of a quote without its ports only the hosts are seen: so it is with a later fragment of a reply. */
function laterFragment(octets: Uint8Array, { sourceAt }: IpView): Uint8Array {
  const frame = new Uint8Array(60);
  frame.set(octets.subarray(0, ETHERNET_ADDRESSES_OCTETS));
  frame.set([0x08, 0, 0x45, 0, 0, 46, 0, 0, 0, 1, 64, 6, 0, 0], ETHERNET_ADDRESSES_OCTETS);
  frame.set(octets.subarray(sourceAt + 4, sourceAt + 8), ETHERNET_OCTETS + 12);
  frame.set(octets.subarray(sourceAt, sourceAt + 4), ETHERNET_OCTETS + 16);
  return frame;
}

/**
 * Being the active switch, or one on standby; by election, or as it is told.
 *
 * Whoever becomes active tells all stations that its addresses are there now (gratuitous ARP).
 */
import { ADVERT_MAC, decodeAdvert, encodeAdvert } from './advert.ts';
import { announceArp } from './arp.ts';
import type { Ballot } from './election.ts';
import { enter, hear, OUT, wait, withdraw } from './election.ts';
import type { Emission } from './link.ts';
import { emit, macAt, MAC_AT } from './link.ts';
import type { BalancerState } from './state.ts';

/** Most addresses that are announced at once; ticks announce the rest. */
const ANNOUNCED_AT_ONCE = 64;
const NOTHING: readonly Emission[] = [];

/** Makes the switch the active one or not; with redundancy, has it take part in the election or not. */
export function take(state: BalancerState, isActive: boolean): readonly Emission[] {
  const { config, election, nowMs } = state;
  const { redundancy } = config;
  if (redundancy === undefined) return become(state, isActive);
  return vote(state, isActive ? enter(redundancy, nowMs) : withdraw(election));
}

/** Does what is due in the election. */
export function watch(state: BalancerState): readonly Emission[] {
  const { config, election, nowMs } = state;
  if (config.redundancy === undefined) return NOTHING;
  return vote(state, wait(election, config.redundancy, nowMs));
}

/** Hears what another switch of the group says, if that is in `frame`. */
export function listen(state: BalancerState, frame: Uint8Array): readonly Emission[] {
  const { redundancy } = state.config;
  if (redundancy === undefined || macAt(frame, MAC_AT.destination) !== ADVERT_MAC) return NOTHING;
  const advert = decodeAdvert(frame);
  const isOther = advert?.group === redundancy.group && advert.source !== redundancy.source;
  return isOther ? vote(state, hear(state.election, redundancy, advert, state.nowMs)) : NOTHING;
}

/** Makes the election fit a new configuration: the switch stays what it is for now. */
export function settle(state: BalancerState): void {
  const { config, election, isActive, nowMs } = state;
  if (config.redundancy === undefined) state.election = OUT;
  else if (election.role === 'out' && isActive) state.election = { role: 'active', dueMs: nowMs };
}

/** Announces addresses that are still to be announced. */
export function announce(state: BalancerState): readonly Emission[] {
  const now = state.unannounced.slice(0, ANNOUNCED_AT_ONCE);
  state.unannounced = state.unannounced.slice(ANNOUNCED_AT_ONCE);
  return now.flatMap((address) => tellAll(state, announceArp(address, state.config.mac)));
}

function vote(state: BalancerState, { election, says }: Ballot): readonly Emission[] {
  const { redundancy, addresses, mac } = state.config;
  state.election = election;
  const isActive = election.role === 'active';
  const news = isActive === state.isActive ? NOTHING : become(state, isActive);
  if (says === undefined || redundancy === undefined) return news;
  const advert = encodeAdvert({ ...redundancy, priority: says }, addresses, mac);
  return [...tellAll(state, advert), ...news];
}

function become(state: BalancerState, isActive: boolean): readonly Emission[] {
  const { services, config } = state;
  state.isActive = isActive;
  state.unannounced = isActive ? [...services.virtuals, ...config.addresses] : [];
  return announce(state);
}

function tellAll({ config }: BalancerState, frame: Uint8Array): readonly Emission[] {
  return config.ports.map((port) => emit(port, frame));
}

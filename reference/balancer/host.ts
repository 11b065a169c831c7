/** The switch as a host: what it says for the addresses that are its own. */
import type { Ipv4Address } from 'scapy-ts';
import { destinationAt } from '../rules/frame-view.ts';
import { echoFor } from './answer.ts';
import { answerArp, isQuestion, readArp } from './arp.ts';
import type { DropReason } from './counters.ts';
import { readAddress } from './link.ts';
import { refuseClient } from './opening.ts';
import type { EchoView } from './packet.ts';
import { isSoundIcmp } from './packet.ts';
import type { BalancerState } from './state.ts';

/** The answer to a question in ARP for an address of the switch; undefined if there is none. */
export function hearArp(state: BalancerState, octets: Uint8Array): Uint8Array | undefined {
  const message = state.isActive ? readArp(octets) : undefined;
  if (message === undefined) return undefined;
  const { mac } = state.config;
  if (message.senderMac !== mac && isOwn(state, message.senderIp)) state.counters.conflicts += 1;
  const isForUs = isQuestion(message) && isOwn(state, message.targetIp);
  return isForUs ? answerArp(octets, message, mac) : undefined;
}

/** The answer to an echo request, or why there is none. */
export function hearEcho(
  state: BalancerState,
  octets: Uint8Array,
  { ip }: EchoView,
): Uint8Array | DropReason {
  const source = readAddress(octets, ip.sourceAt);
  const destination = readAddress(octets, destinationAt(ip));
  if (!isOwn(state, destination)) return 'not-here';
  if (!isSoundIcmp(octets, ip)) return 'damaged';
  const visit = { source, destination, sourcePort: undefined, destinationPort: undefined };
  const fault = refuseClient(state, { protocol: 'icmp', ...visit });
  return fault ?? echoFor({ octets, ip, mac: state.config.mac });
}

function isOwn({ services, config }: BalancerState, address: Ipv4Address): boolean {
  return services.virtuals.has(address) || config.addresses.includes(address);
}

/** Steps in which hosts ask and answer by ARP. RFC 826. */
import { defineParameterType, When } from '@cucumber/cucumber';
import { arp, build, ether, padding } from 'scapy-ts';
import { HOSTS, OTHER_VIRTUAL, type Host } from '../../conformance/traffic/testbed.ts';
import { unruled } from '../support/bridge.ts';
import { hostByWords } from '../support/parameters.ts';
import type { PrismWorld } from '../support/world.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NOBODY = '00:00:00:00:00:00';
const REQUEST = 1;
const REPLY = 2;
/** What a network card adds to an ARP message, to make a frame of 60 octets. */
const PADDING = new Uint8Array(18);

interface Message {
  readonly to: string;
  readonly operation: number;
  readonly senderIp: string;
  readonly targetMac: string;
  readonly targetIp: string;
}

async function sendArp(world: PrismWorld, from: Host, message: Message): Promise<void> {
  const { to, ...fields } = message;
  const header = ether({ src: from.mac, dst: to });
  const frame = build([header, arp({ ...fields, senderMac: from.mac }), padding(PADDING)]);
  await world.inject([unruled(from, frame)]);
}

defineParameterType({
  name: 'address',
  regexp:
    /the virtual address|the second virtual address|the address of (?:the client|backend \d)/u,
  transformer: (words: string): string => {
    if (words === 'the virtual address') return HOSTS.controller.ipv4;
    if (words === 'the second virtual address') return OTHER_VIRTUAL.address;
    return hostByWords(words.replace('the address of ', '')).ipv4;
  },
});

When(
  '{host} asks by ARP who has {address}',
  async function (this: PrismWorld, from: Host, targetIp: string) {
    const fields = { operation: REQUEST, senderIp: from.ipv4, targetMac: NOBODY, targetIp };
    await sendArp(this, from, { ...fields, to: BROADCAST });
  },
);

When(
  '{host} asks {host} by ARP whether it still has {address}',
  async function (this: PrismWorld, from: Host, to: Host, targetIp: string) {
    const fields = { operation: REQUEST, senderIp: from.ipv4, targetMac: NOBODY, targetIp };
    await sendArp(this, from, { ...fields, to: to.mac });
  },
);

When(
  '{host} answers {host} by ARP that it has {address}',
  async function (this: PrismWorld, from: Host, to: Host, senderIp: string) {
    const target = { targetMac: to.mac, targetIp: to.ipv4 };
    await sendArp(this, from, { ...target, operation: REPLY, senderIp, to: to.mac });
  },
);

When(
  '{host} tells everybody by ARP that it has {address}',
  async function (this: PrismWorld, from: Host, senderIp: string) {
    const target = { targetMac: NOBODY, targetIp: senderIp };
    await sendArp(this, from, { ...target, operation: REQUEST, senderIp, to: BROADCAST });
  },
);

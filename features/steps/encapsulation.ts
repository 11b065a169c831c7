/** Steps about segments behind VLAN tags and other encapsulations, and about IPv6 twins. */
import { Given, Then, When } from '@cucumber/cucumber';
import { build, ether, raw } from 'scapy-ts';
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { bridgedRoles } from '../../conformance/observe/observer.ts';
import { pattern, segment, type Path } from '../../conformance/traffic/segment.ts';
import { HOSTS, type Host } from '../../conformance/traffic/testbed.ts';
import { unruled } from '../support/bridge.ts';
import { encapsulated, headerByWords, isTranslatedBehind } from '../support/encapsulation.ts';
import { judgeUntouched } from '../../conformance/observe/unchanged.ts';
import type { PrismWorld } from '../support/world.ts';
import { expectationFrom, pathFrom } from './segments.ts';

/** Largest IP packet of an Ethernet frame; the payload of a segment without options is 40 less. */
const MAX_PAYLOAD_OCTETS = 1460;

Given('every host has been heard in {string}', async function (this: PrismWorld, words: string) {
  // A bridge may learn addresses for each VLAN by itself.
  const header = headerByWords(words);
  const roles = bridgedRoles(this.hello);
  const hosts = Object.values(HOSTS).filter(({ role }) => roles.includes(role));
  const stimuli = hosts.map((host) => {
    const frame = build([ether({ src: host.mac, dst: 'ff:ff:ff:ff:ff:ff' }), raw(pattern(46))]);
    return unruled(host, encapsulated(frame, header));
  });
  await this.inject(stimuli);
  await this.turnPage();
});

/** A segment of `host` behind a header, to be translated as if it were bare. */
function behind(world: PrismWorld, host: Host, words: string, octets: number): Stimulus {
  const header = headerByWords(words);
  const bare = segment(pathFrom(world, host), { flags: 'PA', payload: pattern(octets) });
  const expectation = expectationFrom(world, host, bare);
  const frame = encapsulated(bare, header);
  if (expectation.kind === 'nothing') return { role: host.role, frame, expectation };
  const wanted = encapsulated(expectation.frame, header);
  return { role: host.role, frame, expectation: { ...expectation, frame: wanted } };
}

When(
  '{host} sends a segment of {int} octet(s) behind {string}',
  async function (this: PrismWorld, host: Host, octets: number, words: string) {
    await this.inject([behind(this, host, words, octets)]);
  },
);

When(
  '{host} sends a segment as long as a frame can be behind {string}',
  async function (this: PrismWorld, host: Host, words: string) {
    await this.inject([behind(this, host, words, MAX_PAYLOAD_OCTETS)]);
  },
);

Then(
  'behind {string} it leaves as the rule says, or as it was sent, or it goes nowhere',
  async function (this: PrismWorld, words: string) {
    const header = headerByWords(words);
    const [rule, fromClient] = [this.theRule(), this.clientHost().role];
    const ruled = this.stimuli.map(({ role, frame }) => {
      const bare = bareFrame(frame, header([0x08, 0x00], 0).length);
      const direction = role === fromClient ? 'client-to-owner' : 'owner-to-client';
      return { frame: bare, header, rule, direction } as const;
    });
    const outputs = (await this.outputs()).filter(
      ({ frame }) => !ruled.some((each) => isTranslatedBehind(each, frame, this.hello)),
    );
    const sent = this.stimuli.map(({ frame }) => frame);
    this.fail(judgeUntouched(sent, outputs, this.hello));
    await this.turnPage();
  },
);

/** `frame` without the `octets` that stand between its MAC addresses and its IPv4 packet. */
function bareFrame(frame: Uint8Array, octets: number): Uint8Array {
  return Uint8Array.of(...frame.subarray(0, 12), 0x08, 0x00, ...frame.subarray(12 + octets));
}

/** IPv6 addresses that a device may take for the IPv4 addresses in them. RFC 4291 2.5.5, RFC 6052. */
const TWIN_ADDRESSES: Readonly<Record<string, (host: Host, address: string) => string>> = {
  'its own IPv6 addresses': ({ ipv6 }) => ipv6,
  'IPv4-mapped addresses': (_host, address) => `::ffff:${hexGroups(address)}`,
  'addresses of the NAT64 prefix': (_host, address) => `64:ff9b::${hexGroups(address)}`,
};

/** `192.0.2.1` as `c000:201`. */
function hexGroups(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function ipv6Twin(world: PrismWorld, host: Host, words: string): Path {
  const toIpv6 = TWIN_ADDRESSES[words];
  if (toIpv6 === undefined) throw new Error(`no addresses are called ${words}`);
  const path = pathFrom(world, host);
  const other = host === world.clientHost() ? HOSTS.controller : world.clientHost();
  const { source, destination } = path;
  return {
    ...path,
    source: { ...source, address: toIpv6(host, source.address) },
    destination: { ...destination, address: toIpv6(other, destination.address) },
  };
}

When(
  '{host} sends the IPv6 twin of a segment, with {}',
  async function (this: PrismWorld, host: Host, words: string) {
    const path = ipv6Twin(this, host, words);
    await this.inject([unruled(host, segment(path, { flags: 'PA', payload: pattern(40) }))]);
  },
);

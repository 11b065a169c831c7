/** Steps about segments whose lengths are wrong. */
import { Given, Then, When } from '@cucumber/cucumber';
import { checksum } from 'scapy-ts';
import { compareFrames } from '../../conformance/observe/compare.ts';
import { describeFrame } from '../../conformance/observe/delivery.ts';
import { errorFrame } from '../../conformance/observe/icmp-error.ts';
import { clientPath, ownerPath, segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';

const { client } = HOSTS;
const NOTHING = { kind: 'nothing' } as const;

/** Offsets in a frame without tags and IPv4 options. */
const AT = { etherType: 12, ip: 14, totalLength: 16, payloadLength: 18, checksum: 24, tcp: 34 };
const IPV6_OCTETS = 40;
const DATA_OFFSET = 12;

/** A SACK option and two NOPs: what follows a header is read as options by a device that errs. */
const SACK_OCTETS = [5, 10, 0, 0, 0, 100, 0, 0, 0, 200, 1, 1];

function sackOctets(times: number): Uint8Array {
  return Uint8Array.from(Array.from({ length: times }, () => SACK_OCTETS).flat());
}

/** Writes `value` where the field called `field` stands; a frame length cuts the frame. */
function withField(frame: Uint8Array, field: string, value: number): Uint8Array {
  const changed = frame.slice();
  const view = new DataView(changed.buffer);
  const first = changed[AT.ip] ?? 0;
  const isIpv6 = changed[AT.etherType] === 0x86;
  const dataOffset = (isIpv6 ? AT.ip + IPV6_OCTETS : AT.tcp) + DATA_OFFSET;
  const offset = changed[dataOffset] ?? 0;
  switch (field) {
    case 'IP version':
      changed[AT.ip] = (first & 0x0f) | (value << 4);
      break;
    case 'IPv4 header length':
      changed[AT.ip] = (first & 0xf0) | value;
      break;
    case 'IPv4 total length':
      view.setUint16(AT.totalLength, value);
      break;
    case 'IPv6 payload length':
      view.setUint16(AT.payloadLength, value);
      break;
    case 'TCP data offset':
      changed[dataOffset] = (offset & 0x0f) | (value << 4);
      return changed;
    case 'frame length':
      return changed.slice(0, value);
    default:
      throw new Error(`no length is called ${field}`);
  }
  if (isIpv6) return changed;
  view.setUint16(AT.checksum, 0);
  view.setUint16(AT.checksum, checksum(changed, AT.ip, AT.tcp));
  return changed;
}

Given(
  "backend 1 owns the client's connection from port {int} to port {int}",
  async function (this: PrismWorld, from: number, to: number) {
    const { client: end, virtual } = keyOf(client);
    const key = { client: { ...end, port: from }, virtual: { ...virtual, port: to } };
    await this.addRule(ruleFor(key, ownerOf(HOSTS['backend 1'])));
  },
);

When(
  /^a segment whose (.*) is (\d+) comes from each side$/u,
  async function (this: PrismWorld, field: string, value: string) {
    const rule = this.theRule();
    // Numbers that are a data offset and flags where a header is looked for too early.
    const numbers = { seq: 0x5010_0000, ack: 0x5010_0000 };
    const fields = { ...numbers, flags: 'A', payload: sackOctets(2), trailer: sackOctets(4) };
    const paths = [
      { host: client, path: clientPath(rule, client) },
      { host: this.ownerHost(rule), path: ownerPath(rule.owner, rule, client) },
    ];
    await this.inject(
      paths.map(({ host, path }) => {
        const frame = withField(segment(path, fields), field, Number(value));
        return { role: host.role, frame, expectation: NOTHING };
      }),
    );
  },
);

When(
  /^an ICMP error whose (.*) is (\d+) comes from each side$/u,
  async function (this: PrismWorld, field: string, value: string) {
    const rule = this.theRule();
    const words = { type: 3, code: 4, rest: 1400 };
    const quote = { fields: {}, octets: 20 };
    const reports = [
      { host: client, sender: 'owner' },
      { host: this.ownerHost(rule), sender: 'client' },
    ] as const;
    await this.inject(
      reports.map(({ host, sender }) => {
        const error = errorFrame({ rule, sender, words, quote, reporter: 'router' });
        const frame = Uint8Array.of(...error, ...sackOctets(4));
        const changed = withField(frame, field, Number(value));
        return { role: host.role, frame: changed, expectation: NOTHING };
      }),
    );
  },
);

/** Where the packet in a frame ends, and whether its ports can be read. */
function extent(frame: Uint8Array): { readonly end: number; readonly legible: boolean } {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < AT.tcp) return { end: frame.length, legible: false };
  const first = view.getUint8(AT.ip);
  if (view.getUint8(AT.etherType) === 0x86) {
    const ports = AT.ip + IPV6_OCTETS;
    const end = Math.min(frame.length, ports + view.getUint16(AT.payloadLength));
    return { end, legible: first >> 4 === 6 && ports + 4 <= end };
  }
  const end = Math.min(frame.length, AT.ip + view.getUint16(AT.totalLength));
  const tcp = AT.ip + (first & 0x0f) * 4;
  return { end, legible: first >> 4 === 4 && (first & 0x0f) >= 5 && tcp + 4 <= end };
}

/** Shortest Ethernet frame; a shorter one may leave with octets added. IEEE 802.3. */
const MIN_FRAME = 60;

/** What is wrong with `seen` as what became of the malformed `sent`. */
function changeBeyondEnd(sent: Uint8Array, seen: Uint8Array): string | undefined {
  const { end, legible } = extent(sent);
  if (seen.length < end || seen.length > Math.max(sent.length, MIN_FRAME)) {
    return `${seen.length} octets`;
  }
  if (!legible) {
    const leeway = { ttl: 'unchanged', bridged: true } as const;
    // Whom the frame is sent to is no change of the packet: a device may do so by the port alone.
    const [change] = compareFrames(sent, seen.slice(0, sent.length), leeway).filter(
      ({ field }) => field !== 'ether.dst',
    );
    return change === undefined ? undefined : `${change.field} ${change.observed}`;
  }
  const at = sent.findIndex(
    (octet, index) => index >= end && index < seen.length && octet !== seen[index],
  );
  return at < 0 ? undefined : `octet ${at} is ${seen[at]}`;
}

Then('none of it is changed beyond its end', async function (this: PrismWorld) {
  for (const { role, frame } of await this.outputs()) {
    const wrongs = this.stimuli.map((stimulus) => changeBeyondEnd(stimulus.frame, frame));
    if (wrongs.includes(undefined)) continue;
    throw new Failure({
      expected: 'the frame dropped, as it came, or changed within the packet alone',
      observed: `${wrongs[0]}: ${describeFrame(frame)} at ${role}`,
    });
  }
  await this.turnPage();
});

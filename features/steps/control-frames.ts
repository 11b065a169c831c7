/** Steps about commands that travel as frames: where they count, and what becomes of bad ones. */
import { Then, When } from '@cucumber/cucumber';
import { build, parse, tcp, udp, type Layer } from 'scapy-ts';
import { NotSupported, type PortRole, type Rule } from '../../conformance/driver/device.ts';
import { fuzzed } from '../../conformance/traffic/fuzz.ts';
import { createRandom } from '../../conformance/traffic/random.ts';
import { HOSTS, ownerOf } from '../../conformance/traffic/testbed.ts';
import { commandByWords, type CommandWords } from '../support/commands.ts';
import { ruleFor, type PrismWorld } from '../support/world.ts';
import { expectNoRuleChange } from './listing.ts';
import { connectionOf } from './state.ts';

/** Frames of one injection. */
const BATCH = 500;

/** The last frame that carried a command in a scenario. */
const carried = new WeakMap<PrismWorld, Uint8Array>();

async function carry(world: PrismWorld, words: CommandWords, rule: Rule): Promise<Uint8Array> {
  const frame = await world.session.device.controlFrame(words(rule, world.nextEpoch()));
  carried.set(world, frame);
  return frame;
}

/** Injects frames whose effect is to be seen in the rules alone. */
async function send(
  world: PrismWorld,
  roles: readonly PortRole[],
  frames: readonly Uint8Array[],
): Promise<void> {
  if (roles.includes('control') && world.hello.ports.control === undefined) {
    throw new NotSupported('a control port');
  }
  const expectation = { kind: 'nothing' } as const;
  for (let at = 0; at < frames.length; at += BATCH) {
    const some = frames.slice(at, at + BATCH);
    await world.inject(
      roles.flatMap((role) => some.map((frame) => ({ role, frame, expectation }))),
    );
    await world.turnPage();
  }
}

/** `frame` with a VLAN tag (IEEE 802.1Q), as a port in a VLAN would bring it. */
function tagged(frame: Uint8Array): Uint8Array {
  return Uint8Array.of(...frame.subarray(0, 12), 0x81, 0x00, 0x00, 0x01, ...frame.subarray(12));
}

When(
  'a frame that carries {command} arrives from each client and backend',
  async function (this: PrismWorld, words: CommandWords) {
    const frame = await carry(this, words, connectionOf(this));
    const { controller, ...others } = HOSTS;
    const roles = Object.values(others)
      .map(({ role }) => role)
      .filter((role) => this.hello.ports[role] !== undefined && role !== controller.role);
    await send(this, roles, [frame, tagged(frame)]);
  },
);

When('the same frame arrives at the control port', async function (this: PrismWorld) {
  const frame = carried.get(this);
  if (frame === undefined) throw new Error('no frame has carried a command');
  await send(this, ['control'], [frame]);
});

When(
  'a frame that carries {command} arrives at the control port',
  async function (this: PrismWorld, words: CommandWords) {
    await send(this, ['control'], [await carry(this, words, connectionOf(this))]);
  },
);

/** The control message in a frame: what stands behind the headers that scapy-ts knows. */
function messageOf(frame: Uint8Array): Uint8Array {
  const found = parse(frame).layers.find(({ kind }) => kind === 'raw');
  if (found?.kind !== 'raw') throw new NotSupported('control messages behind known headers');
  return found.octets;
}

function withMessage(layer: Layer, message: Uint8Array): readonly Layer[] {
  switch (layer.kind) {
    case 'ipv4': {
      const { totalLength: _length, checksum: _checksum, ...rest } = layer;
      return [rest];
    }
    case 'ipv6': {
      const { payloadLength: _length, ...rest } = layer;
      return [rest];
    }
    case 'udp': {
      const { length: _length, checksum: _checksum, ...rest } = layer;
      return [rest];
    }
    case 'raw':
      return [{ ...layer, octets: message }];
    default:
      return layer.kind === 'padding' ? [] : [layer];
  }
}

/** `frame` with another message; lengths and checksums of the headers around it are right. */
function carrying(frame: Uint8Array, message: Uint8Array): Uint8Array {
  return build(parse(frame).layers.flatMap((layer) => withMessage(layer, message)));
}

/** Shortest Ethernet frame; a shorter one arrives with octets of 0 added. IEEE 802.3. */
const MIN_FRAME = 60;

/** Whether `cut`, when it arrives, is `whole` again: it has lost nothing but octets of 0. */
function isWholeAgain(cut: Uint8Array, whole: Uint8Array): boolean {
  if (Math.max(cut.length, whole.length) > MIN_FRAME) return false;
  return Array.from({ length: MIN_FRAME }, (_, at) => at).every(
    (at) => (cut[at] ?? 0) === (whole[at] ?? 0),
  );
}

Then(
  'no part of a frame that carries {command} has an effect at the control port',
  async function (this: PrismWorld, words: CommandWords) {
    const frame = await carry(this, words, connectionOf(this));
    const message = messageOf(frame);
    const whole = carrying(frame, message);
    const cutFrames = Array.from({ length: whole.length }, (_, octets) => whole.slice(0, octets));
    const cutMessages = Array.from({ length: message.length }, (_, octets) =>
      carrying(frame, message.slice(0, octets)),
    );
    const parts = [...cutFrames, ...cutMessages].filter((cut) => !isWholeAgain(cut, whole));
    await expectNoRuleChange(this, async () => send(this, ['control'], parts));
  },
);

/** Octets that are put behind a message; more than any Ethernet padding. */
const ADDED_OCTETS = [64, 1000];

Then(
  'a frame that carries {command} and more octets has no effect at the control port',
  async function (this: PrismWorld, words: CommandWords) {
    const frame = await carry(this, words, connectionOf(this));
    const message = messageOf(frame);
    const longer = ADDED_OCTETS.flatMap((octets) =>
      [0x00, 0xff].map((octet) => {
        const added = new Uint8Array(octets).fill(octet);
        return carrying(frame, Uint8Array.of(...message, ...added));
      }),
    );
    await expectNoRuleChange(this, async () => send(this, ['control'], longer));
  },
);

/** What makes a datagram one that no host takes for it. RFC 1122 3.2.1.2, 4.1.3.4; RFC 768, 791. */
const DATAGRAM_FAULTS: Readonly<Record<string, (layer: Layer) => Layer>> = {
  'a wrong IPv4 checksum': (layer) =>
    layer.kind === 'ipv4' ? { ...layer, checksum: wrong(layer.checksum) } : layer,
  'a wrong UDP checksum': (layer) =>
    layer.kind === 'udp' ? { ...layer, checksum: wrong(layer.checksum) } : layer,
  'its first fragment missing': (layer) => asFragment(layer, { fragmentOffset: 1 }),
  'its last fragment missing': (layer) => asFragment(layer, { mf: 1 }),
  'another destination port': (layer) =>
    layer.kind === 'udp'
      ? udp({ srcPort: layer.srcPort, dstPort: layer.dstPort === 9 ? 10 : 9 })
      : layer,
  'a TCP header for its own': (layer) => {
    if (layer.kind === 'udp') return tcp({ srcPort: layer.srcPort, dstPort: layer.dstPort });
    if (layer.kind !== 'ipv4') return layer;
    const { checksum: _checksum, totalLength: _length, protocol: _protocol, ...rest } = layer;
    return rest;
  },
};

/** Another checksum, and not 0, which in UDP is none. */
function wrong(checksum: number = 0): number {
  return checksum ^ 0x0100 || 0x0200;
}

function asFragment(layer: Layer, change: { mf?: number; fragmentOffset?: number }): Layer {
  if (layer.kind !== 'ipv4') return layer;
  const { checksum: _checksum, ...rest } = layer;
  return { ...rest, ...change };
}

Then(
  /^a frame that carries (.*) with (.*) has no effect at the control port$/u,
  async function (this: PrismWorld, words: string, fault: string) {
    const frame = await carry(this, commandByWords(words), connectionOf(this));
    const { layers } = parse(frame);
    const damage = DATAGRAM_FAULTS[fault];
    if (damage === undefined) throw new Error(`no fault of a datagram is called ${fault}`);
    if (!layers.some(({ kind }) => kind === 'ipv4') || !layers.some(({ kind }) => kind === 'udp')) {
      throw new NotSupported('control messages in UDP over IPv4');
    }
    const damaged = build(layers.map(damage));
    await expectNoRuleChange(this, async () => send(this, ['control'], [damaged]));
  },
);

/** Commands of which one octet of the message alone tells them from each other. */
const ALIKE = ['a lock', 'an unlock', 'a delete'];
const DIFFERENT = ['an add for backend 2', 'a chown to backend 2'];

Then('no unknown command has an effect at the control port', async function (this: PrismWorld) {
  const { device } = this.session;
  const rule = connectionOf(this);
  const epoch = this.nextEpoch();
  const ask = async (words: string): Promise<Uint8Array> =>
    device.controlFrame(commandByWords(words)(rule, epoch));
  const frames = await Promise.all(ALIKE.map(ask));
  const messages = frames.map(messageOf);
  const [frame, message] = [frames[0], messages[0]];
  const places = Array.from(message?.keys() ?? []).filter(
    (at) => new Set(messages.map((each) => each[at])).size === ALIKE.length,
  );
  const [place] = places;
  if (frame === undefined || message === undefined || place === undefined || places.length > 1) {
    throw new NotSupported('control messages with one octet for the command');
  }
  const others = (await Promise.all(DIFFERENT.map(ask))).map(messageOf);
  const known = new Set([...messages, ...others].map((each) => each[place]));
  const unknown = Array.from({ length: 256 }, (_, value) => value)
    .filter((value) => !known.has(value))
    .map((value) => carrying(frame, message.with(place, value)));
  await expectNoRuleChange(this, async () => send(this, ['control'], unknown));
});

/** A connection none of whose twelve octets is that of the client's connection. RFC 5737. */
const STRANGER = ruleFor(
  {
    client: { address: '203.0.113.77', port: 1234 },
    virtual: { address: '203.0.113.88', port: 4321 },
  },
  ownerOf(HOSTS['backend 2']),
);

When(
  '{int} damaged commands for a connection without a rule arrive at the control port',
  async function (this: PrismWorld, count: number) {
    const random = createRandom(this.session.seed);
    const { device } = this.session;
    const frames = await Promise.all(
      [...ALIKE, 'a chown to backend 1'].map(async (words) =>
        device.controlFrame(commandByWords(words)(STRANGER, this.nextEpoch())),
      ),
    );
    const damaged = Array.from({ length: count }, (_, index) => {
      const frame = frames[index % frames.length] ?? new Uint8Array(0);
      // Half of them behind sound headers, so that the message itself is read.
      return index % 8 < 4
        ? fuzzed(frame, random)
        : carrying(frame, fuzzed(messageOf(frame), random));
    });
    await send(this, ['control'], damaged);
  },
);

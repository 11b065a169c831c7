/** A defect of each kind does what its sentence says, and nothing else, to frames and commands. */
import test from 'ava';
import { diff, parse, verifyChecksums } from 'scapy-ts';
import { DEFECTS } from '../../../conformance/defects/defects.ts';
import { tapped } from '../../../conformance/defects/tap.ts';
import type { Command, Device, PortFrame, Rule } from '../../../conformance/driver/device.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { readOptions } from '../../../conformance/traffic/option-text.ts';
import { ownerPath, pattern, segment } from '../../../conformance/traffic/segment.ts';
import type { SegmentFields } from '../../../conformance/traffic/segment.ts';
import { HOSTS, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { fromClient, ruleWith, SPLICE } from '../bed.ts';

const HANDOFF = ruleWith();
const AT = { client: 0, controller: 2, 'backend 1': 3 } as const;

function defective(name: string): Device {
  const defect = DEFECTS.find((each) => each.name === name);
  if (defect === undefined) throw new Error(`no defect is called ${name}`);
  return defect.apply(openInProcess(defect.base));
}

/** The same base without the defect. */
function sound(name: string): Device {
  return openInProcess(DEFECTS.find((each) => each.name === name)?.base);
}

/** Lets every host be heard, and sets `rule`. */
async function prepared(device: Device, rule: Rule): Promise<Device> {
  await device.reset();
  for (const { mac } of Object.values(HOSTS)) {
    const octets = mac.split(':').map((octet) => Number.parseInt(octet, 16));
    const frame = Uint8Array.of(...octets, ...octets, 0x88, 0xb6, ...new Uint8Array(46));
    const place = Object.values(HOSTS).findIndex((host) => host.mac === mac);
    await device.inject([{ port: place === 4 ? 4 : place, frame }]);
  }
  await device.collect();
  await device.command({ op: 'add', rule, epoch: 1 });
  return device;
}

function sentBy(who: 'client' | 'backend 1', rule: Rule, fields: SegmentFields): PortFrame {
  const frame =
    who === 'client'
      ? fromClient(rule, fields)
      : segment(ownerPath(rule.owner, rule, HOSTS.client), fields);
  return { port: AT[who], frame };
}

async function after(device: Device, input: PortFrame): Promise<readonly PortFrame[]> {
  await device.inject([input]);
  return (await device.collect()).frames;
}

/** What is different about the one frame that leaves; checksums only where they are wrong. */
async function differences(name: string, rule: Rule, input: PortFrame): Promise<readonly string[]> {
  const [right] = await after(await prepared(sound(name), rule), input);
  const [wrong] = await after(await prepared(defective(name), rule), input);
  if (right === undefined || wrong === undefined) return ['missing'];
  const invalid = verifyChecksums(wrong.frame)
    .filter(({ valid }) => !valid)
    .map(({ layer }) => `${layer}.checksum wrong`);
  const fields = diff(parse(right.frame).layers, parse(wrong.frame).layers)
    .filter(({ field }) => field !== 'checksum')
    .map(({ layer, field, before, after: is }) => `${layer}.${field} ${before} ${is}`);
  const moved = right.port === wrong.port ? [] : [`port ${right.port} ${wrong.port}`];
  return [...moved, ...fields, ...invalid];
}

interface Sample {
  readonly name: string;
  readonly rule?: Rule;
  readonly from: 'client' | 'backend 1';
  readonly fields: SegmentFields;
  readonly differs: readonly string[];
}

const PAYLOAD = pattern(11);

const EDITS: readonly Sample[] = [
  {
    name: 'zero-window-opened',
    from: 'client',
    fields: { window: 0 },
    differs: ['tcp.window 0 1'],
  },
  { name: 'zero-window-opened', from: 'client', fields: { window: 2 }, differs: [] },
  {
    name: 'df-cleared-with-payload',
    from: 'client',
    fields: { payload: PAYLOAD },
    differs: ['ipv4.df 1 0'],
  },
  { name: 'df-cleared-with-payload', from: 'client', fields: {}, differs: [] },
  {
    name: 'tcp-checksum-off-by-one',
    from: 'client',
    fields: { payload: PAYLOAD },
    differs: ['tcp.checksum wrong'],
  },
  { name: 'tcp-checksum-off-by-one', from: 'backend 1', fields: {}, differs: [] },
  {
    name: 'ipv4-checksum-not-updated',
    from: 'backend 1',
    fields: {},
    differs: ['ipv4.checksum wrong'],
  },
  {
    name: 'tcp-checksum-without-addresses',
    from: 'client',
    fields: {},
    differs: ['tcp.checksum wrong'],
  },
  {
    name: 'ttl-less-without-router',
    from: 'client',
    fields: { ipv4: { ttl: 9 } },
    differs: ['ipv4.ttl 9 8'],
  },
  { name: 'ttl-less-by-two', from: 'client', fields: {}, differs: ['ipv4.ttl 63 62'] },
  {
    name: 'ack-shifted-by-seq-delta',
    rule: SPLICE,
    from: 'client',
    fields: { seq: 1, ack: 0 },
    differs: ['tcp.ack 1985281756 2309737967'],
  },
  {
    name: 'carry-lost-between-halves',
    rule: SPLICE,
    from: 'client',
    fields: { seq: 0xffff, flags: 'S', ack: 0 },
    differs: ['tcp.seq 2309803502 2309737966'],
  },
  {
    name: 'sack-right-edges-kept',
    rule: ruleWith({ ownerSeq: 1000 }),
    from: 'client',
    fields: { options: readOptions('nop; nop; sack 200-300') },
    differs: ['tcp.options nop, nop, sack 1200..1300 nop, nop, sack 1200..300'],
  },
  {
    name: 'virtual-port-not-written',
    from: 'backend 1',
    fields: {},
    differs: ['tcp.srcPort 80 8080'],
  },
];

for (const [at, { name, rule = HANDOFF, from, fields, differs }] of EDITS.entries()) {
  const title = differs.length === 0 ? 'nothing' : differs.join(', ');
  test(`sample ${at + 1}: ${name} from ${from} changes ${title}`, async (t) => {
    const seen = await differences(name, rule, sentBy(from, rule, fields));
    t.deepEqual(
      seen.map((text) => text.replaceAll(/[[\]]/gu, '')),
      differs,
    );
  });
}

async function left(name: string, input: PortFrame, rule = HANDOFF): Promise<readonly number[]> {
  const frames = await after(await prepared(defective(name), rule), input);
  return frames.map(({ port }) => port);
}

test('a defect that drops, drops what it says', async (t) => {
  const full = (octets: number): PortFrame =>
    sentBy('client', HANDOFF, { payload: pattern(octets) });
  t.deepEqual(await left('full-packets-dropped', full(1460)), []);
  t.deepEqual(await left('full-packets-dropped', full(1459)), [3]);
});

test('a defect that overlooks, bridges a segment as it was sent', async (t) => {
  const syn = sentBy('client', HANDOFF, { flags: 'S' });
  const frames = await after(await prepared(defective('syn-goes-to-controller'), HANDOFF), syn);
  t.deepEqual(frames, [{ port: AT.controller, frame: syn.frame }]);
  t.deepEqual(await left('syn-goes-to-controller', sentBy('client', HANDOFF, {})), [3]);
});

test('a defect that removes, removes its rule after what ends it', async (t) => {
  const device = await prepared(defective('first-fin-removes-rule'), HANDOFF);
  await after(device, sentBy('client', HANDOFF, {}));
  t.is((await device.rules()).length, 1);
  const frames = await after(device, sentBy('client', HANDOFF, { flags: 'FA' }));
  t.deepEqual(
    frames.map(({ port }) => port),
    [3],
  );
  t.is((await device.rules()).length, 0);
});

test('a defect of commands does one of them otherwise', async (t) => {
  const lock = (epoch: number): Command => ({ op: 'lock', key: HANDOFF, epoch });
  const device = await prepared(defective('lock-toggles'), HANDOFF);
  const locked = async (): Promise<boolean | undefined> => (await device.rules())[0]?.rule.locked;
  await device.command(lock(2));
  t.true(await locked());
  await device.command(lock(3));
  t.false(await locked());
});

test('a defect that delays, does a command after the next segment', async (t) => {
  const device = await prepared(defective('chown-after-next-segment'), HANDOFF);
  const { deltas } = HANDOFF;
  const owner = ownerOf(HOSTS['backend 2']);
  await device.command({ op: 'chown', key: HANDOFF, owner, deltas, unlock: true, epoch: 2 });
  const data = sentBy('client', HANDOFF, {});
  const ports = [...(await after(device, data)), ...(await after(device, data))];
  t.deepEqual(
    ports.map(({ port }) => port),
    [3, 4],
  );
});

test('a defect of holding gives out what was held in its own way', async (t) => {
  const device = await prepared(defective('held-leave-backwards'), HANDOFF);
  await device.command({ op: 'lock', key: HANDOFF, epoch: 2 });
  await device.inject([1, 2, 3].map((seq) => sentBy('client', HANDOFF, { seq })));
  t.deepEqual((await device.collect()).frames, []);
  await device.command({ op: 'unlock', key: HANDOFF, epoch: 3 });
  const { frames } = await device.collect();
  t.deepEqual(
    frames.map(({ frame }) => frame[41]),
    [3, 2, 1],
  );
});

test('nothing is remembered over a reset', async (t) => {
  const device = await prepared(defective('retransmitted-fin-dropped'), HANDOFF);
  const fin = sentBy('client', HANDOFF, { flags: 'FA' });
  t.is((await after(device, fin)).length, 1);
  t.is((await after(device, fin)).length, 0);
  await prepared(device, HANDOFF);
  t.is((await after(device, fin)).length, 1);
});

test('a tap without hooks changes nothing', async (t) => {
  const [bare, tap] = [openInProcess(), tapped(openInProcess(), () => ({}))];
  for (const device of [bare, tap]) await prepared(device, SPLICE);
  const inputs = [
    sentBy('client', SPLICE, { payload: PAYLOAD }),
    sentBy('backend 1', SPLICE, { flags: 'R' }),
    { port: 1, frame: new Uint8Array(60) },
  ];
  for (const input of inputs) t.deepEqual(await after(tap, input), await after(bare, input));
  t.deepEqual(await tap.hello(), await bare.hello());
  t.deepEqual(await tap.rules(), await bare.rules());
});

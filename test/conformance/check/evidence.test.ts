/** What counts as proof, and what leaves a requirement open. */
import test from 'ava';
import { build, formatIpv4, ipv4Address, layer, parse, TCP_FLAG, type Layer } from 'scapy-ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import {
  brokenText,
  idsOf,
  judge,
  SPLICE,
  SPLICE_TS,
  throughReference,
  type Captures,
  type Frame,
} from './captures.ts';

const WAIT_US = 1_500_000;

function tcpOf(frame: Frame) {
  return layer(parse(frame.octets).layers, 'tcp');
}

function hasFlag(frame: Frame, flag: number): boolean {
  return ((tcpOf(frame)?.flags ?? 0) & flag) !== 0;
}

/** The captures with the client's address and the times moved on. */
function moved(
  { client = [], backend = [] }: Captures,
  index: number,
): Required<Omit<Captures, 'controller'>> {
  const other = ipv4Address(`192.0.2.${100 + index}`);
  const client0 = ipv4Address('192.0.2.10');
  const move = (frame: Frame): Frame => {
    const layers = parse(frame.octets).layers.map((each): Layer => {
      if (each.kind !== 'ipv4' && each.kind !== 'tcp') return each;
      const { checksum: _computed, ...rest } = each;
      if (rest.kind !== 'ipv4') return rest;
      return {
        ...rest,
        src: rest.src === client0 ? other : rest.src,
        dst: rest.dst === client0 ? other : rest.dst,
      };
    });
    return { octets: build(layers), timeUs: frame.timeUs + index * 10_000_000 };
  };
  return { client: client.map(move), backend: backend.map(move) };
}

async function manyResets(count: number): Promise<Required<Omit<Captures, 'controller'>>> {
  const one = await throughReference(await readFixture('reset/client-reset-mid-response'), SPLICE);
  const all = Array.from({ length: count }, (_, index) => moved(one, index));
  return {
    client: all.flatMap(({ client }) => client),
    backend: all.flatMap(({ backend }) => backend),
  };
}

test('PRISM-RST-02: that none of many resets comes through is no accident', async (t) => {
  const { client, backend } = await manyResets(8);
  t.is(brokenText(judge({ client, backend })), '');
  const swallowed = backend.filter((frame) => !hasFlag(frame, TCP_FLAG.RST));
  t.deepEqual(idsOf(judge({ client, backend: swallowed }), 'fail'), ['PRISM-RST-02']);
});

test('one reset that is missing proves nothing', async (t) => {
  const { client, backend } = await manyResets(1);
  const result = judge({
    client,
    backend: backend.filter((frame) => !hasFlag(frame, TCP_FLAG.RST)),
  });
  t.is(brokenText(result), '');
  const reset = result.judgements.find(({ requirement }) => requirement.id === 'PRISM-RST-02');
  t.deepEqual(reset?.verdict, { kind: 'inconclusive', reason: 'no-partner' });
});

test('PRISM-RST-02: an owner that goes on long after has not been given the reset', async (t) => {
  const { client = [], backend = [] } = await throughReference(
    await readFixture('reset/client-reset-after-request'),
    NO_DELTAS,
  );
  const rest = backend.filter((frame) => !hasFlag(frame, TCP_FLAG.RST));
  const isReply = (frame: Frame): boolean =>
    !hasFlag(frame, TCP_FLAG.SYN) && tcpOf(frame)?.seq !== undefined && frame.octets.length > 0;
  const lastTo = (list: readonly Frame[], port: number): Frame | undefined =>
    list.findLast((frame) => isReply(frame) && tcpOf(frame)?.dstPort === port);
  const [near, far] = [lastTo(client, 40_000), lastTo(rest, 40_000)];
  const reset = client.find((frame) => hasFlag(frame, TCP_FLAG.RST));
  if (near === undefined || far === undefined || reset === undefined) {
    t.fail('the fixture has changed');
    return;
  }
  /** The owner's last segment once more, with an identification of its own. */
  const again = (frame: Frame, round: number): Frame => {
    const layers = parse(frame.octets).layers.map((each): Layer => {
      if (each.kind === 'tcp') {
        const { checksum: _computed, ...header } = each;
        return { ...header, ack: tcpOf(reset)?.seq ?? 0 };
      }
      if (each.kind !== 'ipv4') return each;
      const { checksum: _computed, ...header } = each;
      return { ...header, id: 40_000 + round };
    });
    return { octets: build(layers), timeUs: frame.timeUs + round * WAIT_US };
  };
  const rounds = [1, 2, 3];
  const result = judge({
    client: [...client, ...rounds.map((round) => again(near, round))],
    backend: [...rest, ...rounds.map((round) => again(far, round))],
  });
  t.deepEqual(idsOf(result, 'fail'), ['PRISM-RST-02'], brokenText(result));
});

/** The TCP checksum as a host leaves it to its network card: the sum of the pseudo-header. */
function partial(frame: Frame, from: string): Frame {
  const { layers } = parse(frame.octets);
  const ip = layer(layers, 'ipv4');
  if (ip === undefined || formatIpv4(ip.src) !== from) return frame;
  const octets = frame.octets.slice();
  const view = new DataView(octets.buffer);
  const length = view.getUint16(16) - 20;
  let sum = 6 + length;
  for (const at of [26, 28, 30, 32]) sum += view.getUint16(at);
  view.setUint16(50, (sum % 0x10000) + Math.floor(sum / 0x10000));
  return { ...frame, octets };
}

test('a host that leaves checksums to its network card is told, and blames nobody', async (t) => {
  const fixture = await readFixture('flow/large-transfer');
  const { client = [], backend = [] } = await throughReference(fixture, SPLICE_TS);
  const result = judge({ client, backend: backend.map((frame) => partial(frame, '10.0.0.21')) });
  t.is(brokenText(result), '');
  t.deepEqual(idsOf(result, 'inconclusive'), ['PRISM-REW-05']);
  t.deepEqual(
    result.offloading.map(({ capture, host }) => [capture, host]),
    [['backend', '10.0.0.21']],
  );
});

test('packets that were cut are paired, and their checksums stay open', async (t) => {
  const fixture = await readFixture('flow/large-transfer');
  const { client = [], backend = [] } = await throughReference(fixture, SPLICE);
  const cut = (frame: Frame): Frame => {
    return { ...frame, octets: frame.octets.slice(0, 96), originalLength: frame.octets.length };
  };
  const result = judge({ client: client.map(cut), backend: backend.map(cut) });
  t.is(brokenText(result), '');
  t.is(result.captures.client?.alone, 0);
  t.deepEqual(idsOf(result, 'inconclusive'), ['PRISM-REW-05']);
});

test('a capture that shows every frame twice blames nobody', async (t) => {
  const fixture = await readFixture('flow/large-transfer');
  const { client = [], backend = [] } = await throughReference(fixture, SPLICE);
  const twice = (frames: readonly Frame[]): readonly Frame[] =>
    frames.flatMap((each) => [each, each]);
  t.is(brokenText(judge({ client, backend: twice(backend) })), '');
  t.is(brokenText(judge({ client: twice(client), backend })), '');
  t.is(brokenText(judge({ client: twice(client), backend: twice(backend) })), '');
});

test('a tag that a network card took away is told, and blames nobody', async (t) => {
  const fixture = await readFixture('vlan/keep-alive');
  const { client, backend = [] } = await throughReference(fixture, SPLICE);
  const untagged = backend.map((frame): Frame => {
    const layers = parse(frame.octets).layers.filter(({ kind }) => kind !== 'dot1q');
    const plain = layers.map((each): Layer => {
      if (each.kind !== 'ether') return each;
      const { etherType: _next, ...rest } = each;
      return rest;
    });
    return { ...frame, octets: build(plain) };
  });
  const result = judge({ ...(client === undefined ? {} : { client }), backend: untagged });
  t.is(brokenText(result), '');
  t.deepEqual(idsOf(result, 'inconclusive'), ['PRISM-FWD-10']);
});

test('an owner that changes, and changes back, is no fault', async (t) => {
  const fixture = await readFixture('flow/large-transfer');
  const first = await throughReference(fixture, SPLICE);
  const { client = [], backend = [] } = first;
  const third = backend.length / 3;
  const other = backend.map((frame, index): Frame => {
    if (index < third || index > 2 * third) return frame;
    const layers = parse(frame.octets).layers.map((each): Layer => {
      if (each.kind !== 'ipv4' && each.kind !== 'tcp') return each;
      const { checksum: _computed, ...rest } = each;
      if (rest.kind === 'ipv4') {
        const second = ipv4Address('10.0.0.22');
        const owner = ipv4Address('10.0.0.21');
        return {
          ...rest,
          src: rest.src === owner ? second : rest.src,
          dst: rest.dst === owner ? second : rest.dst,
        };
      }
      const toOwner = rest.dstPort === 8080;
      return toOwner
        ? { ...rest, seq: (rest.seq + 77_777) >>> 0, ack: (rest.ack + 99_999) >>> 0 }
        : { ...rest, seq: (rest.seq + 99_999) >>> 0, ack: (rest.ack + 77_777) >>> 0 };
    });
    return { ...frame, octets: build(layers) };
  });
  const result = judge({ client, backend: other });
  t.is(brokenText(result), '');
  t.is(result.captures.client?.alone, 0);
});

test('PRISM-RULE-04, PRISM-CTRL-04: the controller speaks while a backend owns', async (t) => {
  const fixture = await readFixture('flow/large-transfer');
  const { client = [], backend = [] } = await throughReference(fixture, NO_DELTAS);
  const near = new Set<number>();
  const controller = client
    .filter((frame, index) => {
      const takes = index % 40 === 30 && tcpOf(frame)?.srcPort === 80 && frame.octets.length > 1000;
      if (takes) near.add(layer(parse(frame.octets).layers, 'ipv4')?.id ?? 0);
      return takes;
    })
    .map((frame) => frame);
  const rest = backend.filter((frame) => {
    const ip = layer(parse(frame.octets).layers, 'ipv4');
    return ip === undefined || formatIpv4(ip.src) !== '10.0.0.21' || !near.has(ip.id);
  });
  t.true(controller.length > 3);
  const result = judge({ client, backend: rest, controller });
  t.deepEqual(idsOf(result, 'fail'), ['PRISM-RULE-04', 'PRISM-CTRL-04'], brokenText(result));
});

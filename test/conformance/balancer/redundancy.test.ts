/** What hosts can see of two switches that stand for one, and the pairs that are right and wrong. */
import test from 'ava';
import { arp, build, ether, ipv4Address, mac } from 'scapy-ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import { redundancyFault, reignsOf, type Reign } from '../../../conformance/balancer/redundancy.ts';
import type { CapturedFrame, Happening } from '../../../conformance/driver/balancer.ts';
import {
  REDUNDANCY_DEFECTS,
  REDUNDANCY_VARIATIONS,
} from '../../../conformance/drivers/balancer-sim/defects/redundancy.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import { faultsOf, judge } from './judging.ts';

const ADDRESS = '10.1.0.201';
const ASKED = { host: 'client 9', address: ADDRESS } as const;
const SETUP = { services: [], access: [], pair: { intervalMs: 100 } };
const FIRST = '02:00:00:00:00:01';
const SECOND = '02:00:00:00:00:02';
const CLIENT = '02:00:00:00:01:09';

function switched(place: 1 | 2, state: 'up' | 'dead', atMs: number): Happening {
  return { kind: 'switch', place, state, atMs };
}

function placesOf(happenings: readonly Happening[], preempts: boolean): readonly string[] {
  const reigns = reignsOf({ setup: SETUP, happenings }, preempts);
  return reigns.map(({ place, fromMs, toMs }) => `${place} from ${fromMs} to ${toMs}`);
}

test('the first is active from the start, and the second from when the first is lost', (t) => {
  t.deepEqual(placesOf([], true), ['1 from 500 to Infinity']);
  const lost = switched(1, 'dead', 1000);
  t.deepEqual(placesOf([lost], true), ['1 from 500 to 1000', '2 from 1400 to Infinity']);
});

test('who comes back is active if it preempts, or if nobody else is', (t) => {
  const lost = switched(1, 'dead', 1000);
  const back = switched(1, 'up', 2000);
  const second = ['1 from 500 to 1000', '2 from 1400 to 2000', '1 from 3000 to Infinity'];
  t.deepEqual(placesOf([back, lost], true), second);
  t.deepEqual(placesOf([lost, back], false), ['1 from 500 to 1000', '2 from 1400 to Infinity']);
  const both = [lost, switched(2, 'dead', 1500), switched(2, 'up', 3000)];
  t.deepEqual(placesOf(both, false).at(-1), '2 from 4000 to Infinity');
});

test('in real time who takes over may be later', (t) => {
  const happenings = [switched(1, 'dead', 1000)];
  const reigns = reignsOf({ setup: SETUP, happenings }, true, 70);
  t.deepEqual(
    reigns.map(({ fromMs }) => fromMs),
    [500, 1470],
  );
});

test('nothing changes where the other is lost, and comes back', (t) => {
  const other = [switched(2, 'dead', 1000), switched(2, 'up', 2000)];
  for (const preempts of [true, false]) {
    t.deepEqual(placesOf(other, preempts), ['1 from 500 to Infinity']);
  }
});

function frame(atMs: number, direction: 'sent' | 'received', octets: Uint8Array): CapturedFrame {
  return { host: ASKED.host, direction, atMs, octets };
}

function question(atMs: number, direction: 'sent' | 'received' = 'sent'): CapturedFrame {
  const sender = { senderMac: mac(CLIENT), senderIp: ipv4Address('10.1.0.9') };
  const message = arp({ operation: 1, ...sender, targetIp: ipv4Address(ADDRESS) });
  return frame(atMs, direction, build([ether({ src: CLIENT, dst: 'ff:ff:ff:ff:ff:ff' }), message]));
}

function answer(atMs: number, from: string): CapturedFrame {
  const sender = { senderMac: mac(from), senderIp: ipv4Address(ADDRESS) };
  const target = { targetMac: mac(CLIENT), targetIp: ipv4Address('10.1.0.9') };
  const message = arp({ operation: 2, ...sender, ...target });
  return frame(atMs, 'received', build([ether({ src: from, dst: CLIENT }), message]));
}

function announcement(atMs: number, from: string, operation: 1 | 2 = 1): CapturedFrame {
  const address = ipv4Address(ADDRESS);
  const message = arp({ operation, senderMac: mac(from), senderIp: address, targetIp: address });
  return frame(atMs, 'received', build([ether({ src: from, dst: 'ff:ff:ff:ff:ff:ff' }), message]));
}

const REIGNS: readonly Reign[] = reignsOf(
  { setup: SETUP, happenings: [switched(1, 'dead', 1000), switched(1, 'up', 2000)] },
  true,
);

/** Each reign with a question that is answered, and an announcement where one is due. */
const RIGHT: readonly CapturedFrame[] = [
  question(600),
  answer(601, FIRST),
  announcement(1361, SECOND),
  question(1500),
  answer(1501, SECOND),
  announcement(2322, FIRST, 2),
  question(3100),
  answer(3101, FIRST),
  // The story ends before it can be answered.
  question(3200),
];

function faultOf(frames: readonly CapturedFrame[]): string {
  const fault = redundancyFault({ frames }, ASKED, REIGNS);
  return fault === undefined ? 'none' : `${fault.expected}: ${fault.observed}`;
}

function without(nth: number, ...instead: readonly CapturedFrame[]): readonly CapturedFrame[] {
  return RIGHT.toSpliced(nth, 1, ...instead);
}

test('two switches are right that answer by turns and announce it, with one MAC address or two', (t) => {
  t.is(faultOf(RIGHT), 'none');
  const alike = RIGHT.map((each, nth) => {
    const fakes = [each, each, announcement(1361, FIRST), each, answer(1501, FIRST)];
    return fakes[nth] ?? each;
  });
  t.is(faultOf(alike), 'none');
});

test('what others ask is no answer', (t) => {
  t.is(faultOf(without(1, answer(601, FIRST), question(602, 'received'))), 'none');
});

for (const [what, frames, told] of [
  [
    'nobody answers',
    without(1),
    /^one answer to who has 10\.1\.0\.201, asked after 600 ms: none$/u,
  ],
  ['one answers twice', without(1, answer(601, FIRST), answer(602, FIRST)), /:01 and 02:.*:01$/u],
  ['two answer', without(1, answer(601, FIRST), answer(602, SECOND)), /:01 and 02:.*:02$/u],
  ['one is announced that does not answer', [...RIGHT, announcement(1600, FIRST)], /^one owner/u],
  ['nobody announces the takeover', without(2), /400 ms of the loss of switch 1: none$/u],
  ['the takeover is late', without(2, announcement(1401, SECOND)), /: after 401 ms$/u],
  [
    'the first does not announce that it is back',
    without(5),
    /1000 ms of switch 1 came back: none$/u,
  ],
  ['another one is back than was lost', without(7, answer(3101, SECOND)), /:01 for .*: 02:.*:02$/u],
] as const) {
  test(`it is told when ${what}`, (t) => {
    t.regex(faultOf(frames.toSorted((a, b) => a.atMs - b.atMs)), told);
  });
}

test('who never asks learns nothing', (t) => {
  t.throws(() => faultOf(without(0)), { message: /nobody has asked/u });
});

const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures())).filter(
  ({ requirements: [id = ''] }) => ['PRISM-HA-02', 'PRISM-HA-03', 'PRISM-HA-05'].includes(id),
);

for (const { name, ...alteration } of REDUNDANCY_VARIATIONS) {
  test.serial(`a pair that ${name.replaceAll('-', ' ')} passes`, async (t) => {
    const { results, cases } = await judge(alteration, SCENARIOS);
    t.deepEqual(faultsOf(cases), []);
    t.deepEqual(
      results.map(({ verdict, cases: own }) => [
        verdict.kind,
        own.find(({ observed }) => observed !== undefined)?.observed,
      ]),
      results.map(() => ['pass', undefined]),
    );
    t.is(results.length, 3);
  });
}

/** What else cannot be right with them. */
const CONSEQUENCES: Readonly<Record<string, readonly string[]>> = {
  'chooses-for-itself': ['PRISM-HA-05'],
  // Hosts send to where they sent before.
  'takes-over-in-silence': ['PRISM-HA-02', 'PRISM-HA-05'],
  // Clients send to who only says that he has the address.
  'begins-with-a-lie': ['PRISM-HA-02'],
};

for (const defect of REDUNDANCY_DEFECTS) {
  const { name, breaks } = defect;
  test.serial(`${name} fails ${breaks}, and nothing that can be right`, async (t) => {
    const { results } = await judge(defect, SCENARIOS);
    const failed = results.filter(({ verdict }) => verdict.kind === 'fail');
    t.deepEqual(
      failed.map(({ requirement }) => requirement.id),
      [breaks, ...(CONSEQUENCES[name] ?? [])].toSorted(),
    );
  });
}

/**
 * What `prismspec doctor` looks at on a server switch: one request by each way to servers that it
 * claims, all told twice. Can what becomes of a story be seen at all? None of it is a requirement.
 */
import { isDeepStrictEqual } from 'node:util';
import { verifyChecksums } from 'scapy-ts';
import { httpAnswersFault } from '../../balancer/http-answers.ts';
import type { Capability } from '../../catalogue/capability.ts';
import type {
  BalancerHello,
  BalancerObservation,
  BalancerStory,
  CapturedFrame,
  Mode,
  VisitorLine,
} from '../../driver/balancer.ts';
import { answerTo } from '../../traffic/site.ts';
import { GOOD, wrong, type Finding } from './check.ts';

const TARGET = '/a/3000';
const ASK = { method: 'GET', target: TARGET };
const REQUEST = new TextEncoder().encode(`GET ${TARGET} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
const SERVER = 's1';
const ANSWER = answerTo(SERVER, 'GET', TARGET);
const CLIENT = 'client 1';
const SERVICE = { address: '10.1.0.201', port: 80 } as const;
const ETHERNET_OCTETS = 14;
const ETHER_TYPE_AT = 12;
const IPV4 = 0x0800;
const IP_LENGTH_AT = 2;

/** The ways to servers, by what a switch claims that can go them. */
export const WAYS: readonly (readonly [Mode, Capability])[] = [
  ['nat', 'NAT'],
  ['dsr', 'DSR'],
  ['ipip', 'IPIP'],
  ['http', 'HTTP'],
];

/** One client asks for 3000 octets by a service whose only server is s1, and closes. */
export function visitBy(mode: Mode): BalancerStory {
  const done: VisitorLine['cue'] =
    mode === 'http' ? { kind: 'answers', count: 1 } : { kind: 'received', octets: ANSWER.length };
  const lines: readonly VisitorLine[] = [
    { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } },
    { cue: { kind: 'opened' }, act: { kind: 'write', octets: REQUEST, cuts: [] } },
    { cue: done, act: { kind: 'close' } },
  ];
  const service = {
    ...SERVICE,
    name: 'doctor',
    mode,
    servers: [SERVER],
    choosing: 'round-robin',
  } as const;
  return {
    seed: 1,
    setup: { services: [service], access: [] },
    visitors: [{ client: 1, port: 40_000, service: SERVICE, lines }],
    happenings: [],
    patienceMs: 10_000,
  };
}

/** What came of a visit, both times. */
export interface TwoVisits {
  readonly mode: Mode;
  readonly first: BalancerObservation;
  readonly second: BalancerObservation;
}

/** All that was seen. */
export interface BalancerVisits {
  readonly hello: Pick<BalancerHello, 'clock'>;
  readonly visits: readonly TwoVisits[];
}

/** One look at what came of them. */
export interface BalancerCheck {
  readonly name: string;
  readonly judge: (told: BalancerVisits) => Finding;
}

/** The first of the visits about which `judge` says something, with the way that it went. */
function each(judge: (seen: BalancerObservation, mode: Mode) => Finding): BalancerCheck['judge'] {
  return ({ visits }) => {
    for (const { mode, first, second } of visits) {
      for (const seen of [first, second]) {
        const finding = judge(seen, mode);
        if (finding.kind === 'wrong') return { ...finding, told: `${mode}: ${finding.told}` };
      }
    }
    return GOOD;
  };
}

function setupFinding({ setups }: BalancerObservation): Finding {
  const [fault] = setups;
  if (setups.length === 1 && fault === undefined) return GOOD;
  const told = fault === undefined ? `${setups.length} setups` : `it is refused: ${fault}`;
  return wrong(told, 'let the setup be taken, or claim less');
}

function answerFinding({ visitors }: BalancerObservation, mode: Mode): Finding {
  const [outcome] = visitors[0] ?? [];
  const fault = httpAnswersFault(outcome, [ASK], () => [SERVER]);
  const isSame = mode === 'http' || isDeepStrictEqual([...(outcome?.received ?? [])], [...ANSWER]);
  const { length } = outcome?.received ?? [];
  const end = outcome?.end ?? 'never begun';
  if (fault === undefined && isSame && end === 'finished') return GOOD;
  const told =
    fault?.observed ?? `the client has ${length} octets of ${ANSWER.length}, it is ${end}`;
  return wrong(
    told,
    `let ${SERVER} serve the site, ${TARGET} for one, and close when its client does`,
  );
}

function logFinding({ served }: BalancerObservation): Finding {
  const done = served.map(({ server, head }) => `${server} ${head.split(' ', 2).join(' ')}`);
  if (isDeepStrictEqual(done, [`${SERVER} GET ${TARGET}`])) return GOOD;
  const told = `the logs of the servers say ${done.join(', ') || 'nothing'}`;
  return wrong(told, 'let each server tell the heads of its requests, once each');
}

function placesFinding({ frames }: BalancerObservation): Finding {
  const unseen = [CLIENT, SERVER].flatMap((host) =>
    (['sent', 'received'] as const).flatMap((direction) =>
      frames.some((frame) => frame.host === host && frame.direction === direction)
        ? []
        : [`${direction} by ${host}`],
    ),
  );
  if (unseen.length === 0) return GOOD;
  return wrong(`no frame is seen ${unseen.join(', ')}`, 'capture at every host, both ways');
}

/** What is wrong with a frame as such: it was cut, or has a checksum that nobody would believe. */
function wrongWith({ octets, host, direction, atMs }: CapturedFrame): string | undefined {
  const where = `a frame ${direction} by ${host} after ${atMs} ms`;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (octets.length < ETHERNET_OCTETS) return `${where} has ${octets.length} octets`;
  if (view.getUint16(ETHER_TYPE_AT) !== IPV4) return undefined;
  const need = ETHERNET_OCTETS + view.getUint16(ETHERNET_OCTETS + IP_LENGTH_AT);
  if (octets.length < need) return `${where} has ${octets.length} octets of ${need}`;
  const sum = verifyChecksums(octets).find(({ valid }) => !valid);
  return sum === undefined ? undefined : `${where} has a wrong ${sum.layer} checksum`;
}

function framesFinding({ frames }: BalancerObservation): Finding {
  for (const frame of frames) {
    const told = wrongWith(frame);
    if (told === undefined) continue;
    return wrong(told, 'capture whole frames, and let no network interface sum or cut for a host');
  }
  return GOOD;
}

function timesFinding({ frames, endMs }: BalancerObservation): Finding {
  const last = new Map<string, number>();
  for (const { host, atMs } of frames) {
    const before = last.get(host) ?? 0;
    if (atMs >= before && atMs <= endMs) {
      last.set(host, atMs);
      continue;
    }
    const told = `a frame at ${host} after ${atMs} ms comes behind one after ${before} ms`;
    const odd =
      atMs > endMs ? `a frame at ${host} after ${atMs} ms, and the end is ${endMs}` : told;
    return wrong(odd, 'take all times from one clock that begins with the story');
  }
  return GOOD;
}

function lateFinding({ lateMs }: BalancerObservation): Finding {
  if (lateMs === undefined) return GOOD;
  const told = `it was kept from working for ${Math.round(lateMs)} ms`;
  return wrong(told, 'end other work: what fails on a busy machine is inconclusive(late)');
}

/** What two tellings have in common in any time: what was asked and how it ended, but not when. */
function timeless({ visitors, served, setups }: BalancerObservation): unknown {
  return {
    ends: visitors.map((all) => all.map(({ end }) => end)),
    served: served.map(({ server, head }) => [server, head.split('\r\n', 1)]),
    setups,
  };
}

function repeatFinding({ hello, visits }: BalancerVisits): Finding {
  const view = hello.clock === 'virtual' ? (seen: BalancerObservation): unknown => seen : timeless;
  const other = visits.find(({ first, second }) => !isDeepStrictEqual(view(first), view(second)));
  if (other === undefined) return GOOD;
  const told = `${other.mode}: the same story gave something else the second time`;
  return wrong(told, 'begin each story anew; let randomness come from the story alone');
}

/** The looks, in the order in which they are told. */
export const BALANCER_CHECKS: readonly BalancerCheck[] = [
  { name: 'this machine is not too busy', judge: each(lateFinding) },
  { name: 'a service with one server is taken', judge: each(setupFinding) },
  {
    name: 'one request gets its whole answer, and the client its close',
    judge: each(answerFinding),
  },
  { name: 'the log of the server has it once', judge: each(logFinding) },
  { name: 'captures have what client and server send and receive', judge: each(placesFinding) },
  { name: 'captured frames are whole, with right checksums', judge: each(framesFinding) },
  { name: 'their times go on, and end with the story', judge: each(timesFinding) },
  { name: 'the same story comes to the same again', judge: repeatFinding },
];

/**
 * What `prismspec doctor` looks at on a whole Prism: one request, told three times. Can what becomes
 * of a story be seen at all? None of it is a requirement.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type ClientOutcome,
  type Observation,
  type Story,
  type SystemHello,
  type TappedFrame,
} from '../../driver/system.ts';
import { answerTo } from '../../traffic/site.ts';
import { GOOD, wrong, type Finding } from './check.ts';

const TARGET = '/a/3000';
const REQUEST = new TextEncoder().encode(`GET ${TARGET} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
const ANSWER = answerTo('b1', 'GET', TARGET);
const TAPS: readonly TappedFrame['tap'][] = ['client', 'controller', 'backend'];
/** What no hand-off to a backend can do without. */
const HAND_OFF = ['add', 'offer', 'chown', 'commit'] as const;

/** One client asks backend 1 for 3000 octets, and closes. */
export function visit(lock: Story['lock']): Story {
  return {
    seed: 1,
    clients: [
      [
        { cue: { kind: 'at-once' }, act: { kind: 'connect', offer: {} } },
        { cue: { kind: 'opened' }, act: { kind: 'write', octets: REQUEST, cuts: [] } },
        { cue: { kind: 'received', octets: ANSWER.length }, act: { kind: 'close' } },
      ],
    ],
    policy: [{ backends: ['b1'] }],
    lock,
    way: 'hand-off',
    mishaps: [],
    weather: { loss: 0, duplication: 0, jitterUs: 0 },
    patienceMs: 60_000,
  };
}

/** What came of the visit, twice where locked packets are dropped, and where they are held. */
export interface Visits {
  readonly hello: Pick<SystemHello, 'clock'>;
  readonly first: Observation;
  readonly second: Observation;
  readonly held: Observation;
}

/** One look at what came of them. */
export interface SystemCheck {
  readonly name: string;
  readonly judge: (visits: Visits) => Finding;
}

/** The first of the visits about which `judge` says something. */
function each(judge: (seen: Observation) => Finding): SystemCheck['judge'] {
  return ({ first, second, held }) =>
    [first, second, held].map(judge).find(({ kind }) => kind !== 'good') ?? GOOD;
}

function answerFinding({ clients }: Observation): Finding {
  const [outcome] = clients[0] ?? [];
  const { received = new Uint8Array(0), end = 'open' }: Partial<ClientOutcome> = outcome ?? {};
  if (isDeepStrictEqual([...received], [...ANSWER]) && end === 'finished') return GOOD;
  const told = `the client has ${received.length} octets, not those ${ANSWER.length}; it is ${end}`;
  return wrong(told, `let both backends serve the site, ${TARGET} for one`);
}

function logFinding({ executions }: Observation): Finding {
  const done = executions.map(({ backend, method, target }) => `${backend} ${method} ${target}`);
  if (isDeepStrictEqual(done, [`b1 GET ${TARGET}`])) return GOOD;
  const told = `the logs of the servers say ${done.join(', ') || 'nothing'}`;
  return wrong(told, 'let each server tell the requests that it has carried out, once each');
}

function tapsFinding({ frames }: Observation): Finding {
  const unseen = TAPS.flatMap((tap) =>
    (['in', 'out'] as const).flatMap((direction) =>
      frames.some((frame) => frame.tap === tap && frame.direction === direction)
        ? []
        : [`${direction} at the ${tap}`],
    ),
  );
  if (unseen.length === 0) return GOOD;
  return wrong(`no frame is seen ${unseen.join(', ')}`, 'tap every port of the switch, both ways');
}

function messagesFinding({ messages }: Observation): Finding {
  const unseen = HAND_OFF.flatMap((message) =>
    (['sent', 'arrived'] as const).flatMap((what) =>
      messages.some((told) => told.message === message && told.what === what)
        ? []
        : [`${message} ${what}`],
    ),
  );
  if (unseen.length === 0) return GOOD;
  const todo = 'let all channels pass the relay: mishaps and moments are about messages';
  return wrong(`not seen: ${unseen.join(', ')}`, todo);
}

function rulesFinding({ rules }: Observation): Finding {
  if (rules === 0) return GOOD;
  return wrong(`${rules} rules are left`, 'let the story go on until the linger has passed');
}

function lateFinding({ lateMs }: Observation): Finding {
  if (lateMs === undefined) return GOOD;
  const told = `it was kept from working for ${Math.round(lateMs)} ms`;
  return wrong(told, 'end other work: what fails on a busy machine is inconclusive(late)');
}

/** What two tellings have in common in any time: octets and executions, but not when. */
function timeless({ clients, executions, rules }: Observation): unknown {
  return {
    received: clients.map((all) => all.map(({ received, end }) => [[...received], end])),
    done: executions.map(({ backend, method, target }) => [backend, method, target]),
    rules,
  };
}

function repeatFinding({ hello, first, second }: Visits): Finding {
  const isSame =
    hello.clock === 'virtual'
      ? isDeepStrictEqual(first, second)
      : isDeepStrictEqual(timeless(first), timeless(second));
  if (isSame) return GOOD;
  const told = 'the same seed and the same story gave something else the second time';
  return wrong(told, 'let clock and randomness come from the story alone');
}

/** The looks, in the order in which they are told. */
export const SYSTEM_CHECKS: readonly SystemCheck[] = [
  { name: 'this machine is not too busy', judge: each(lateFinding) },
  {
    name: 'one request gets its whole answer, and the client its close',
    judge: each(answerFinding),
  },
  { name: 'the log of the server has it once', judge: each(logFinding) },
  {
    name: 'taps see frames of client, controller and backend, both ways',
    judge: each(tapsFinding),
  },
  { name: 'the messages of its hand-off are seen, sent and arrived', judge: each(messagesFinding) },
  { name: 'no rule is left', judge: each(rulesFinding) },
  { name: 'the same story comes to the same again', judge: repeatFinding },
];

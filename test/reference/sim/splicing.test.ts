/** A server that knows of no Prism answers a client by itself: TCP splicing, in virtual time. */
import test from 'ava';
import fc from 'fast-check';
import { siteOf } from '../../../reference/policy/site.ts';
import { at, crash, createWorld, formatRunEnd, run } from '../../../reference/sim/network/world.ts';
import type { Odds } from '../../../reference/sim/network/fate.ts';
import type { Line, Peer } from '../../../reference/sim/peer.ts';
import { responseOf } from '../../../reference/sim/prism/origin.ts';
import {
  buildPrism,
  countRules,
  type Prism,
  type PrismOptions,
} from '../../../reference/sim/prism/prism.ts';
import type { TcpSettings } from '../../../reference/sim/tcp/connection.ts';
import { runs } from '../../runs.ts';

const PATIENCE_MS = 300_000;
/** A spliced connection is over after 240 s of silence. */
const END_NS = 3000e9;

interface Scene {
  readonly seed?: number;
  readonly targets: readonly string[];
  readonly settings?: Partial<TcpSettings>;
  readonly odds?: Odds;
  readonly thinkMs?: number;
  readonly lock?: PrismOptions['lock'];
  /** The client resets the connection after so many octets, instead of closing it at the end. */
  readonly resetsAt?: number;
  readonly controllerDiesMs?: number | undefined;
}

interface Ending {
  readonly prism: Prism;
  readonly peer: Peer;
  readonly text: string;
  /** Octets that came to the client before the server itself spoke to it, at most. */
  readonly passedOctets: number;
}

function requestOf(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: example.net\r\n\r\n`;
}

/** Plays a scene to the end, which is when the switch has no rule any more. */
function play(scene: Scene): Ending {
  const { seed = 1, targets, settings, odds, resetsAt, thinkMs = 0.2, controllerDiesMs } = scene;
  const last: Line =
    resetsAt === undefined
      ? { cue: { kind: 'peer-finished' }, play: { kind: 'close' } }
      : { cue: { kind: 'received', octets: resetsAt }, play: { kind: 'abort' } };
  const world = createWorld({ seed });
  const prism = buildPrism(world, {
    clients: 1,
    lock: scene.lock ?? 'drop',
    spliced: ['b1', 'b2'],
    ...(odds === undefined ? {} : { cables: odds, channels: odds }),
    thinkNs: thinkMs * 1e6,
    site: siteOf([
      { pathPrefix: '/a', backends: ['b1'] },
      { pathPrefix: '/b', backends: ['b2'] },
    ]),
    controller: {
      handOffFromOctets: 1000,
      unknownOctets: 100_000,
      lingerMs: 300,
      headMs: PATIENCE_MS,
      responseMs: PATIENCE_MS,
    },
  });
  const octets = new TextEncoder().encode(targets.map(requestOf).join(''));
  const peer = prism.connect(
    0,
    [
      { cue: { kind: 'at-once' }, play: { kind: 'connect' } },
      { cue: { kind: 'opened' }, play: { kind: 'write', octets } },
      last,
    ],
    settings,
  );
  if (controllerDiesMs !== undefined) {
    at(world, controllerDiesMs * 1e6, () => crash(world, 'controller'));
    at(world, (controllerDiesMs + 500) * 1e6, () => prism.startController());
  }
  let passedOctets: number | undefined;
  const end = run(world, () => {
    if (prism.notes.some((line) => line.includes('spliced to'))) {
      passedOctets ??= peer.receivedOctets();
    }
    const isOver = world.nowNs > 10e9 && prism.controller.connections.size === 0;
    return (isOver && countRules(prism) === 0) || world.nowNs > END_NS;
  });
  if (end.kind !== 'done') throw new Error(formatRunEnd(end));
  const text = new TextDecoder().decode(peer.received());
  return { prism, peer, text, passedOctets: passedOctets ?? peer.receivedOctets() };
}

function answerOf(target: string, isLast: boolean): string {
  const backend = target.startsWith('/a') ? 'b1' : 'b2';
  return new TextDecoder().decode(responseOf(backend, 'GET', target, isLast));
}

function isSpliced({ prism }: Ending): boolean {
  return prism.notes.some((line) => line.includes(': spliced to'));
}

test('the server of a long answer gets the client itself', (t) => {
  const target = '/a/600000/1';
  const ending = play({ targets: [target] });
  t.log(ending.prism.notes.join('\n'));
  t.is(ending.text, answerOf(target, true));
  t.true(isSpliced(ending));
  // PRISM-CTRL-04: not more than what was on its way before.
  t.true(ending.passedOctets < 80_000, `${ending.passedOctets} octets`);
  t.is(ending.prism.executions.length, 1);
  t.is(countRules(ending.prism), 0);
  t.deepEqual(
    ending.peer.notices.map(({ kind }) => kind),
    ['opened', 'sent-all', 'peer-finished', 'closed'],
  );
});

test('ends that agree on other options with the controller can be joined too', (t) => {
  const target = '/b/300000/1';
  const variants: readonly Partial<TcpSettings>[] = [
    { timestamps: false },
    { sack: false },
    { windowScale: undefined },
    { windowScale: 0 },
    { windowScale: 2, receiveOctets: 100_000 },
    { mss: 536 },
  ];
  for (const settings of variants) {
    const ending = play({ targets: [target], settings });
    t.is(ending.text, answerOf(target, true), JSON.stringify(settings));
    t.true(isSpliced(ending), JSON.stringify(settings));
  }
});

test('what is short, and what has another request behind it, is passed on', (t) => {
  const short = play({ targets: ['/a/900/1'] });
  t.false(isSpliced(short));
  t.is(short.text, answerOf('/a/900/1', true));
  // PRISM-PIPE-07: the server was asked to close, so that the second is never executed.
  const two = play({ targets: ['/a/60000/1', '/b/60000/2'] });
  t.false(isSpliced(two));
  t.is(two.text, answerOf('/a/60000/1', true));
  t.deepEqual(
    two.prism.executions.map(({ target }) => target),
    ['/a/60000/1'],
  );
});

test('PRISM-RST-01 a client that resets ends it all', (t) => {
  const ending = play({ targets: ['/a/900000/1'], resetsAt: 100_000 });
  t.true(isSpliced(ending));
  t.is(ending.prism.switchState.rules.entries.size, 0);
});

test('PRISM-CTRL-16 the server goes on when the controller dies', (t) => {
  const target = '/a/9000000/1';
  const ending = play({ targets: [target], controllerDiesMs: 45 });
  t.is(ending.text, answerOf(target, true));
});

/** A few, the same each time. */
const SEED = { seed: 12 };

function seldom<T>(what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: what });
}

const odds = fc.record({
  loss: fc.nat(5).map((percent) => percent / 100),
  duplication: fc.nat(5).map((percent) => percent / 100),
  jitterNs: fc.nat(300).map((us) => us * 1000),
});

/** What of `whole` is missing or wrong in `text`; undefined where nothing is. */
function wrongIn(text: string, whole: string, mayEndEarly: boolean): string | undefined {
  if (text === whole || (mayEndEarly && whole.startsWith(text))) return undefined;
  const right = Array.from(whole).findIndex((letter, index) => letter !== text[index]);
  return `${text.length} of ${whole.length} octets, ${right} of them right`;
}

test('PRISM-MIG-01 whatever is lost, late or doubled, each octet comes once', (t) => {
  let spliced = 0;
  const property = fc.property(
    fc.record({
      seed: fc.nat(0x7fffffff),
      size: fc.nat(400_000),
      odds,
      thinkMs: fc.nat(5),
      lock: fc.constantFrom('drop' as const, 'hold' as const),
      isPipelined: seldom(fc.constant(true)),
      controllerDiesMs: seldom(fc.nat(90)),
      resetsAt: seldom(fc.nat(400_000)),
    }),
    ({ size, isPipelined, resetsAt, ...scene }) => {
      const target = `/a/${size}/1`;
      const targets = isPipelined === true ? [target, '/b/2000/2'] : [target];
      const ending = play({ ...scene, targets, ...(resetsAt === undefined ? {} : { resetsAt }) });
      if (isSpliced(ending)) spliced += 1;
      const mayEndEarly = resetsAt !== undefined || scene.controllerDiesMs !== undefined;
      const wrong = wrongIn(ending.text, answerOf(target, true), mayEndEarly);
      t.is(wrong, undefined, ending.prism.notes.join('\n'));
      const executed = ending.prism.executions.map((each) => `${each.backend} ${each.target}`);
      t.deepEqual(executed, mayEndEarly ? executed.slice(0, 1) : [`b1 ${target}`]);
      t.is(countRules(ending.prism), 0);
    },
  );
  fc.assert(property, { ...SEED, ...runs(30) });
  t.log(`${spliced} were spliced`);
  t.true(spliced > 0);
});

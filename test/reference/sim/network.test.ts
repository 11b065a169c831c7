/** The network: same seed, same run; faults, order, crashes, limits. */
import test from 'ava';
import fc from 'fast-check';
import { listedFates, randomFates, severed } from '../../../reference/sim/network/fate.ts';
import type { Process, ProcessEffect } from '../../../reference/sim/network/process.ts';
import { createRandom, drawBelow, drawUint32 } from '../../../reference/sim/network/random.ts';
import { createTimeline, putDue, takeDue } from '../../../reference/sim/network/timeline.ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import {
  act,
  at,
  crash,
  createWorld,
  formatRunEnd,
  lay,
  open,
  run,
  start,
} from '../../../reference/sim/network/world.ts';
import { runs } from '../../runs.ts';
import { connected, does, must, octetsOf } from './bed.ts';

/** A process that notes when it gets which octet, and does what `answer` says. */
function recorder(answer: (octet: number) => readonly ProcessEffect[] = () => []) {
  const seen: string[] = [];
  const process: Process = {
    step: (event, nowNs) => {
      if (event.kind === 'tick') return [];
      const from = event.kind === 'frame' ? `port ${event.port}` : event.from;
      seen.push(`${nowNs} ${from} ${event.octets.join()}`);
      return answer(event.octets[0] ?? 0);
    },
    nextAtNs: () => undefined,
  };
  return { seen, process };
}

function message(to: string, ...octets: number[]): ProcessEffect {
  return { kind: 'message', to, octets: Uint8Array.from(octets) };
}

/** Two processes with a channel of 10 ns. */
function channel(seed = 1, observe?: (sighting: Sighting) => void) {
  const world = createWorld({ seed, ...(observe === undefined ? {} : { observe }) });
  const a = recorder();
  const b = recorder();
  start(world, 'a', a.process);
  start(world, 'b', b.process);
  const [there] = open(world, 'a', 'b', { delayNs: 10 });
  return { world, a, b, there };
}

test('SplitMix draws the numbers that its definition says', (t) => {
  // Worked out with unlimited integers in Python from the constants alone.
  const random = { state: 0 };
  t.deepEqual([drawUint32(random), drawUint32(random)], [0x6462_5032, 0xd9c0_799c]);
  t.true(Array.from({ length: 99 }, () => drawBelow(random, 3)).every((n) => n >= 0 && n < 3));
});

test('each purpose has a stream of its own', (t) => {
  const draw = (seed: number, purpose: string): number => drawUint32(createRandom(seed, purpose));
  t.is(draw(1, 'a'), draw(1, 'a'));
  t.is(new Set([draw(1, 'a'), draw(1, 'b'), draw(2, 'a'), draw(1, 'ab'), draw(1, 'ba')]).size, 5);
});

test('a timeline gives what is due in order of time, then of putting in', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
      const timeline = createTimeline<number>();
      times.forEach((time, index) => putDue(timeline, time, index));
      const taken = times.map(() => takeDue(timeline)?.what);
      const expected = times.map((_, index) => index);
      t.deepEqual(
        taken,
        expected.toSorted((x, y) => (times[x] ?? 0) - (times[y] ?? 0)),
      );
      t.is(takeDue(timeline), undefined);
    }),
    runs(500),
  );
});

test('fates of a list: in time, lost, twice, behind the next', (t) => {
  const { world, b, there } = channel();
  there.fates = listedFates([[0], [], [0, 7], [100], [0]]);
  act(world, 'a', () => [1, 2, 3, 4, 5].map((octet) => message('b', octet)));
  t.deepEqual(run(world), { kind: 'idle' });
  t.deepEqual(b.seen, ['10 a 1', '10 a 3', '10 a 5', '17 a 3', '110 a 4']);
});

test('random fates come as often as the odds say', (t) => {
  const odds = { loss: 0.2, duplication: 0.1, jitterNs: 50 };
  const fates = randomFates(createRandom(3, 'link'), odds);
  const drawn = Array.from({ length: 20_000 }, fates);
  const share = (copies: number): number =>
    drawn.filter((fate) => fate.length === copies).length / drawn.length;
  t.true(Math.abs(share(0) - 0.2) < 0.01);
  t.true(Math.abs(share(2) - 0.08) < 0.01);
  t.true(drawn.flat().every((late) => late >= 0 && late <= 50));
  t.is(new Set(drawn.flat()).size, 51);
});

test('what is crashed gets nothing and does nothing, until it is started again', (t) => {
  const { world, b } = channel();
  const again = recorder();
  const say = (octet: number) => (): void => act(world, 'a', () => [message('b', octet)]);
  at(world, 0, say(1));
  at(world, 5, () => crash(world, 'b'));
  at(world, 6, () => act(world, 'b', () => [message('a', 9)]));
  at(world, 20, say(2));
  at(world, 29, () => start(world, 'b', again.process));
  at(world, 20, say(3));
  run(world);
  t.deepEqual([b.seen, again.seen], [[], ['30 a 2', '30 a 3']]);
});

test('a crash ends a process in the middle of its timers', (t) => {
  const { world, client, server } = connected();
  does(world, server, { kind: 'write', id: server.id, octets: octetsOf(10) });
  crash(world, 'server');
  const before = world.nowNs;
  t.deepEqual(run(world), { kind: 'idle' });
  t.true(world.nowNs - before < 1e9, 'nothing is sent again');
  t.is(client.chunks.length, 1, 'what was on its way arrives');
});

test('a process in whose place another is started does nothing any more', (t) => {
  const world = createWorld({ seed: 1 });
  const ticks: string[] = [];
  const ticking = (name: string): Process => {
    let nextNs = world.nowNs + 10;
    return {
      step: (_event, nowNs) => {
        ticks.push(`${name} ${nowNs}`);
        nextNs += 10;
        return [];
      },
      nextAtNs: () => nextNs,
    };
  };
  start(world, 'a', ticking('first'));
  at(world, 15, () => start(world, 'a', ticking('second')));
  run(world, () => world.nowNs >= 36);
  t.deepEqual(ticks, ['first 10', 'second 25', 'second 35', 'second 45']);
});

test('a tick that is no longer asked for does not come', (t) => {
  const world = createWorld({ seed: 1 });
  const ticks: number[] = [];
  let nextNs: number | undefined = 100;
  start(world, 'a', {
    step: (event, nowNs) => {
      if (event.kind === 'tick') ticks.push(nowNs);
      nextNs = event.kind === 'tick' ? nowNs + 70 : 50;
      return [];
    },
    nextAtNs: () => (nextNs === undefined || nextNs > 300 ? undefined : nextNs),
  });
  act(world, 'a', () => {
    nextNs = 50;
    return [];
  });
  run(world);
  t.deepEqual(ticks, [50, 120, 190, 260]);
  t.is(world.events, 5, 'those, and the void one of 100 ns');
});

test('a run that does not end stops at a limit and names it with the seed', (t) => {
  const forever = (limits: { events: number; virtualNs: number }) => {
    const world = createWorld({ seed: 42, limits });
    start(world, 'a', recorder((octet) => [message('b', octet)]).process);
    start(world, 'b', recorder((octet) => [message('a', octet)]).process);
    open(world, 'a', 'b', { delayNs: 1000 });
    act(world, 'a', () => [message('b', 1)]);
    return run(world);
  };
  const events = forever({ events: 50, virtualNs: 1e9 });
  t.deepEqual(events, { kind: 'exhausted', limit: 'events', seed: 42, events: 50, nowNs: 50_000 });
  const time = forever({ events: 5000, virtualNs: 20_000 });
  t.like(time, { kind: 'exhausted', limit: 'virtualNs', events: 20 });
  t.is(formatRunEnd(events), 'no end before the limit of events: seed 42, 50 events, 0.00005 s');
});

test('a frame at a port without a cable is lost; a message needs a channel', (t) => {
  const world = createWorld({ seed: 1 });
  start(world, 'a', recorder().process);
  const frame: ProcessEffect = { kind: 'frame', port: 3, octets: octetsOf(60) };
  act(world, 'a', () => [frame]);
  t.deepEqual(run(world), { kind: 'idle' });
  t.throws(() => act(world, 'a', () => [message('b', 1)]), { message: /no channel from a to b/ });
  t.throws(() => crash(world, 'b'), { message: /no process b/ });
});

test('frames go from port to port, and an observer sees them sent, lost and arrived', (t) => {
  const sightings: string[] = [];
  const world = createWorld({
    seed: 1,
    observe: ({ atNs, what, from, to, port }) => {
      sightings.push(`${atNs} ${what} ${from} ${to} ${port}`);
    },
  });
  const b = recorder();
  start(world, 'a', recorder().process);
  start(world, 'b', b.process);
  const [there] = lay(world, { name: 'a', port: 1 }, { name: 'b', port: 2 }, { delayNs: 5 });
  const frame: ProcessEffect = { kind: 'frame', port: 1, octets: Uint8Array.of(7) };
  act(world, 'a', () => [frame]);
  run(world);
  there.fates = severed;
  act(world, 'a', () => [frame]);
  run(world);
  t.deepEqual(b.seen, ['5 port 2 7']);
  t.deepEqual(sightings, ['0 sent a b 2', '5 arrived a b 2', '5 sent a b 2', '5 lost a b 2']);
});

test('the same seed gives the same run, another seed another', (t) => {
  const trace = (seed: number): string => {
    const lines: string[] = [];
    const { world, client } = connected({
      seed,
      odds: { loss: 0.1, duplication: 0.1, jitterNs: 300_000 },
      observe: ({ atNs, what, octets }) => lines.push(`${atNs} ${what} ${octets.join()}`),
    });
    does(world, client, { kind: 'write', id: client.id, octets: octetsOf(30_000) });
    must(run(world));
    return lines.join('\n');
  };
  t.is(trace(5), trace(5));
  t.not(trace(5), trace(6));
});

/** The doctor on server switches: each look on what has its fault, and what cannot be looked at. */
import test from 'ava';
import { examineBalancer } from '../../../conformance/cli/commands/doctor.ts';
import {
  BALANCER_CHECKS,
  visitBy,
  type BalancerVisits,
} from '../../../conformance/cli/doctor/balancer-checks.ts';
import type { BalancerObservation, CapturedFrame } from '../../../conformance/driver/balancer.ts';
import { DriverFault } from '../../../conformance/driver/device.ts';
import { openBalancerSim } from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import { prismspecHere as prismspec } from './here.ts';

const NAMES = BALANCER_CHECKS.map(({ name }) => name);
const [BUSY, SETUP, ANSWER, LOG, PLACES, FRAMES, TIMES, REPEAT] = NAMES;

type Spoil = (seen: BalancerObservation) => BalancerObservation;

/** What the reference shows by NAT; `spoil` changes what came of the second visit. */
async function visits(
  spoil: Spoil = (seen) => seen,
  clock: 'virtual' | 'real' = 'virtual',
): Promise<BalancerVisits> {
  const sim = openBalancerSim();
  const first = await sim.play(visitBy('nat'));
  const second = spoil(await sim.play(visitBy('nat')));
  return { hello: { clock }, visits: [{ mode: 'nat', first, second }] };
}

/** The looks that find something wrong, by their names, with what they say. */
function wrongIn(told: BalancerVisits): ReadonlyMap<string, string> {
  return new Map(
    BALANCER_CHECKS.flatMap(({ name, judge }) => {
      const finding = judge(told);
      if (finding.kind !== 'wrong') return [];
      return [[name, `${finding.told}: ${finding.todo}`] as const];
    }),
  );
}

/** The same, and every frame as `change` makes it. */
function framesAs(change: (frame: CapturedFrame, nth: number) => CapturedFrame): Spoil {
  return (seen) => ({ ...seen, frames: seen.frames.map(change) });
}

const isData = ({ octets }: CapturedFrame): boolean => octets.length > 1000;

for (const [what, name, spoil, told] of [
  [
    'a machine that is too busy',
    BUSY,
    (seen) => ({ ...seen, lateMs: 700 }),
    /^nat: it was kept from working for 700 ms: /u,
  ],
  [
    'a setup that is refused',
    SETUP,
    (seen) => ({ ...seen, setups: ['no such address'] }),
    /it is refused: no such address: /u,
  ],
  [
    'an answer that is cut',
    ANSWER,
    (seen) => ({
      ...seen,
      visitors: seen.visitors.map((all) =>
        all.map((each) => ({ ...each, received: each.received.subarray(0, 100) })),
      ),
    }),
    /^nat: .*let s1 serve the site/u,
  ],
  [
    'a client that is left open',
    ANSWER,
    (seen) => ({
      ...seen,
      visitors: seen.visitors.map((all) => all.map((each) => ({ ...each, end: 'open' as const }))),
    }),
    /it is open: /u,
  ],
  [
    'a server that says things twice',
    LOG,
    (seen) => ({ ...seen, served: [...seen.served, ...seen.served] }),
    /s1 GET \/a\/3000, s1 GET \/a\/3000: /u,
  ],
  [
    'a capture of one direction',
    PLACES,
    (seen) => ({
      ...seen,
      frames: seen.frames.filter((each) => each.host !== 's1' || each.direction === 'received'),
    }),
    /no frame is seen sent by s1: /u,
  ],
  [
    'a capture that cuts frames',
    FRAMES,
    framesAs((frame) => ({ ...frame, octets: frame.octets.subarray(0, 500) })),
    /a frame \w+ by [\w ]+ after [\d.]+ ms has 500 octets of 1\d+: /u,
  ],
  [
    'a network interface that sums for its host',
    FRAMES,
    framesAs((frame) =>
      isData(frame)
        ? { ...frame, octets: frame.octets.with(50, (frame.octets[50] ?? 0) ^ 0xff) }
        : frame,
    ),
    /a frame \w+ by [\w ]+ after [\d.]+ ms has a wrong tcp checksum: /u,
  ],
  [
    'a clock that goes back',
    TIMES,
    framesAs((frame, nth) => (nth === 0 ? { ...frame, atMs: 5 } : frame)),
    /comes behind one after 5 ms: /u,
  ],
  [
    'a clock of its own',
    TIMES,
    framesAs((frame) => ({ ...frame, atMs: frame.atMs + 1e6 })),
    /and the end is \d+/u,
  ],
] satisfies readonly (readonly [string, string | undefined, Spoil, RegExp])[]) {
  test(`${what} is seen, and what to do is said`, async (t) => {
    const found = wrongIn(await visits(spoil));
    t.regex(found.get(name ?? '') ?? '', told);
  });
}

test('a frame earlier or later is another story in virtual time, and none in real time', async (t) => {
  const spoil: Spoil = (seen) => ({ ...seen, endMs: seen.endMs + 1 });
  t.deepEqual([...wrongIn(await visits(spoil)).keys()], [REPEAT]);
  t.deepEqual([...wrongIn(await visits(spoil, 'real')).keys()], []);
  const other: Spoil = (seen) => ({ ...seen, served: [] });
  t.true(wrongIn(await visits(other, 'real')).has(REPEAT ?? ''));
});

for (const [target, ways] of [
  ['balancer-sim', 'nat, dsr, ipip'],
  ['url-switch-sim', 'http'],
] as const) {
  test.serial(`${target} is well in all respects: exit 0`, async (t) => {
    const { exit, stdout } = await prismspec(['doctor', '--target', target]);
    t.is(exit, 0, stdout);
    for (const name of NAMES) t.true(stdout.includes(`  ok   ${name}\n`), name);
    t.true(stdout.includes(`ways to servers: ${ways}; claims `), stdout);
    t.false(/FAIL|n\/a/u.test(stdout));
  });
}

test.serial('a switch that does not start, or claims no way to servers, is told so', async (t) => {
  const balancer = openBalancerSim();
  const hello = await balancer.hello();
  const play = async (): Promise<never> => {
    throw new DriverFault('start', 'its program has ended');
  };
  t.false(await examineBalancer({ balancer: { ...balancer, play }, hello }));
  t.false(await examineBalancer({ balancer, hello: { ...hello, capabilities: ['ACL'] } }));
  t.true(await examineBalancer({ balancer, hello: { ...hello, capabilities: ['NAT'] } }));
});

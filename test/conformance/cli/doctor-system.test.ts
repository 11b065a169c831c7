/** The doctor on whole Prisms: each look on what has its fault, and what a machine lacks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import {
  SYSTEM_CHECKS,
  visit,
  type Visits,
} from '../../../conformance/cli/doctor/system-checks.ts';
import { DriverFault } from '../../../conformance/driver/device.ts';
import type { Observation, Story } from '../../../conformance/driver/system.ts';
import { openSim } from '../../../conformance/drivers/sim/sim.ts';
import { examineSystem } from '../../../conformance/cli/commands/doctor.ts';
import { leaveOut } from '../../oracle.ts';
import { prismspecHere as prismspec } from './here.ts';

const NAMES = SYSTEM_CHECKS.map(({ name }) => name);
const [BUSY, ANSWER, LOG, TAPS, MESSAGES, RULES, REPEAT] = NAMES;

/** What a Prism shows in the visits; `spoil` changes what came of the second. */
async function visits(
  spoil: (seen: Observation) => Observation = (seen) => seen,
  clock: 'virtual' | 'real' = 'virtual',
): Promise<Visits> {
  const sim = openSim();
  const seen = async (lock: Story['lock']): Promise<Observation> => sim.play(visit(lock));
  return {
    hello: { clock },
    first: await seen('drop'),
    second: spoil(await seen('drop')),
    held: await seen('hold'),
  };
}

/** The looks that find something wrong, by their names, with what they say. */
function wrongIn(told: Visits): ReadonlyMap<string, string> {
  return new Map(
    SYSTEM_CHECKS.flatMap(({ name, judge }) => {
      const finding = judge(told);
      if (finding.kind !== 'wrong') return [];
      return [[name, `${finding.told}: ${finding.todo}`] as const];
    }),
  );
}

for (const [what, name, spoil, told] of [
  [
    'a machine that is too busy',
    BUSY,
    (seen) => ({ ...seen, lateMs: 700 }),
    /kept from working for 700 ms: .*inconclusive\(late\)/u,
  ],
  [
    'an answer that is cut',
    ANSWER,
    (seen) => ({
      ...seen,
      clients: seen.clients.map((all) =>
        all.map((each) => ({ ...each, received: each.received.subarray(0, 100) })),
      ),
    }),
    /the client has 100 octets/u,
  ],
  [
    'a client that is left open',
    ANSWER,
    (seen) => ({
      ...seen,
      clients: seen.clients.map((all) => all.map((each) => ({ ...each, end: 'open' as const }))),
    }),
    /it is open/u,
  ],
  [
    'a server that says things twice',
    LOG,
    (seen) => ({ ...seen, executions: [...seen.executions, ...seen.executions] }),
    /b1 GET \/a\/3000, b1 GET \/a\/3000/u,
  ],
  [
    'a tap that sees one direction',
    TAPS,
    (seen) => ({
      ...seen,
      frames: seen.frames.filter((each) => each.tap !== 'backend' || each.direction === 'out'),
    }),
    /no frame is seen in at the backend: /u,
  ],
  [
    'a channel around the relay',
    MESSAGES,
    (seen) => ({
      ...seen,
      messages: seen.messages.filter(
        ({ message, what: how }) => message !== 'commit' || how === 'sent',
      ),
    }),
    /not seen: commit arrived: /u,
  ],
  ['a rule that stays', RULES, (seen) => ({ ...seen, rules: 2 }), /2 rules are left/u],
] satisfies readonly (readonly [
  string,
  string | undefined,
  (seen: Observation) => Observation,
  RegExp,
])[]) {
  test(`${what} is seen, and what to do is said`, async (t) => {
    const found = wrongIn(await visits(spoil));
    t.regex(found.get(name ?? '') ?? '', told);
  });
}

test('one octet that differs is seen in virtual time, and a later end is none in real time', async (t) => {
  const spoil = (seen: Observation): Observation => {
    const [first, ...rest] = seen.frames;
    if (first === undefined) throw new Error('there is no frame');
    const octets = first.octets.with(20, (first.octets[20] ?? 0) ^ 1);
    return { ...seen, frames: [{ ...first, octets }, ...rest] };
  };
  t.deepEqual([...wrongIn(await visits(spoil)).keys()], [REPEAT]);
  t.deepEqual([...wrongIn(await visits(spoil, 'real')).keys()], []);
  const other = (seen: Observation): Observation => ({ ...seen, executions: [] });
  t.true(wrongIn(await visits(other, 'real')).has(REPEAT ?? ''));
});

test.serial('the sim is well in all respects: exit 0', async (t) => {
  const { exit, stdout } = await prismspec(['doctor', '--target', 'sim']);
  t.is(exit, 0, stdout);
  for (const name of NAMES) t.true(stdout.includes(`  ok   ${name}\n`), name);
  t.false(/FAIL|n\/a/u.test(stdout));
});

test.serial('a Prism that does not start is told so', async (t) => {
  const sim = openSim();
  const play = async (): Promise<never> => {
    throw new DriverFault('start', 'an agent is not there');
  };
  t.false(await examineSystem({ system: { ...sim, play }, hello: await sim.hello() }));
});

test.serial('what a machine lacks is said with what to do, and nothing is started', async (t) => {
  const { getuid } = process;
  if (getuid === undefined) return leaveOut(t, 'needs users with numbers');
  const empty = mkdtempSync(`${tmpdir()}/prismspec-path-`);
  const { PATH } = process.env;
  process.env['PATH'] = empty;
  process.getuid = () => 1000;
  try {
    const { exit, stdout } = await prismspec(['doctor', '--target', 'lab']);
    t.is(exit, 69);
    if (process.platform === 'linux') t.regex(stdout, /need root\n +run it with sudo\n/u);
    for (const [program, packaged] of [
      ['ip', 'iproute2'],
      ['ethtool', 'ethtool'],
      ['curl', 'curl'],
    ]) {
      const told = `FAIL this machine: the program ${program} is not there\n`;
      t.true(stdout.includes(told), stdout);
      t.true(stdout.includes(`install it: the Debian package is ${packaged}\n`));
    }
    t.false(stdout.includes('ok'));
  } finally {
    process.env['PATH'] = PATH;
    process.getuid = getuid;
    rmSync(empty, { recursive: true });
  }
  return undefined;
});

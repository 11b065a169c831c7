/** Parts of the real Prism are killed at random moments of a download of 200 MB. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import fc from 'fast-check';
import { expected, type Answer, type Client } from '../../reference/host/laboratory/client.ts';
import { until, type Laboratory, type Part } from '../../reference/host/laboratory/laboratory.ts';
import type { PrismBedOptions } from './prism-bed.ts';
import { runs } from '../runs.ts';
import { connect, fetchAll, prism, rulesGone } from './prism-session.ts';

const OCTETS = 200_000_000;
const PATH = `/a/${OCTETS}`;
const WHOLE = expected('b1', PATH);
/** Of each part, and times `PRISMSPEC_RUNS`. */
const MOMENTS = 3;
/** How long a client may be left without an end when its owner or its switch has died. */
const END_MAX_MS = 10_000;
const WHOLE_MAX_MS = 60_000;
const LIMIT_MS = 300_000;
/** Five seconds before somebody is given up who is alive: a busy machine is slow. */
const PATIENT = { controller: { triesMax: 100 }, agent: { triesMax: 100 } } as const;
/** Of the controller's timeline, when something is not as it should be. */
const TIMELINE_LINES = 40;

/** How a download went: its answer, or what made it end. */
type Ending = { readonly answer: Answer } | { readonly error: Error };

interface Download {
  readonly client: Client;
  ending: Ending | undefined;
}

function download(t: ExecutionContext, bed: Laboratory): Download {
  const one: Download = { client: connect(t, bed), ending: undefined };
  one.client.ask(PATH);
  one.client.answer().then(
    (answer) => (one.ending = { answer }),
    (error: unknown) => {
      one.ending = { error: error instanceof Error ? error : new Error(String(error)) };
    },
  );
  return one;
}

/** Ends the part at once when the client has got so many octets, or all. */
async function killAfter(bed: Laboratory, part: Part, one: Download, octets: number) {
  const isTime = (): boolean => one.client.received >= octets || one.ending !== undefined;
  await until(isTime, WHOLE_MAX_MS, () => `only ${one.client.received} of ${octets} octets`, 1);
  const child = bed.process(part);
  child.kill('SIGKILL');
  await until(
    () => child.signalCode !== null,
    END_MAX_MS,
    () => `${part} lives`,
    1,
  );
}

async function ended(one: Download, withinMs: number): Promise<Ending> {
  const { client } = one;
  await until(
    () => one.ending !== undefined,
    withinMs,
    () => `no end ${withinMs} ms after ${client.received} octets`,
  );
  return one.ending ?? { error: new Error('no end') };
}

/** Whatever came of the response is the beginning of the right one. */
function expectPrefix(t: ExecutionContext, { client, ending }: Download): void {
  if (ending !== undefined && 'answer' in ending) t.deepEqual(ending.answer, WHOLE);
  const begun = client.begun();
  if (begun?.backend === 'b1') t.deepEqual(begun, expected('b1', PATH, begun.octets));
}

async function leave({ socket }: Client, bed: Laboratory): Promise<void> {
  socket.end();
  await rulesGone(bed, END_MAX_MS);
}

/** Does `each` in one laboratory for a few moments, from octet `first` on; a seed replays them. */
function atMoments(
  title: string,
  options: PrismBedOptions,
  first: number,
  each: (t: ExecutionContext, bed: Laboratory, octets: number) => Promise<void>,
): void {
  test.serial(title, async (t) => {
    const bed = await prism(t, { ...options, ...PATIENT });
    if (bed === undefined) return;
    t.timeout(LIMIT_MS);
    const { numRuns = 1, seed = Date.now() % 2 ** 31 } = runs(MOMENTS);
    const anyOctets = fc.noBias(fc.integer({ min: first, max: OCTETS }));
    const chosen = fc.sample(anyOctets, { numRuns, seed });
    t.log(`PRISMSPEC_SEED=${seed}: killed after ${chosen.join(', ')} octets`);
    try {
      for (const octets of chosen) {
        const startMs = performance.now();
        await each(t, bed, octets);
        t.log(`${octets}: ${Math.round(performance.now() - startMs)} ms`);
      }
    } finally {
      if (!t.passed) t.log(bed.linesOf('controller').slice(-TIMELINE_LINES).join('\n'));
    }
  });
}

atMoments('PRISM-CTRL-16 a download outlives its controller', {}, 1, async (t, bed, octets) => {
  const one = download(t, bed);
  await killAfter(bed, 'controller', one, octets);
  const [ending] = await Promise.all([ended(one, WHOLE_MAX_MS), bed.start('controller')]);
  t.deepEqual(ending, { answer: WHOLE });
  await bed.agentsPresent();
  await fetchAll(t, one.client, ['/b/1000', '/a/1000']);
  await leave(one.client, bed);
});

atMoments(
  'PRISM-CTRL-17 a download ends with its backend',
  { family: 6 },
  0,
  async (t, bed, octets) => {
    const one = download(t, bed);
    await killAfter(bed, 'b1', one, octets);
    await ended(one, END_MAX_MS);
    expectPrefix(t, one);
    await leave(one.client, bed);
    const client = connect(t, bed);
    await fetchAll(t, client, ['/b/1000']);
    await bed.start('b1');
    await bed.agentsPresent();
    await fetchAll(t, client, ['/a/1000', '/b/1000']);
    await leave(client, bed);
  },
);

atMoments(
  'a download ends with the packet rings that carried it',
  { switch: 'ring' },
  0,
  async (t, bed, octets) => {
    const one = download(t, bed);
    await killAfter(bed, 'switch', one, octets);
    await bed.start('switch');
    t.deepEqual(await bed.rules(), []);
    // A client that only waits is told nothing; what it says next is answered.
    one.client.ask('/b/1000');
    await ended(one, WHOLE_MAX_MS);
    expectPrefix(t, one);
    await leave(one.client, bed);
    const next = connect(t, bed);
    await fetchAll(t, next, ['/a/1000', '/b/1000']);
    await leave(next, bed);
  },
);

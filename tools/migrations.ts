/**
 * Connections of the kernel that migrate again and again, each octet of each answer compared.
 *
 *     node --import ./tools/register.mjs tools/migrations.ts [--migrations 100000] [--clients 20]
 *         [--switch bpf|ring] [--family 4|6] [--seed 1]
 *
 * Each client has one connection and asks, a few requests at a time, for objects of two backends in
 * turn. Says how many migrations there were, and ends with 1 at the first wrong octet, wrong backend
 * or connection that ended. Needs root.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { connectClient, expected, type Answer } from '../reference/host/laboratory/client.ts';
import { raiseLaboratory, type Laboratory } from '../reference/host/laboratory/laboratory.ts';
import { SWITCH_KINDS } from '../reference/host/prism/plan.ts';

/** Octets of the objects: none, one segment, some, more than the first window. */
const SIZES = [0, 1, 1000, 1448, 5000, 20_000];
const TOGETHER_MAX = 6;
const REPORT_MS = 10_000;

/** A machine that is slow is no error here: nobody is given up before 20 seconds. */
const PATIENT = { retryMs: 200, triesMax: 100 } as const;

const { values } = parseArgs({
  options: {
    migrations: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '20' },
    switch: { type: 'string', default: 'bpf' },
    family: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = Number(values.migrations);

const right = new Map(
  SIZES.flatMap((size) => [
    [`/a/${size}`, expected('b1', `/a/${size}`)],
    [`/b/${size}`, expected('b2', `/b/${size}`)],
  ]),
);

/** Requests of one client, for b1 and b2 in turn; which, the seed says. */
function* batches(client: number): Generator<readonly string[]> {
  const sizes = fc.array(fc.constantFrom(...SIZES), { minLength: 1, maxLength: TOGETHER_MAX });
  let turn = client;
  for (let round = 0; ; round += 1) {
    const seed = Number(values.seed) * 1_000_003 + client * 10_007 + round;
    const [chosen = []] = fc.sample(sizes, { numRuns: 1, seed });
    yield chosen.map((size) => `${(turn += 1) % 2 === 0 ? '/a' : '/b'}/${size}`);
  }
}

/** Asks until it is over; answers how many answers were right, all of them. */
async function run(laboratory: Laboratory, number: number, isOver: () => boolean): Promise<number> {
  const client = connectClient(laboratory);
  let count = 0;
  for (const paths of batches(number)) {
    if (isOver()) break;
    client.ask(...paths);
    for (const path of paths) {
      const answer = await client.answer();
      if (!isRight(answer, right.get(path))) {
        throw new Error(`client ${number}, GET ${path}: ${JSON.stringify(answer)}`);
      }
      count += 1;
    }
  }
  client.socket.end();
  return count;
}

function isRight({ backend, octets, sha256 }: Answer, wish: Answer | undefined): boolean {
  return backend === wish?.backend && octets === wish.octets && sha256 === wish.sha256;
}

const laboratory = await raiseLaboratory({
  name: 'migrations',
  switch: SWITCH_KINDS.find((kind) => kind === values.switch) ?? 'bpf',
  family: values.family === '6' ? 6 : 4,
  controller: { ...PATIENT, missedMax: 100 },
  agent: { ...PATIENT, commitMs: 20_000 },
});
let done = 0;
const startMs = performance.now();
const said = setInterval(() => {
  laboratory.metrics().then(
    ({ migrations }) => {
      done = migrations['handed-off'] ?? 0;
      const seconds = (performance.now() - startMs) / 1000;
      console.log(`  ${done} migrations, ${Math.round(done / seconds)} a second`);
    },
    // A controller that is too busy says it the next time.
    () => {},
  );
}, REPORT_MS);
try {
  const numbers = Array.from({ length: Number(values.clients) }, (_, at) => at);
  const counts = await Promise.all(
    numbers.map((number) => run(laboratory, number, () => done >= wanted)),
  );
  const { migrations } = await laboratory.metrics();
  const answers = counts.reduce((sum, count) => sum + count, 0);
  console.log(`${answers} answers, every octet right; migrations: ${JSON.stringify(migrations)}`);
} catch (error) {
  console.log(`not right: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  clearInterval(said);
  laboratory.down();
}

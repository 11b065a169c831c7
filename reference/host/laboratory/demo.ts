/**
 * What a Prism does, shown on a laboratory: each sentence that is printed was seen to be true.
 *
 * Throws Error that says what was not.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient, expected } from './client.ts';
import { runAt, until, type Laboratory } from './laboratory.ts';
import { createRuleReader, type RuleReader } from './rules.ts';
import { answerByPlainServer } from './splice-demo.ts';
import { count, say, throughController, type DemoOutput, type Stage } from './stage.ts';

const DOWNLOAD_OCTETS = 200_000_000;
const FETCHED_OCTETS = 60_000;
const PIPELINED = 8;
const REFRESH_MS = 200;
const RULE_GONE_MAX_MS = 5000;
const DOWNLOAD_MAX_MS = 60_000;

/**
 * Shows it all, on a laboratory that has what is `SHOWN`; a great download is of `downloadOctets`,
 * which a slow switch has to bring through within a minute.
 */
export async function showDemo(
  laboratory: Laboratory,
  output: DemoOutput,
  downloadOctets: number = DOWNLOAD_OCTETS,
): Promise<void> {
  const rules = createRuleReader(laboratory.plan);
  const stage = { laboratory, rules, output, downloadOctets };
  try {
    await fetchFromTwo(stage);
    await download(stage);
    await pipeline(stage);
    await resetInTheMiddle(stage);
    await answerByPlainServer(stage);
    await sayLatency(stage);
  } finally {
    rules.close();
  }
}

async function fetchFromTwo(stage: Stage): Promise<void> {
  say(stage, '1  curl fetches from two backends on one connection');
  const paths = ['/a', '/b', '/a'].map((prefix) => `${prefix}/${FETCHED_OCTETS}`);
  const line = '%{http_code} %{size_download} %header{x-backend} %{num_connects}\\n';
  const words = ['curl', '-sS', '-m', '20', '-w', line];
  const said = await runAt(stage.laboratory, 'c1', [
    ...words,
    ...paths.flatMap((path) => ['-o', '/dev/null', `${stage.laboratory.site}${path}`]),
  ]);
  const rows = said.trim().split('\n');
  for (const [index, path] of paths.entries()) {
    const [status, octets, backend, connects] = (rows[index] ?? '').split(' ');
    const wanted = path.startsWith('/a') ? 'b1' : 'b2';
    const isRight = status === '200' && Number(octets) === FETCHED_OCTETS && backend === wanted;
    if (!isRight || connects !== (index === 0 ? '1' : '0')) {
      throw new Error(`GET ${path}: 200 from ${wanted} on one connection, not ${rows[index]}`);
    }
    const where = index === 0 ? 'a new connection' : 'the same connection';
    say(stage, `     GET ${path}   ${status}  ${octets} octets from ${backend}, ${where}`);
  }
}

/** Octets of all connections through the switch, both ways. */
async function throughSwitch(rules: RuleReader): Promise<number> {
  const listed = await rules.read();
  return listed.reduce((sum, { fromClient, fromOwner }) => {
    return sum + fromClient.octets + fromOwner.octets;
  }, 0);
}

async function download(stage: Stage): Promise<void> {
  const { laboratory, rules, output, downloadOctets } = stage;
  say(stage, `2  a download of ${downloadOctets.toLocaleString('en-US')} octets`);
  const before = throughController(await laboratory.metrics());
  const client = connectClient(laboratory);
  const started = performance.now();
  const path = `/a/${downloadOctets}`;
  client.ask(path);
  const whole = within(client.answer(), DOWNLOAD_MAX_MS, `GET ${path}`);
  let most = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, await throughSwitch(rules));
    if (output.isTTY === true) output.write(`\r     through the switch     ${count(most)} octets`);
  };
  await lookUntil(whole, look);
  const answer = await whole;
  if (output.isTTY === true) output.write('\r\u{1b}[K');
  if (answer.sha256 !== expected('b1', path).sha256) throw new Error(`GET ${path}: wrong octets`);
  const seconds = (performance.now() - started) / 1000;
  most = Math.max(most, await throughSwitch(rules));
  const controller = throughController(await laboratory.metrics()) - before;
  client.socket.destroy();
  say(stage, `     through the controller ${count(controller)} octets`);
  say(stage, `     through the switch     ${count(most)} octets`);
  const rate = (downloadOctets * 8) / seconds / 1e9;
  say(stage, `     ${seconds.toFixed(1)} s, ${rate.toFixed(2)} Gbit/s, every octet right`);
}

/** Looks again and again until `whole` is there, or will never be. */
async function lookUntil(whole: Promise<unknown>, look: () => Promise<void>): Promise<void> {
  const over = whole.then(
    () => true,
    () => true,
  );
  for (;;) {
    await look();
    if (await Promise.race([over, sleep(REFRESH_MS, false)])) return;
  }
}

async function pipeline(stage: Stage): Promise<void> {
  say(stage, `3  ${PIPELINED} requests in one segment, for b1 and b2 in turn`);
  const client = connectClient(stage.laboratory);
  const paths = Array.from({ length: PIPELINED }, (_, index) => {
    return `${index % 2 === 0 ? '/a' : '/b'}/${1000 + index}`;
  });
  client.ask(...paths);
  for (const path of paths) {
    const wanted = expected(path.startsWith('/a') ? 'b1' : 'b2', path);
    const answer = await within(client.answer(), DOWNLOAD_MAX_MS, `GET ${path}`);
    if (answer.backend !== wanted.backend || answer.sha256 !== wanted.sha256) {
      throw new Error(`GET ${path}: ${wanted.backend} was to answer, ${answer.backend} did`);
    }
  }
  client.socket.destroy();
  say(stage, '     answered in their order, every octet right');
}

async function resetInTheMiddle(stage: Stage): Promise<void> {
  const { laboratory, rules, downloadOctets } = stage;
  say(stage, '4  a client that resets in the middle of a download');
  const client = connectClient(laboratory);
  client.ask(`/b/${downloadOctets}`);
  const hasBegun = (): boolean => client.received >= FETCHED_OCTETS;
  await until(hasBegun, DOWNLOAD_MAX_MS, () => 'no response has begun', 1);
  const port = client.socket.localPort;
  client.socket.resetAndDestroy();
  const started = performance.now();
  const isGone = async (): Promise<boolean> => {
    const listed = await rules.read();
    return listed.every(({ rule }) => rule.key.client.port !== port);
  };
  await until(isGone, RULE_GONE_MAX_MS, () => 'its rule is still there', 1);
  say(stage, `     its rule was gone after ${(performance.now() - started).toFixed(0)} ms`);
}

async function sayLatency(stage: Stage): Promise<void> {
  const { handOff, steps, migrations } = await stage.laboratory.metrics();
  const parts = Object.entries(steps).map(([step, { p50 }]) => `${step} ${p50.toFixed(2)}`);
  say(stage, `6  ${handOff.count} hand-offs, ${migrations['failed'] ?? 0} failed`);
  say(stage, `     p50 ${handOff.p50.toFixed(2)} ms, p99 ${handOff.p99.toFixed(2)} ms`);
  say(stage, `     of the p50s: ${parts.join(', ')}`);
}

async function within<T>(promise: Promise<T>, maxMs: number, what: string): Promise<T> {
  const late = new AbortController();
  const limit = sleep(maxMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} was not answered within ${maxMs / 1000} s`);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    late.abort();
    limit.catch(() => undefined);
  }
}

/** Real nginx, on whose machine nothing of a Prism is, answers clients by itself: TCP splicing. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runAt, type Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import type { LaboratoryOptions } from '../../reference/host/laboratory/site.ts';
import { oracle } from '../oracle.ts';
import { isKernelOurs, until } from './bed.ts';
import { isBpfOurs } from './bpf-bed.ts';
import { established, raiseSpliceBed, retransmitted, rulesGone } from './splice-bed.ts';

/** Responses that are shorter are passed on. */
const SPLICED_FROM = 50_000;
const SITE = 'http://10.0.0.1';
const RULE_MAX_MS = 20_000;

const beds: Laboratory[] = [];
test.after.always(() => beds.forEach((bed) => bed.down()));

async function raise(
  t: ExecutionContext,
  options: Partial<LaboratoryOptions>,
): Promise<Laboratory | undefined> {
  const isAble = isBpfOurs(t) && isKernelOurs(t) && ['nginx', 'curl'].every((it) => oracle(t, it));
  if (!isAble) return undefined;
  t.timeout(90_000);
  const controller = {
    handOffFromOctets: SPLICED_FROM,
    unknownOctets: 1_000_000,
    silentBeatsMax: 15,
  };
  const bed = await raiseSpliceBed(`splice${beds.length}`, { ...options, controller });
  beds.push(bed);
  return bed;
}

let slow: Laboratory | undefined;

/** One for several tests, on which 20 MB take 2 seconds. */
async function raiseSlow(t: ExecutionContext): Promise<Laboratory | undefined> {
  slow ??= await raise(t, {
    clientBucket: { rate: '80mbit', burstOctets: 100_000, latencyMs: 50 },
  });
  return slow;
}

/** Puts a file of random octets at the servers; answers their SHA-256 in hexadecimal. */
function put(bed: Laboratory, name: string, octets: number): string {
  const body = randomBytes(octets);
  writeFileSync(join(bed.files, name), body);
  return createHash('sha256').update(body).digest('hex');
}

/** Fetches a file as a client; answers the SHA-256 of what came. */
async function fetchSum(bed: Laboratory, name: string): Promise<string> {
  const curl = `curl -sS --fail -m 60 ${SITE}/${name}`;
  const said = await runAt(bed, 'c1', ['sh', '-c', `${curl} | sha256sum`]);
  return said.slice(0, 64);
}

function spliced(bed: Laboratory): number {
  return bed.linesOf('controller').filter((line) => line.includes('"spliced to')).length;
}

async function fetchMany(t: ExecutionContext, bed: Laboratory): Promise<void> {
  const before = spliced(bed);
  put(bed, 'b/other', 500_000);
  const words = ['wrk', '-t2', '-c4', '-d1s', '--timeout', '10s', `${SITE}/b/other`];
  const said = await runAt(bed, 'c1', words);
  t.log(said);
  t.notRegex(said, /connect [1-9]|timeout [1-9]|Non-2xx/u);
  t.true(spliced(bed) - before > 4);
}

test.serial('PRISM-CTRL-04 what nginx answers passes the switch only', async (t) => {
  const bed = await raise(t, {});
  if (bed === undefined) return;
  for (const [name, octets] of [
    ['a/short', 1000],
    ['b/middle', 2_000_000],
    ['a/long', 20_000_000],
  ] as const) {
    const sum = put(bed, name, octets);
    t.is(await fetchSum(bed, name), sum, name);
  }
  t.is(spliced(bed), 2);
  const { toClients, splices } = await bed.metrics();
  t.deepEqual(splices, { spliced: 2, kept: 0, failed: 0 });
  const rules = await bed.rules();
  const passed = rules.reduce((sum, { fromOwner }) => sum + fromOwner.octets, 0);
  t.log(`${toClients} octets through the controller, ${passed} through the switch`);
  t.true(toClients < 2_000_000);
  t.true(passed > 20_000_000);
  if (oracle(t, 'wrk')) await fetchMany(t, bed);
  await rulesGone(bed, RULE_MAX_MS);
});

test.serial('PRISM-SEQ-04 what a full link drops is sent again by nginx', async (t) => {
  const clientBucket = { rate: '200mbit', burstOctets: 10_000, latencyMs: 1 };
  const settings = { controller: { 'ipv4.tcp_timestamps': 0 } };
  const bed = await raise(t, { clientBucket, settings });
  if (bed === undefined) return;
  const sum = put(bed, 'a/long', 20_000_000);
  t.is(await fetchSum(bed, 'a/long'), sum);
  t.is(spliced(bed), 1);
  const again = retransmitted(bed, 'b1');
  t.log(`${again} segments were sent again`);
  t.true(again > 0);
});

test.serial('PRISM-RST-01 a client that leaves in the middle ends it at nginx too', async (t) => {
  const bed = await raiseSlow(t);
  if (bed === undefined) return;
  put(bed, 'a/long', 50_000_000);
  const before = spliced(bed);
  const words = ['curl', '-sS', '-o', '/dev/null', `${SITE}/a/long`];
  const child = bed.lab.start('c1', words);
  await until('the splice', () => spliced(bed) > before);
  await until('connections of nginx', () => established(bed, 'b1') > 0);
  child.kill('SIGKILL');
  await once(child, 'close');
  await until('no connection of nginx', () => established(bed, 'b1') === 0);
  t.pass();
});

test.serial('PRISM-CTRL-16 nginx goes on when the controller is killed', async (t) => {
  const bed = await raiseSlow(t);
  if (bed === undefined) return;
  const sum = put(bed, 'a/long', 20_000_000);
  const before = spliced(bed);
  const whole = fetchSum(bed, 'a/long');
  await until('the splice', () => spliced(bed) > before);
  bed.process('controller').kill('SIGKILL');
  t.is(await whole, sum);
  await bed.start('controller');
});

test.serial('PRISM-RST-04 the client of a server that dies is told', async (t) => {
  const bed = await raiseSlow(t);
  if (bed === undefined) return;
  const sum = put(bed, 'a/long', 50_000_000);
  const before = spliced(bed);
  const whole = fetchSum(bed, 'a/long');
  await until('the splice', () => spliced(bed) > before);
  bed.process('b1').kill('SIGKILL');
  // Of what had come until then.
  t.not(await whole, sum);
  t.is(established(bed, 'c1'), 0);
  await rulesGone(bed, RULE_MAX_MS);
});

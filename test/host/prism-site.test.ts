/** A Prism on this kernel is given another site while it runs. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import { oracle } from '../oracle.ts';
import { until } from './bed.ts';
import { connect, fetchAll, prism, rulesGone } from './prism-session.ts';

const COOKIES = {
  urls: {},
  pools: [
    {
      name: 'all',
      policy: {
        policy: 'cookie-insert',
        cookie: 'SRV',
        dead: 'choose',
        weightless: 'keep',
        otherwise: { policy: 'round-robin' },
      },
      servers: [{ name: 'b1' }, { name: 'b2' }],
    },
  ],
  otherwise: 'all',
};

/** Writes another policy into the plan and has it read; what the controller says about it. */
async function configure(bed: Laboratory, policy: unknown): Promise<string> {
  const plan: object = JSON.parse(readFileSync(bed.plan, 'utf8'));
  writeFileSync(bed.plan, JSON.stringify({ ...plan, policy }));
  const before = bed.linesOf('controller').length;
  bed.process('controller').kill('SIGHUP');
  const said = (): string | undefined =>
    bed
      .linesOf('controller')
      .slice(before)
      .find((line) => line.startsWith('{"configured"'));
  await until('the plan is read', () => said() !== undefined);
  return said() ?? '';
}

/** What curl gets, head and content. */
async function curl(
  t: ExecutionContext,
  bed: Laboratory,
  ...words: readonly string[]
): Promise<string> {
  const all = ['curl', '-sS', '-i', '-m', '10', ...words, `${bed.site}/a/60000`];
  const child = bed.lab.start('c1', all, ['ignore', 'pipe', 'inherit']);
  const parts: Buffer[] = [];
  child.stdout?.on('data', (octets: Buffer) => parts.push(octets));
  t.deepEqual(await once(child, 'close'), [0, null]);
  return Buffer.concat(parts).toString();
}

test.serial('SIGHUP: cookies name the server from now on, and what is open stays', async (t) => {
  if (!oracle(t, 'curl')) return;
  const bed = await prism(t);
  if (bed === undefined) return;
  const client = connect(t, bed);
  await fetchAll(t, client, ['/b/60000']);
  t.is(await configure(bed, COOKIES), '{"configured":"ok"}');
  const first = await curl(t, bed);
  t.regex(first, /^HTTP\/1\.1 200 [^]*\r\nSet-Cookie: SRV=b1; path=\/\r\n\r\n/u);
  t.true(first.endsWith('b1 /a/60000\n'));
  const { 'handed-off': handedOff = 0 } = (await bed.metrics()).migrations;
  const second = await curl(t, bed, '-b', 'x=y; SRV=b2');
  t.notRegex(second, /set-cookie/iu);
  t.true(second.endsWith('b2 /a/60000\n'));
  t.is((await bed.metrics()).migrations['handed-off'], handedOff + 1);
  client.socket.end();
  await rulesGone(bed, 5000);
});

test.serial('SIGHUP: a policy with a fault changes nothing', async (t) => {
  const bed = await prism(t);
  if (bed === undefined) return;
  t.regex(await configure(bed, [{ backends: ['b9'] }]), /there is no backend b9/u);
  t.regex(await configure(bed, [{ backends: [] }]), /policy\[0\]\.backends/u);
  const client = connect(t, bed);
  await fetchAll(t, client, ['/a/2000', '/b/2000']);
  client.socket.end();
  await rulesGone(bed, 5000);
});

/** A check that is good or bad by the status that it wants. */
function checked(statuses: string): unknown {
  const probe = { kind: 'http', path: '/a/1', statuses: [statuses] };
  const check = { probe, intervalMs: 50, jitterMs: 0, timeoutMs: 50, fall: 1, rise: 1 };
  return { ...COOKIES, pools: COOKIES.pools.map((pool) => ({ ...pool, check })) };
}

test.serial('servers are checked as the plan says, and nobody is asked who is down', async (t) => {
  if (!oracle(t, 'curl')) return;
  const bed = await prism(t);
  if (bed === undefined) return;
  const comesTo = async (status: string): Promise<boolean> => {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      if ((await curl(t, bed)).startsWith(`HTTP/1.1 ${status} `)) return true;
    }
    return false;
  };
  await configure(bed, checked('500-599'));
  t.true(await comesTo('503'));
  await configure(bed, checked('200-299'));
  t.true(await comesTo('200'));
});

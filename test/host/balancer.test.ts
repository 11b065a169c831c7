import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { oracle } from '../oracle.ts';
import { documentOf, raiseBalancerBed, startWrongly, type BalancerBed } from './balancer-bed.ts';
import { isKernelOurs } from './bed.ts';

const LIMIT_MS = 90_000;

async function raise(
  t: ExecutionContext,
  hasOffloads: boolean = false,
): Promise<BalancerBed | undefined> {
  if (!isKernelOurs(t) || !oracle(t, 'curl')) return undefined;
  t.timeout(LIMIT_MS);
  const bed = await raiseBalancerBed('balancer', documentOf(['a', 'b']), hasOffloads);
  t.teardown(bed.down);
  return bed;
}

/** Who answers so many fetches, one after the other, in the order of their names. */
async function answerers(bed: BalancerBed, count: number): Promise<string> {
  const names: string[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  for (let left = count; left > 0; left -= 1) names.push(await bed.fetch('/'));
  return names.toSorted().join('');
}

/** Fetches until `count` in a row are answered as wished. */
async function untilAnswered(bed: BalancerBed, wished: string): Promise<string> {
  const deadline = Date.now() + LIMIT_MS / 3;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const said = await answerers(bed, wished.length);
    if (said === wished || Date.now() > deadline) return said;
  }
}

/** Waits until so many connections have been opened. */
async function untilOpened(bed: BalancerBed, count: number): Promise<void> {
  const deadline = Date.now() + LIMIT_MS / 3;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one question after the other
    const { body } = await bed.ask('GET', '/metrics');
    const counts = body.matchAll(/^prism_balancer_opened_total\{[^}]*\} (\d+)$/gmu);
    if ([...counts].reduce((sum, [, each]) => sum + Number(each), 0) >= count) return;
    if (Date.now() > deadline) throw new Error(`${count} connections were not opened`);
  }
}

test.serial('kernels are served in turn, and what is counted can be asked for', async (t) => {
  const bed = await raise(t);
  if (bed === undefined) return;
  t.is(await answerers(bed, 4), 'aabb');
  const { status, body } = await bed.ask('GET', '/metrics');
  t.is(status, 200);
  t.regex(body, /^prism_balancer_opened_total\{service="web",server="a"\} 2$/mu);
  t.regex(body, /^prism_balancer_syns_total\{service="web"\} 4$/mu);
  t.regex(body, /^prism_balancer_active 1$/mu);
});

test.serial('a checksum that a kernel leaves to its device is completed', async (t) => {
  const bed = await raise(t, true);
  if (bed === undefined) return;
  t.is(await answerers(bed, 4), 'aabb');
});

test.serial('another document leaves a connection where it is', async (t) => {
  const bed = await raise(t);
  if (bed === undefined) return;
  const slow = [bed.fetch('/slow'), bed.fetch('/slow')];
  // Else whoever comes now could come between the two.
  await untilOpened(bed, 2);
  t.is(await answerers(bed, 2), 'ab');
  const put = await bed.ask('PUT', '/document', documentOf(['b']));
  t.deepEqual(put, { status: 204, body: '' });
  t.is(await answerers(bed, 3), 'bbb');
  t.is((await Promise.all(slow)).toSorted().join(''), 'ab');
  t.is((await bed.ask('GET', '/document')).body, documentOf(['b']));
  t.is(await bed.hangUp(), 'configured');
  t.is(await answerers(bed, 2), 'ab');
});

test.serial('a wrong document is refused with line and column, and nothing changes', async (t) => {
  const bed = await raise(t);
  if (bed === undefined) return;
  const wrong = documentOf(['a'], 'hops: 2\n');
  const put = await bed.ask('PUT', '/document', wrong);
  t.is(put.status, 422);
  t.regex(put.body, /^document:13:7 hops: found 2, expected 0 or 1;/u);
  bed.write(wrong);
  t.is(await bed.hangUp(), 'refused');
  t.regex(bed.complaints(), /switch\.yaml:13:7 hops: found 2/u);
  const beyond = documentOf(['a']).replace('[0, 1, 2]', '[0, 3]');
  t.regex((await bed.ask('PUT', '/document', beyond)).body, /ports: found 3, expected 0 … 2/u);
  t.is(await answerers(bed, 2), 'ab');
  t.is((await bed.ask('DELETE', '/document')).status, 404);
});

test.serial('a server that ends is left out, and comes back', async (t) => {
  const bed = await raise(t);
  if (bed === undefined) return;
  bed.kill('a');
  t.is(await untilAnswered(bed, 'bbbb'), 'bbbb');
  await bed.revive('a');
  t.is(await untilAnswered(bed, 'aabb'), 'aabb');
});

test('what cannot be started says why', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'wrong.yaml');
  writeFileSync(file, 'ports: 1\n');
  t.deepEqual(startWrongly(), {
    status: 64,
    said: 'usage: main.ts [--api SOCKET] DOCUMENT DEVICE…\n',
  });
  const missing = startWrongly(join(folder, 'none.yaml'), 'eth9');
  t.is(missing.status, 64);
  t.regex(missing.said, /none\.yaml cannot be read/u);
  const refused = startWrongly(file, 'eth9');
  t.is(refused.status, 65);
  t.regex(refused.said, /wrong\.yaml:1:8 ports: found 1/u);
  writeFileSync(file, documentOf(['a']));
  const without = startWrongly(file, 'eth9a', 'eth9b', 'eth9c');
  t.is(without.status, 69);
  t.regex(without.said, /eth9a/u);
});

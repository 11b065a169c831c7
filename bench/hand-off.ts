/**
 * How long a hand-off takes, with its parts, and what it costs each process; and how long a request
 * takes that needs none, at the same backend and through the controller.
 *
 * `npm run bench -- hand-off`, as root: five namespaces, the program at the tc hook, each part a
 * process. One client asks for 2,000 octets again and again, on one connection.
 */
import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import {
  raiseLaboratory,
  type Laboratory,
  type Part,
} from '../reference/host/laboratory/laboratory.ts';
import { connectClient } from '../reference/host/laboratory/client.ts';

const ROUNDS = 2000;
const WARM_UP_ROUNDS = 500;
const PARTS: readonly Part[] = ['switch', 'controller', 'b1', 'b2'];

/** Microseconds of processor time that the main thread of a part has used. */
function usedBy(bed: Laboratory, part: Part): number {
  const text = readFileSync(`/proc/${bed.process(part).pid}/schedstat`, 'utf8');
  return Number(text.split(' ')[0]) / 1000;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
}

/** Asks `ROUNDS` times, for each of `paths` in turn. */
async function measure(bed: Laboratory, title: string, paths: readonly string[]): Promise<void> {
  const client = connectClient(bed);
  const times: number[] = [];
  let before: readonly number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    if (round === 0) before = PARTS.map((part) => usedBy(bed, part));
    const start = performance.now();
    client.ask(paths[Math.abs(round) % paths.length] ?? '');
    const { backend, octets } = await client.answer();
    if (octets !== 2000) throw new Error(`${title}: ${backend}`);
    if (round >= 0) times.push(performance.now() - start);
  }
  const used = PARTS.map((part, at) => {
    const each = (usedBy(bed, part) - (before[at] ?? 0)) / ROUNDS;
    return `${part} ${each.toFixed(0)}`;
  });
  console.log(
    `  ${title.padEnd(22)} ${median(times).toFixed(2)} ms a request; µs of processor time: ${used.join(', ')}`,
  );
  client.socket.destroy();
}

const [load = 0] = loadavg();
const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}`);
const passing = await raiseLaboratory({
  name: 'bench',
  controller: { handOffFromOctets: 65_536 },
});
await measure(passing, 'passed on', ['/a/2000', '/b/2000']);
passing.down();
const bed = await raiseLaboratory({ name: 'bench' });
await measure(bed, 'at the same backend', ['/a/2000']);
await measure(bed, 'handed off each time', ['/a/2000', '/b/2000']);
const { handOff, steps } = await bed.metrics();
for (const [name, { p50, p99, count }] of Object.entries({ 'hand-off': handOff, ...steps })) {
  const text = `p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms`;
  console.log(`  ${name.padEnd(12)} ${text}   (${count})`);
}
bed.down();

/** The real Prism with packet rings for a switch, over IPv6. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { Command, Reply } from '../../reference/control/command.ts';
import type { Laboratory } from '../../reference/host/laboratory/laboratory.ts';
import { runAt } from '../../reference/host/laboratory/laboratory.ts';
import { createSwitchClient } from '../../reference/host/laboratory/rules.ts';
import { oracle } from '../oracle.ts';
import { answerTo, connect, fetchAll, prism, rulesGone } from './prism-session.ts';

/** Has one command performed, in the name of the controller. */
async function command({ plan }: Laboratory, what: Command): Promise<Reply> {
  const { ask, close } = createSwitchClient(plan);
  // On a busy machine a channel may take too long to open, and what was said is lost.
  let again: NodeJS.Timeout | undefined;
  const reply = await new Promise<Reply>((resolve) => {
    ask(what, resolve);
    again = setInterval(() => ask(what, resolve), 1000);
  });
  clearInterval(again);
  close();
  return reply;
}

/** Between two times that a client repeats itself: 200, 600, 1400, 3000 ms after the first. */
const LOCKED_MS = 2000;
const AT_ONCE_MS = 700;

test.serial('PRISM-MIG-12 curl fetches from two backends through packet rings', async (t) => {
  if (!oracle(t, 'curl')) return;
  const bed = await prism(t, { switch: 'ring', family: 6 });
  if (bed === undefined) return;
  const paths = ['/a/60000', '/b/60000', '/a/60000'];
  const words = ['curl', '-sS', '-g', '-m', '10', '-w', '%{num_connects}\n'];
  const said = await runAt(bed, 'c1', [...words, ...paths.map((path) => bed.site + path)]);
  const [a, b] = ['b1 /a/60000\n', 'b2 /b/60000\n'].map((mark) => mark.repeat(5000));
  t.is(said, `${a}1\n${b}0\n${a}0\n`);
  const { migrations, toClients } = await bed.metrics();
  t.like(migrations, { 'handed-off': 3, failed: 0 });
  t.is(toClients, 0);
  const client = connect(t, bed);
  await fetchAll(t, client, ['/a/3000000', '/b/10', '/b/3000000', '/a/1', '/b/1', '/a/0']);
  client.socket.end();
  await rulesGone(bed, 5000);
  // PRISM-RULE-13: what is said while locked does not wait until it is said again.
  const held = connect(t, bed);
  await fetchAll(t, held, ['/a/1000']);
  const [status] = await bed.rules();
  if (status === undefined) throw new Error('there is no rule');
  const { rule, epoch } = status;
  t.true((await command(bed, { op: 'lock', key: rule.key, epoch: epoch + 1 })).ok);
  held.ask('/a/2000');
  await sleep(LOCKED_MS);
  t.true((await command(bed, { op: 'unlock', key: rule.key, epoch: epoch + 1 })).ok);
  const startMs = performance.now();
  t.deepEqual(await held.answer(), answerTo('/a/2000'));
  const waited = performance.now() - startMs;
  t.true(waited < AT_ONCE_MS, `${waited} ms`);
});

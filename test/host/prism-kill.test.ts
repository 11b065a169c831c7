/** The real Prism when one of its processes is killed: what is lost, and what is not. */
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { until } from './bed.ts';
import type { Laboratory, Part } from '../../reference/host/laboratory/laboratory.ts';
import { connectClient, type Client } from '../../reference/host/laboratory/client.ts';
import { answerTo, connect, fetchAll, prism, rulesGone } from './prism-session.ts';

const LONG = '/a/50000000';

test.serial('a client is reset when the switch is killed, and a new switch works', async (t) => {
  const bed = await prism(t, { rate: '100mbit' });
  if (bed === undefined) return;
  const client = connect(t, bed);
  client.ask(LONG);
  await until('a part', () => client.received > 1_000_000);
  bed.process('switch').kill('SIGKILL');
  // Without a rule the client's next segment comes to a kernel that knows nothing of it.
  await sleep(100);
  client.ask('/b/1000');
  await t.throwsAsync(client.answer(), { message: 'read ECONNRESET' });
  await bed.start('switch');
  await fetchAll(t, connect(t, bed), ['/a/1000', '/b/1000']);
});

/** A client that asks for this and that until the time has come; answers how often it was right. */
async function wander(bed: Laboratory, number: number, isOver: () => boolean): Promise<number> {
  let right = 0;
  for (let turn = number; !isOver();) {
    let client: Client | undefined;
    try {
      client = connectClient(bed);
      for (let more = 20; more > 0 && !isOver(); more -= 1) {
        turn += 1;
        const paths = [`/a/${turn * 100}`, `/b/${turn * 7000}`, `/a/${turn}`].slice(turn % 3);
        client.ask(...paths);
        for (const path of paths) {
          const late = sleep(2000).then(() => 'late' as const);
          const answer = await Promise.race([client.answer(), late]);
          if (answer === 'late' || answer.backend.startsWith('HTTP')) throw new Error('none');
          if (answer.sha256 !== answerTo(path).sha256) return -1;
          right += 1;
        }
      }
    } catch {
      // Reset, cut, refused or silent: what was answered was right.
    }
    client?.socket.destroy();
    await sleep(20);
  }
  return right;
}

test.serial('PRISM-MIG-01 whatever is killed, no octet is wrong and no rule is left', async (t) => {
  const bed = await prism(t);
  if (bed === undefined) return;
  let isOver = false;
  const clients = [1, 2, 3].map((number) => wander(bed, number, () => isOver));
  for (const part of ['b1', 'controller', 'b2'] satisfies Part[]) {
    await sleep(1000);
    const child = bed.process(part);
    child.kill('SIGKILL');
    await until(`the end of ${part}`, () => child.signalCode !== null);
    await bed.start(part);
  }
  await sleep(1000);
  isOver = true;
  for (const right of await Promise.all(clients)) t.true(right > 10, `${right} answers`);
  await rulesGone(bed, 15_000);
  await bed.agentsPresent();
  await fetchAll(t, connect(t, bed), ['/a/1000', '/b/1000']);
});

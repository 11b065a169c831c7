/** Steps about what is answered without a backend, and what is not said at all. */
import { Then } from '@cucumber/cucumber';
import type { ClientOutcome } from '../../../conformance/driver/system.ts';
import { countAnswers, statusesOf } from '../../../conformance/system/judge.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import type { SystemWorld } from '../../support/system/world.ts';
import { lastOf } from './outcomes.ts';

Then('no hidden request is executed', async function (this: SystemWorld) {
  const { executions } = await this.seen();
  const hidden = executions.find(({ target }) => target.includes('hidden'));
  if (hidden === undefined) return;
  throw new Failure({ expected: 'no hidden request', observed: `executed by ${hidden.backend}` });
});

Then('the connection is closed after one answer or none', async function (this: SystemWorld) {
  const outcome = lastOf(await this.seen());
  const statuses = statusesOf(outcome);
  if (statuses.length <= 1 && outcome.end !== 'open') return;
  throw new Failure({
    expected: 'one answer at most, and a close',
    observed: `${statuses.join(' ') || 'none'}, and the connection is ${outcome.end}`,
  });
});

Then('the connection has ended by the bound for heads', async function (this: SystemWorld) {
  const { end, endMs } = lastOf(await this.seen());
  // What the last octets of the head take on their way is not the controller's.
  const latestMs = this.hello.bounds.headMs + 1000;
  if (end !== 'open' && endMs <= latestMs) return;
  throw new Failure({ expected: `an end by ${latestMs} ms`, observed: `${end} at ${endMs} ms` });
});

Then('the tunnel carries {string}', async function (this: SystemWorld, text: string) {
  const [ask] = this.asked()[0]?.[0] ?? [];
  const outcome = lastOf(await this.seen());
  const { octets } = countAnswers(outcome, ask === undefined ? [] : [ask], this.policy);
  const carried = new TextDecoder('latin1').decode(outcome.received.subarray(octets));
  const wanted = text.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
  if (octets > 0 && carried === wanted) return;
  const observed = JSON.stringify(carried.slice(0, 200));
  throw new Failure({ expected: JSON.stringify(wanted), observed });
});

const COMMANDS: readonly string[] = ['add', 'lock', 'unlock', 'chown', 'delete'];

Then('no more than {int} commands are sent', async function (this: SystemWorld, most: number) {
  const { messages } = await this.seen();
  const sent = messages.filter(
    ({ message, what }) => what === 'sent' && COMMANDS.includes(message),
  );
  if (sent.length <= most) return;
  throw new Failure({ expected: `at most ${most}`, observed: String(sent.length) });
});

Then('no message is sent before {int} ms', async function (this: SystemWorld, ms: number) {
  const { messages } = await this.seen();
  const early = messages.find((each) => each.what === 'sent' && each.atMs < ms);
  if (early === undefined) return;
  const observed = `${early.message} at ${early.atMs} ms`;
  throw new Failure({ expected: `no message before ${ms} ms`, observed });
});

function expectStatus(
  { received, end }: ClientOutcome,
  statuses: readonly number[],
  wanted: RegExp,
): void {
  const last = statuses.at(-1);
  if (last !== undefined && wanted.test(String(last)) && end === 'finished') return;
  const text = new TextDecoder('latin1').decode(received.subarray(0, 60));
  throw new Failure({
    expected: `a last answer with status ${wanted.source}, and a close`,
    observed: `${JSON.stringify(text)}, and the connection is ${end}`,
  });
}

Then(
  'the last answer has status {int}, and the connection is closed',
  async function (this: SystemWorld, status: number) {
    const outcome = lastOf(await this.seen());
    expectStatus(outcome, statusesOf(outcome), new RegExp(`^${status}$`, 'u'));
  },
);

Then(
  'the client is answered with 4xx, or the connection is closed',
  async function (this: SystemWorld) {
    const outcome = lastOf(await this.seen());
    const [first] = statusesOf(outcome);
    const isRefused = first !== undefined && first >= 400 && first < 500;
    if (isRefused || (first === undefined && outcome.end !== 'open')) return;
    throw new Failure({
      expected: 'status 4xx, or a close',
      observed: `status ${first}, and the connection is ${outcome.end}`,
    });
  },
);

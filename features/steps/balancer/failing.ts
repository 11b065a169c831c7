/** Steps about servers that fail, and about what is asked of them. */
import { Then, When } from '@cucumber/cucumber';
import { readAnswers } from '../../../conformance/balancer/http-reading.ts';
import { probesIn } from '../../../conformance/balancer/probes.ts';
import { serversOf, trafficOf } from '../../../conformance/balancer/connection.ts';
import type { ClientOutcome } from '../../../conformance/driver/system.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';
import { isAnswered } from '../../support/balancer/answerers.ts';
import { stay, type BalancerWorld, type Draft } from '../../support/balancer/world.ts';

/** Who is not refused by then hangs. */
const REFUSED_MS = 5000;

/** How a connection ended that no server was to be chosen for, in words; undefined if it is right. */
function notRefused(
  { hello }: BalancerWorld,
  { service, asked }: Draft,
  outcome: ClientOutcome,
  begunMs: number,
): string | undefined {
  const methods = (asked[0] ?? []).map(({ method }) => method);
  const { answers } = readAnswers(outcome, methods);
  if (outcome.received.length > 0) {
    const isTold = answers.length > 0 && answers.every(({ status }) => status >= 500);
    return isTold ? undefined : `${outcome.received.length} octets of an answer`;
  }
  if (service.mode !== 'http' && hello.choices.refusal === 'drop') return undefined;
  const isSoon = outcome.end !== 'open' && outcome.endMs < begunMs + REFUSED_MS;
  return isSoon ? undefined : `no answer and no end, after ${REFUSED_MS} ms`;
}

Then(
  /^each client that comes after (\d+) ms is refused, and reaches no server$/u,
  async function (this: BalancerWorld, after: string) {
    const seen = await this.seen();
    for (const [nth, draft] of this.visitors.entries()) {
      const outcome = seen.visitors[nth]?.[0];
      const [first] = trafficOf(seen, draft).client.sent;
      if (outcome === undefined || first === undefined || first.atMs < Number(after)) continue;
      const expected = `client ${draft.client}:${draft.port} is refused`;
      const observed = notRefused(this, draft, outcome, first.atMs);
      if (observed !== undefined) throw new Failure({ expected, observed });
      const servers = serversOf(trafficOf(seen, draft).server.received);
      if (servers.length > 0)
        throw new Failure({ expected, observed: `it reached ${servers.join(', ')}` });
    }
  },
);

Then(
  'client {int} has its answers, or is reset, as declared for servers that are down',
  async function (this: BalancerWorld, client: number) {
    const draft = this.visitor(client);
    const { departed, down = departed } = this.hello.choices;
    const outcome = (await this.seen()).visitors[this.visitors.indexOf(draft)]?.[0];
    if (outcome === undefined) throw new Error(`client ${client} has not come`);
    const isKept = isAnswered(draft, outcome);
    // Whoever reads requests may close what nothing is asked on, before it is asked again.
    const isClosed = draft.service.mode === 'http' && outcome.end === 'finished';
    if (down === 'keep' ? isKept || isClosed : outcome.end === 'reset') return;
    const expected = down === 'keep' ? 'all answers' : 'a reset';
    throw new Failure({ expected, observed: `the end: ${outcome.end}` });
  },
);

Then('servers are probed at {word}', async function (this: BalancerWorld, address: string) {
  const probes = probesIn(await this.seen());
  if (probes.length === 0) throw new Failure({ expected: 'probes', observed: 'none' });
  const other = probes.find(({ packet }) => packet.destination !== address);
  if (other === undefined) return;
  const observed = `${other.packet.destination} at ${other.host}`;
  throw new Failure({ expected: `probes of ${address}`, observed });
});

When('the story goes on for {int} ms', function (this: BalancerWorld, ms: number) {
  // Something that changes nothing, so that nobody ends the story before.
  this.happen({ kind: 'server', server: 's1', state: 'up', atMs: ms });
  stay(this, ms);
});

/** A laboratory's metrics, in the text format of Prometheus, over HTTP on this machine alone. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Latency } from '../prism/metrics.ts';
import type { Laboratory } from './laboratory.ts';
import { createRuleReader, type RuleReader } from './rules.ts';

/** Metrics that can be asked for. */
export interface Exposition {
  readonly url: string;
  close(): void;
}

/** Serves the metrics of a laboratory at a free port of 127.0.0.1. */
export async function serveMetrics(laboratory: Laboratory): Promise<Exposition> {
  const rules = createRuleReader(laboratory.plan);
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end('metrics are at /metrics\n');
      return;
    }
    expose(laboratory, rules).then(
      ({ type, text }) => response.setHeader('Content-Type', type).end(text),
      (error: unknown) => response.writeHead(503).end(`${String(error)}\n`),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/metrics`,
    close() {
      server.close();
      rules.close();
    },
  };
}

async function expose(
  laboratory: Laboratory,
  rules: RuleReader,
): Promise<{ readonly type: string; readonly text: string }> {
  const registers = [new Registry()];
  const [registry] = registers;
  if (registry === undefined) throw new Error('there is no registry');
  const counter = (name: string, help: string, label: string): Counter =>
    new Counter({ name, help, labelNames: [label], registers });
  const gauge = (name: string, help: string, labels: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labels], registers });

  const [metrics, listed] = await Promise.all([laboratory.metrics(), rules.read()]);
  const octets = counter('prism_controller_octets_total', 'Octets of clients here', 'direction');
  octets.inc({ direction: 'from-clients' }, metrics.fromClients);
  octets.inc({ direction: 'to-clients' }, metrics.toClients);
  gauge('prism_controller_connections', 'Connections that are known').set(metrics.connections);
  const outcomes = (name: string, help: string, counts: Readonly<Record<string, number>>): void => {
    const ends = counter(name, help, 'outcome');
    for (const [outcome, value] of Object.entries(counts)) ends.inc({ outcome }, value);
  };
  const times = (name: string, help: string, of: Readonly<Record<string, Latency>>): void => {
    const seconds = gauge(name, help, ['step', 'quantile']);
    for (const [step, { p50, p99 }] of Object.entries(of)) {
      seconds.set({ step, quantile: '0.5' }, p50 / 1000);
      seconds.set({ step, quantile: '0.99' }, p99 / 1000);
    }
  };
  const { migrations, handOff, steps, splices, splice, spliceSteps } = metrics;
  outcomes('prism_migrations_total', 'Migrations by their end', migrations);
  times('prism_hand_off_seconds', 'From the lock to the commit, and its steps', {
    whole: handOff,
    ...steps,
  });
  outcomes('prism_splices_total', 'Splices by their end', splices);
  times('prism_splice_seconds', 'From the freeze to the end of the guard, and all steps', {
    whole: splice,
    ...spliceSteps,
  });
  gauge('prism_switch_rules', 'Rules at the switch').set(listed.length);
  const through = gauge('prism_switch_rule_octets', 'Octets under the rules that are there', [
    'direction',
  ]);
  const sum = (of: 'fromClient' | 'fromOwner'): number =>
    listed.reduce((all, status) => all + status[of].octets, 0);
  through.set({ direction: 'from-clients' }, sum('fromClient'));
  through.set({ direction: 'from-owners' }, sum('fromOwner'));
  return { type: registry.contentType, text: await registry.metrics() };
}

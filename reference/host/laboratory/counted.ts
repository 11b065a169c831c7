/** What a controller has counted, as it prints it. */
import { z } from 'zod';
import type { Latency, Metrics } from '../prism/metrics.ts';

/** The counts. */
export interface Counted extends Omit<Metrics, 'migrations' | 'steps' | 'splices' | 'spliceSteps'> {
  readonly migrations: Readonly<Record<string, number>>;
  readonly steps: Readonly<Record<string, Latency>>;
  readonly splices: Readonly<Record<string, number>>;
  readonly spliceSteps: Readonly<Record<string, Latency>>;
}

const latency: z.ZodType<Latency> = z.object({
  count: z.number(),
  p50: z.number(),
  p99: z.number(),
});
const printed: z.ZodType<{ readonly metrics: Counted }> = z.object({
  metrics: z.object({
    fromClients: z.number(),
    toClients: z.number(),
    connections: z.number(),
    present: z.array(z.string()),
    migrations: z.record(z.string(), z.number()),
    handOff: latency,
    steps: z.record(z.string(), latency),
    splices: z.record(z.string(), z.number()),
    splice: latency,
    spliceSteps: z.record(z.string(), latency),
  }),
});

/** Reads the line that a controller prints on SIGUSR2; throws where it is another. */
export function readCounted(line: string): Counted {
  return printed.parse(JSON.parse(line)).metrics;
}

/** A defect of a server switch. */
import type { BalancerOptions, Service } from '../../../../reference/balancer/config.ts';
import type { BalancerAlteration } from '../balancer-sim.ts';

/** A server switch with one thing wrong. */
export interface BalancerDefect extends BalancerAlteration {
  /** Unique; small letters and hyphens. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly sentence: string;
  /** Id of the requirement that has to fail. */
  readonly breaks: string;
}

/** What a defect makes of a configuration. */
export type Configure = (options: BalancerOptions) => BalancerOptions;

/** Each service as `edit` makes it. */
export function servicesAs(
  edit: (service: Service, all: readonly Service[]) => Service,
): Configure {
  return (options) => ({
    ...options,
    services: options.services.map((each) => edit(each, options.services)),
  });
}

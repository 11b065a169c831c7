/** The server switch that its scenarios speak to, as `session.ts` has it for a Prism's switch. */
import type { Balancer, BalancerHello } from '../driver/balancer.ts';
import type { Proof } from '../observe/observer.ts';
import { createOpened } from './opened.ts';
import type { StoryOptions } from './session.ts';

/** A server switch that has introduced itself, and what the run was asked to use. */
export interface BalancerSession extends StoryOptions {
  readonly balancer: Balancer;
  readonly hello: BalancerHello;
  /** Always none: a story ends when all is still, and proves no absence besides. */
  takeProofs(): readonly Proof[];
}

const opened = createOpened<BalancerSession>(({ balancer }) => balancer.close());

/** Asks `balancer` for its introduction and makes it the one that scenarios speak to. */
export async function openBalancerSession(
  balancer: Balancer,
  options: StoryOptions,
): Promise<BalancerSession> {
  const hello = await balancer.hello();
  return opened.keep({ ...options, balancer, hello, takeProofs: () => [] });
}

/** The session in progress, if there is one. */
export function currentBalancerSession(): BalancerSession | undefined {
  return opened.current();
}

/** Ends the session and the server switch. */
export async function closeBalancerSession(): Promise<void> {
  await opened.close();
}

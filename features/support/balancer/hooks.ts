/** Before and after each scenario of a server switch: does it apply, and what is kept of it. */
import {
  After,
  AfterAll,
  Before,
  BeforeAll,
  setDefaultTimeout,
  setDefinitionFunctionWrapper,
  Status,
} from '@cucumber/cucumber';
import { openBalancerSim } from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import { captureOf } from '../../../conformance/balancer/story-capture.ts';
import {
  closeBalancerSession,
  currentBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import { attachEvidence, skipUnclaimed, skipUnsupported } from '../not-applicable.ts';
import { writable } from '../writable.ts';
import type { BalancerWorld } from './world.ts';

setDefaultTimeout(-1);

setDefinitionFunctionWrapper(skipUnsupported);

let ownSession = false;

BeforeAll(async () => {
  // `prismspec run` has opened a switch; a bare cucumber-js judges the simulated one.
  if (currentBalancerSession() !== undefined) return;
  await openBalancerSession(openBalancerSim(), { seed: 1, effort: 1, evidence: true });
  ownSession = true;
});

AfterAll(async () => {
  if (ownSession) await closeBalancerSession();
});

Before(async function (this: BalancerWorld, { pickle }): Promise<string | undefined> {
  return skipUnclaimed(this, this.hello, pickle);
});

After(async function (this: BalancerWorld, { result }): Promise<void> {
  if (result?.status !== Status.FAILED) return;
  const { seed, evidence } = this.session;
  attachEvidence(this, { faults: [], source: 'directed', seed });
  const observation = this.played();
  if (!evidence || observation === undefined) return;
  const { setups } = observation;
  const told = { story: this.story(), setups };
  this.attach(JSON.stringify(told, writable, 1), 'application/json');
  this.attach(Buffer.from(captureOf(observation)), {
    mediaType: 'application/x-pcapng',
    fileName: 'story.pcapng',
  });
});

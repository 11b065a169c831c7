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
import { keepPlayed } from '../../../conformance/bundle/played.ts';
import { openBalancerSim } from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import { captureOf } from '../../../conformance/balancer/story-capture.ts';
import {
  closeBalancerSession,
  currentBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import { forgiveLateness, type LateMsOf } from '../lateness.ts';
import {
  attachEvidence,
  skipUnclaimed,
  skipUnsupported,
  type Definition,
} from '../not-applicable.ts';
import { attachStory } from '../story-evidence.ts';
import { BalancerWorld } from './world.ts';

setDefaultTimeout(-1);

const lateMsOf: LateMsOf = (world) =>
  world instanceof BalancerWorld ? world.played()?.lateMs : undefined;

setDefinitionFunctionWrapper((definition: Definition) =>
  skipUnsupported(forgiveLateness(definition, lateMsOf)),
);

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

After(async function (this: BalancerWorld, { result, pickle }): Promise<void> {
  const observation = this.played();
  const path = this.path === undefined ? {} : { path: this.path };
  keepPlayed(observation && { kind: 'balancer', story: this.story(), ...path, observation });
  if (result?.status !== Status.FAILED) return;
  const { source, session, seed } = this;
  attachEvidence(this, { faults: [], source, seed });
  if (!session.evidence || observation === undefined) return;
  const told = { story: this.story(), setups: observation.setups };
  attachStory(this, pickle, told, captureOf(observation));
});

/** Before and after each system scenario: does it apply, and what is kept of it. */
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
import { openSim } from '../../../conformance/drivers/sim/sim.ts';
import {
  closeSystemSession,
  currentSystemSession,
  openSystemSession,
} from '../../../conformance/run/system-session.ts';
import { captureOf } from '../../../conformance/system/story-capture.ts';
import { forgiveLateness, type LateMsOf } from '../lateness.ts';
import {
  attachEvidence,
  skipUnclaimed,
  skipUnsupported,
  type Definition,
} from '../not-applicable.ts';
import { attachStory } from '../story-evidence.ts';
import { SystemWorld } from './world.ts';

setDefaultTimeout(-1);

const lateMsOf: LateMsOf = (world) =>
  world instanceof SystemWorld ? world.played()?.lateMs : undefined;

setDefinitionFunctionWrapper((definition: Definition) =>
  skipUnsupported(forgiveLateness(definition, lateMsOf)),
);

let ownSession = false;

/** What a profile of cucumber.json may say. */
interface Parameters {
  readonly evidence?: boolean;
  readonly effort?: number;
}

BeforeAll(async function (this: { readonly parameters: Parameters }) {
  // `prismspec run` has opened a Prism; a bare cucumber-js judges the simulated one.
  if (currentSystemSession() !== undefined) return;
  const { evidence = true, effort = 1 } = this.parameters;
  await openSystemSession(openSim(), { seed: 1, effort, evidence });
  ownSession = true;
});

AfterAll(async () => {
  if (ownSession) await closeSystemSession();
});

Before(async function (this: SystemWorld, { pickle }): Promise<string | undefined> {
  return skipUnclaimed(this, this.hello, pickle);
});

After(async function (this: SystemWorld, { result, pickle }): Promise<void> {
  const observation = this.played();
  const path = this.path === undefined ? {} : { path: this.path };
  keepPlayed(observation && { kind: 'system', story: this.story(), ...path, observation });
  if (result?.status !== Status.FAILED) return;
  const { source, session, seed } = this;
  attachEvidence(this, { faults: [], source, seed });
  if (!session.evidence || observation === undefined) return;
  const { messages, executions, notes } = observation;
  const told = { story: this.story(), messages, executions, notes };
  attachStory(this, pickle, told, captureOf(observation));
});

/** Before and after each scenario: does it apply to this device, and what is kept of it. */
import {
  After,
  AfterAll,
  Before,
  BeforeAll,
  setDefaultTimeout,
  setDefinitionFunctionWrapper,
  Status,
} from '@cucumber/cucumber';
import { needsOf } from '../../conformance/run/scenario.ts';
import { faultsOf } from '../../conformance/run/evidence.ts';
import { closeSession, currentSession, openSession } from '../../conformance/run/session.ts';
import { readFixture } from '../../conformance/drivers/fixture-files.ts';
import { openInProcess, type InProcessOptions } from '../../conformance/drivers/in-process.ts';
import { recordFailure } from './evidence.ts';
import { attachEvidence, skipUnsupported } from './not-applicable.ts';
import type { PrismWorld } from './world.ts';

// Each call of a device has a limit of its own; a slow device may take its time for a scenario.
setDefaultTimeout(-1);

setDefinitionFunctionWrapper(skipUnsupported);

let ownSession = false;

/** What a profile of cucumber.json may say. */
interface Parameters {
  readonly evidence?: boolean;
  readonly effort?: number;
  readonly device?: InProcessOptions;
}

BeforeAll(async function (this: { readonly parameters: Parameters }) {
  // `prismspec run` has opened a device; a bare cucumber-js judges the reference.
  if (currentSession() !== undefined) return;
  const { evidence = true, effort = 1, device = {} } = this.parameters;
  await openSession(openInProcess(device), { readFixture, seed: 1, effort, evidence });
  ownSession = true;
});

AfterAll(async () => {
  if (ownSession) await closeSession();
});

Before(async function (this: PrismWorld, { pickle }): Promise<string | undefined> {
  const tags = pickle.tags.map(({ name }) => name);
  const missing = needsOf(pickle.name, tags).find((capability) => !this.has(capability));
  if (missing !== undefined) {
    attachEvidence(this, { notApplicable: missing });
    return 'skipped';
  }
  await this.begin();
  return undefined;
});

After(async function (this: PrismWorld, { pickle, result }): Promise<void> {
  if (result?.status !== Status.FAILED) return;
  const { findings, asked, broken, source, session } = this;
  const faults = faultsOf(findings, asked);
  attachEvidence(this, {
    faults,
    broken,
    source,
    frames: this.journal.frames(),
    seed: session.seed,
  });
  if (session.evidence) await recordFailure(this, pickle, faults);
});

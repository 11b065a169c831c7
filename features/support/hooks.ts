/** Before and after each scenario: does it apply to this device, and what is kept of it. */
import { After, AfterAll, Before, BeforeAll, setDefaultTimeout, Status } from '@cucumber/cucumber';
import { needsOf } from '../../conformance/run/scenario.ts';
import { EVIDENCE_MEDIA_TYPE, faultsOf, type Evidence } from '../../conformance/run/evidence.ts';
import { closeSession, currentSession, openSession } from '../../conformance/run/session.ts';
import { readFixture } from '../../conformance/drivers/fixture-files.ts';
import { openInProcess } from '../../conformance/drivers/in-process.ts';
import { recordFailure } from './evidence.ts';
import type { PrismWorld } from './world.ts';

// Each call of a device has a limit of its own; a slow device may take its time for a scenario.
setDefaultTimeout(-1);

let ownSession = false;

BeforeAll(async () => {
  // `prismspec run` has opened a device; a bare cucumber-js judges the reference.
  if (currentSession() !== undefined) return;
  await openSession(openInProcess(), { readFixture, seed: 1, effort: 1, evidence: true });
  ownSession = true;
});

AfterAll(async () => {
  if (ownSession) await closeSession();
});

Before(async function (this: PrismWorld, { pickle }): Promise<string | undefined> {
  const tags = pickle.tags.map(({ name }) => name);
  const missing = needsOf(pickle.name, tags).find((capability) => !this.has(capability));
  if (missing !== undefined) {
    attach(this, { notApplicable: missing });
    return 'skipped';
  }
  await this.begin();
  return undefined;
});

After(async function (this: PrismWorld, { pickle, result }): Promise<void> {
  if (result?.status !== Status.FAILED) return;
  const { findings, asked, broken, source, session } = this;
  const faults = faultsOf(findings, asked);
  attach(this, { faults, broken, source, frames: this.journal.frames(), seed: session.seed });
  if (session.evidence) await recordFailure(this, pickle, faults);
});

function attach(world: PrismWorld, evidence: Evidence): void {
  world.attach(JSON.stringify(evidence), EVIDENCE_MEDIA_TYPE);
}

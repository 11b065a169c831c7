/** Before and after each scenario: does it apply to this device, and what is kept of it. */
import { After, AfterAll, Before, BeforeAll, setDefaultTimeout, Status } from '@cucumber/cucumber';
import { requirementsOf, needsOf } from '../../conformance/run/scenario.ts';
import { EVIDENCE_MEDIA_TYPE, faultsOf, type Evidence } from '../../conformance/run/evidence.ts';
import { closeSession, currentSession, openSession } from '../../conformance/run/session.ts';
import { readFixture } from '../../conformance/drivers/fixture-files.ts';
import { openInProcess } from '../../conformance/drivers/in-process.ts';
import { traceCapture } from './capture.ts';
import type { PrismWorld } from './world.ts';

/** A scenario that takes longer is our own fault; drivers have shorter limits of their own. */
const SCENARIO_LIMIT_MS = 120_000;
/** How many frames the capture of a failure keeps: the last ones, where the failure is. */
const MAX_TRACE = 2000;

setDefaultTimeout(SCENARIO_LIMIT_MS);

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
  const trace = this.trace.slice(-MAX_TRACE);
  const [requirement = pickle.name] = requirementsOf(pickle.name, []);
  const { findings, asked, broken, source, session } = this;
  const faults = faultsOf(findings, asked);
  attach(this, { faults, broken, source, frames: trace.length, seed: session.seed });
  if (!session.evidence) return;
  const capture = traceCapture({ trace, findings, title: pickle.name });
  this.attach(Buffer.from(capture), {
    mediaType: 'application/x-pcapng',
    fileName: `${requirement}.pcapng`,
  });
});

function attach(world: PrismWorld, evidence: Evidence): void {
  world.attach(JSON.stringify(evidence), EVIDENCE_MEDIA_TYPE);
}

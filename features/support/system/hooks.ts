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
import { NotSupported } from '../../../conformance/driver/device.ts';
import { openSim } from '../../../conformance/drivers/sim/sim.ts';
import { EVIDENCE_MEDIA_TYPE, type Evidence } from '../../../conformance/run/evidence.ts';
import { needsOf } from '../../../conformance/run/scenario.ts';
import {
  closeSystemSession,
  currentSystemSession,
  openSystemSession,
} from '../../../conformance/run/system-session.ts';
import { attachStory } from './evidence.ts';
import type { SystemWorld } from './world.ts';

setDefaultTimeout(-1);

type Definition = (this: SystemWorld, ...words: unknown[]) => unknown;

setDefinitionFunctionWrapper(
  (definition: Definition): Definition =>
    async function (...words): Promise<unknown> {
      try {
        return await definition.apply(this, words);
      } catch (error) {
        if (!(error instanceof NotSupported)) throw error;
        attach(this, { notApplicable: error.capability });
        return 'skipped';
      }
    },
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
  const tags = pickle.tags.map(({ name }) => name);
  const missing = needsOf(pickle.name, tags).find(
    (capability) => !this.hello.capabilities.includes(capability),
  );
  if (missing === undefined) return undefined;
  attach(this, { notApplicable: missing });
  return 'skipped';
});

After(async function (this: SystemWorld, { result }): Promise<void> {
  if (result?.status !== Status.FAILED) return;
  const { source, session, seed } = this;
  attach(this, { faults: [], source, seed });
  if (session.evidence) await attachStory(this);
});

function attach(world: SystemWorld, evidence: Evidence): void {
  world.attach(JSON.stringify(evidence), EVIDENCE_MEDIA_TYPE);
}

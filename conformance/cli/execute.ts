/** Runs planned scenarios through Cucumber and hands out their results one by one. */
import { Writable } from 'node:stream';
import { loadConfiguration, runCucumber, type ISupportCodeLibrary } from '@cucumber/cucumber/api';
import { createCollector, type CaseResult } from '../run/collect.ts';
import { kindOf, type PlannedScenario, type TargetKind } from '../run/plan.ts';
import { SUITE_ROOT } from './suite.ts';

/** How to run. */
export interface Execution {
  readonly scenarios: readonly PlannedScenario[];
  /** Where Cucumber writes its HTML report, if one is wanted; absolute. */
  readonly html?: string;
  readonly onResult: (result: CaseResult) => void;
}

/** The steps, once they are loaded: a module registers them only when it is first imported. */
const steps = new Map<TargetKind, ISupportCodeLibrary>();

const STEPS: Readonly<Record<TargetKind, string[]>> = {
  switch: ['features/support/*.ts', 'features/steps/*.ts'],
  system: ['features/support/system/*.ts', 'features/steps/system/*.ts'],
  balancer: ['features/support/balancer/*.ts', 'features/steps/balancer/*.ts'],
};

function sink(text: string[]): Writable {
  return new Writable({
    write(chunk: unknown, _encoding, done): void {
      text.push(String(chunk));
      done();
    },
  });
}

/** `features/a.feature:3:7`: the scenarios of one file, as Cucumber selects them. */
function coordinates(scenarios: readonly PlannedScenario[]): string[] {
  const lines = new Map<string, number[]>();
  for (const { uri, line } of scenarios) lines.set(uri, [...(lines.get(uri) ?? []), line]);
  return [...lines].map(([uri, numbers]) => [uri, ...numbers].join(':'));
}

/**
 * Runs the scenarios, which are all of one kind, on the open session, in the order of their files.
 *
 * Throws when Cucumber itself cannot run, with what it printed.
 */
export async function execute({ scenarios, html, onResult }: Execution): Promise<void> {
  const told: string[] = [];
  const [kind = 'switch'] = scenarios.map(kindOf);
  const environment = { cwd: SUITE_ROOT, stdout: sink(told), stderr: sink(told) };
  const { runConfiguration } = await loadConfiguration(
    {
      file: false,
      provided: {
        paths: coordinates(scenarios),
        import: STEPS[kind],
        format: html === undefined ? [] : [['html', html]],
      },
    },
    environment,
  );
  const collect = createCollector();
  let count = 0;
  const configuration = {
    ...runConfiguration,
    support: steps.get(kind) ?? runConfiguration.support,
  };
  const { support } = await runCucumber(configuration, environment, (envelope) => {
    const result = collect(envelope);
    if (result === undefined) return;
    count += 1;
    onResult(result);
  });
  steps.set(kind, support);
  if (count !== scenarios.length) {
    const detail = told.join('').trim();
    throw new Error(`${scenarios.length} scenarios were planned, ${count} ran\n${detail}`);
  }
}

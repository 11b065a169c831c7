/** `prismspec run`: judges a device, requirement by requirement. */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { applyBaseline } from '../../baseline/apply.ts';
import { formatEntry, type BaselineEntry } from '../../baseline/entry.ts';
import { replayCommand, type BundleContext, type BundledTarget } from '../../bundle/bundle.ts';
import { BUNDLE_FOLDER } from '../../bundle/name.ts';
import { requirements as catalogue } from '../../catalogue/catalogue.ts';
import type { Level, Requirement } from '../../catalogue/requirement.ts';
import { kindOfTarget } from '../../drivers/target.ts';
import { caseLine, jsonReport } from '../../report/json.ts';
import { junitReport } from '../../report/junit.ts';
import { palette } from '../../report/table.ts';
import { terminalReport } from '../../report/terminal.ts';
import type { CaseResult } from '../../run/collect.ts';
import { closeOpened } from '../../run/opened.ts';
import {
  planScenarios,
  readScenarios,
  scenariosFor,
  type PlannedScenario,
  type TargetKind,
} from '../../run/plan.ts';
import {
  concludeRun,
  judgeRequirements,
  type BaselineUse,
  type RequirementResult,
  type RunResult,
} from '../../run/result.ts';
import { createRounds } from '../../run/rounds.ts';
import { parseSelection } from '../../run/select.ts';
import type { Session } from '../../run/session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { entriesOf, readBaselineText } from '../baseline-file.ts';
import { bundleContext, bundleOf, storyOf } from '../bundle-file.ts';
import { Complaint } from '../complaint.ts';
import { execute } from '../execute.ts';
import { openAnyTarget } from '../open.ts';
import type { ReportName } from '../options.ts';
import { createProgress } from '../progress.ts';
import { readFeatures, suiteVersion } from '../suite.ts';
import { today } from '../today.ts';
import { writeIn, writeWhole } from '../write-file.ts';

/** Options of `run`. */
export interface RunOptions {
  readonly target: string;
  readonly level: Level;
  readonly seed: number;
  readonly effort: number;
  readonly report: readonly ReportName[];
  readonly out?: string;
  readonly minTests: number;
  readonly repeat: number;
  readonly baseline?: string;
  /** Where stories are told: keep the frames of every scenario, not only of those that fail. */
  readonly captures: boolean;
}

/** What will be run, and the requirements that it was asked for. */
interface Plan {
  readonly planned: readonly PlannedScenario[];
  readonly asked: readonly Requirement[];
  /** Requirements of which some scenarios will not be run. */
  readonly partial: ReadonlySet<string>;
}

function planOf(specs: readonly string[], kind: TargetKind): Plan {
  const scenarios = scenariosFor(kind, readScenarios(readFeatures()));
  const tags = scenarios.flatMap((scenario) => scenario.tags);
  const selection = parseSelection(specs, { requirements: catalogue, tags });
  if (!selection.ok) throw new Complaint(EXIT.usage, selection.error);
  const selector = selection.value;
  const planned = planScenarios(scenarios, selector, catalogue);
  // A replay judges more requirements than the one that it was selected for.
  const asked = catalogue.filter((requirement) =>
    planned.some(
      (scenario) =>
        scenario.requirements.includes(requirement.id) &&
        selector({ requirements: [requirement], tags: scenario.tags }),
    ),
  );
  const left = scenarios.filter((scenario) => !planned.includes(scenario));
  return { planned, asked, partial: new Set(left.flatMap((each) => each.requirements)) };
}

/** The folder of the reports, without those of an earlier run. */
function freshFolder(device: string, out: string | undefined): string {
  // The name is the device's own: it must not lead out of the folder.
  const name = device.replaceAll(/[^\w.-]|^\.+/gu, '-');
  const folder = resolve(out ?? join('reports', 'out', name));
  return writeIn(folder, () => {
    // Only what a run writes itself, so that no bundle of an earlier run is taken for this one's.
    for (const file of [BUNDLE_FOLDER, 'run.json', 'junit.xml', 'report.html']) {
      rmSync(join(folder, file), { recursive: true, force: true });
    }
    // Written before the first scenario, so that a place that cannot be written is known by then.
    writeFileSync(join(folder, 'cases.ndjson'), '');
    return folder;
  });
}

/** Runs the scenarios in rounds; each result is on disk before the next scenario begins. */
async function perform(
  planned: readonly PlannedScenario[],
  folder: string,
  session: Pick<Session, 'takeProofs'>,
  bundles: BundleContext,
  { report, repeat, captures }: RunOptions,
): Promise<readonly CaseResult[]> {
  const rounds = createRounds();
  for (let round = 1; round <= repeat && planned.length > 0; round += 1) {
    const progress = createProgress(planned.length, process.stderr, { round, of: repeat });
    const html = report.includes('html') && round === 1;
    try {
      // oxlint-disable-next-line no-await-in-loop -- one device: the rounds follow each other
      await execute({
        scenarios: planned,
        ...(html ? { html: join(folder, 'report.html') } : {}),
        onResult(told): void {
          const packets = bundleOf(told, bundles);
          const { capture, bundle = packets } = storyOf(told, bundles, captures);
          const named = {
            ...told,
            ...(bundle === undefined ? {} : { bundle: bundle.name }),
            ...(capture === undefined ? {} : { capture: capture.name }),
          };
          const result = { ...named, proofs: session.takeProofs() };
          const kept = rounds.add(result);
          for (const file of kept ? [bundle, capture] : []) {
            if (file !== undefined) writeWhole(join(folder, file.name), file.octets);
          }
          const line = caseLine(result, round);
          writeIn(folder, () => appendFileSync(join(folder, 'cases.ndjson'), line));
          progress.show(result);
        },
      });
    } finally {
      progress.end();
    }
  }
  return rounds.results();
}

/** The verdicts as `entries` see them today, and what of the baseline had no part in them. */
function withBaseline(
  judged: readonly RequirementResult[],
  { hello }: Pick<Session, 'hello'>,
  {
    baseline: file,
    entries,
  }: { readonly baseline: string; readonly entries: readonly BaselineEntry[] },
): { readonly requirements: readonly RequirementResult[]; readonly baseline: BaselineUse } {
  const { requirements, others, unmatched } = applyBaseline(judged, entries, hello, today());
  const baseline = { file, others: others.length, unmatched: unmatched.map(formatEntry) };
  return { requirements, baseline };
}

function publish(
  run: RunResult,
  folder: string,
  reports: readonly ReportName[],
  target: BundledTarget,
): void {
  if (reports.includes('json')) writeWhole(join(folder, 'run.json'), jsonReport(run));
  if (reports.includes('junit')) writeWhole(join(folder, 'junit.xml'), junitReport(run));
  const shown = relative(process.cwd(), folder) || '.';
  const places = {
    folder: shown,
    replayOf: ({ bundle }: CaseResult): string | undefined =>
      bundle === undefined ? undefined : replayCommand(join(shown, bundle), target),
  };
  const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
  process.stdout.write(`${terminalReport(run, places, palette(coloured)).join('\n')}\n`);
}

/** Runs what `specs` selects on the target, writes the reports, prints the verdicts. */
export async function runCommand(specs: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { target, seed, level: gate, minTests, repeat, baseline } = options;
  const { planned, asked, partial } = planOf(specs, kindOfTarget(target));
  const entries =
    baseline === undefined ? undefined : entriesOf(readBaselineText(baseline), baseline);
  const started = new Date();
  const session = await openAnyTarget(target, seed, options.effort);
  const { hello } = session;
  try {
    const folder = freshFolder(hello.name, options.out);
    const bundles = bundleContext(session, target);
    const cases = await perform(planned, folder, session, bundles, options);
    const judged = judgeRequirements(asked, cases, hello).map((result) =>
      partial.has(result.requirement.id) ? { ...result, partial: true } : result,
    );
    const seen =
      baseline === undefined || entries === undefined
        ? { requirements: judged }
        : withBaseline(judged, session, { baseline, entries });
    const settings = { target, seed, gate, minTests, repeat };
    const run: RunResult = {
      suite: suiteVersion(),
      settings,
      hello,
      startedAt: started.toISOString(),
      durationMs: Date.now() - started.getTime(),
      cases,
      ...seen,
      ...concludeRun(seen.requirements, cases, settings),
    };
    publish(run, folder, options.report, bundles.target);
    return run.exit;
  } finally {
    await closeOpened();
  }
}

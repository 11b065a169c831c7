/** `prismspec run`: judges a device, requirement by requirement. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { requirements as catalogue } from '../../catalogue/catalogue.ts';
import type { Level, Requirement } from '../../catalogue/requirement.ts';
import { caseLine, jsonReport } from '../../report/json.ts';
import { junitReport } from '../../report/junit.ts';
import { palette } from '../../report/table.ts';
import { terminalReport } from '../../report/terminal.ts';
import type { CaseResult } from '../../run/collect.ts';
import { planScenarios, readScenarios, type PlannedScenario } from '../../run/plan.ts';
import { exitOf, judgeRequirements, type RunResult } from '../../run/result.ts';
import { parseSelection } from '../../run/select.ts';
import { closeSession } from '../../run/session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { execute } from '../execute.ts';
import { openTarget } from '../open.ts';
import type { ReportName } from '../options.ts';
import { createProgress } from '../progress.ts';
import { readFeatures, suiteVersion } from '../suite.ts';
import { writeWhole } from '../write-file.ts';

/** Options of `run`. */
export interface RunOptions {
  readonly target: string;
  readonly level: Level;
  readonly seed: number;
  readonly effort: number;
  readonly report: readonly ReportName[];
  readonly out?: string;
  readonly minTests: number;
}

/** What will be run, and the requirements that it was asked for. */
interface Plan {
  readonly planned: readonly PlannedScenario[];
  readonly asked: readonly Requirement[];
}

function planOf(specs: readonly string[]): Plan {
  const scenarios = readScenarios(readFeatures());
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
  return { planned, asked };
}

/** A file name for the capture of a scenario; rows of an outline differ by their line. */
function captureName({ requirements: [id = 'scenario'], uri, line }: CaseResult): string {
  const file = uri.replace(/^.*\//u, '').replace(/\.feature$/u, '');
  return `${id}.${file}-${line}.pcapng`;
}

/** The folder of the reports, without those of an earlier run. */
function freshFolder(device: string, out: string | undefined): string {
  // The name is the device's own: it must not lead out of the folder.
  const name = device.replaceAll(/[^\w.-]|^\.+/gu, '-');
  const folder = resolve(out ?? join('reports', 'out', name));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `no reports can be written to ${folder}: ${told}`);
  }
  // Only what a run writes itself, so that no capture of an earlier run is taken for this one's.
  for (const file of ['captures', 'cases.ndjson', 'run.json', 'junit.xml', 'report.html']) {
    rmSync(join(folder, file), { recursive: true, force: true });
  }
  return folder;
}

/** Runs the scenarios; each result is on disk before the next scenario begins. */
async function perform(
  planned: readonly PlannedScenario[],
  folder: string,
  reports: readonly ReportName[],
): Promise<readonly CaseResult[]> {
  const cases: CaseResult[] = [];
  if (planned.length === 0) return cases;
  const progress = createProgress(planned.length, process.stderr);
  try {
    await execute({
      scenarios: planned,
      ...(reports.includes('html') ? { html: join(folder, 'report.html') } : {}),
      onResult(result): void {
        cases.push(result);
        appendFileSync(join(folder, 'cases.ndjson'), caseLine(result));
        if (result.capture !== undefined) {
          writeWhole(join(folder, 'captures', captureName(result)), result.capture);
        }
        progress.show(result);
      },
    });
  } finally {
    progress.end();
  }
  return cases;
}

function publish(run: RunResult, folder: string, reports: readonly ReportName[]): void {
  if (reports.includes('json')) writeWhole(join(folder, 'run.json'), jsonReport(run));
  if (reports.includes('junit')) writeWhole(join(folder, 'junit.xml'), junitReport(run));
  const shown = relative(process.cwd(), folder) || '.';
  const places = {
    folder: shown,
    captureOf: (result: CaseResult): string | undefined =>
      result.capture === undefined ? undefined : join(shown, 'captures', captureName(result)),
  };
  const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
  process.stdout.write(`${terminalReport(run, places, palette(coloured)).join('\n')}\n`);
}

/** Runs what `specs` selects on the target, writes the reports, prints the verdicts. */
export async function runCommand(specs: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { planned, asked } = planOf(specs);
  const started = new Date();
  const { hello } = await openTarget(options.target, options.seed, options.effort);
  try {
    const folder = freshFolder(hello.name, options.out);
    const cases = await perform(planned, folder, options.report);
    const { target, seed, level: gate, minTests } = options;
    const settings = { target, seed, gate, minTests };
    const requirements = judgeRequirements(asked, cases, hello);
    const run: RunResult = {
      suite: suiteVersion(),
      settings,
      hello,
      startedAt: started.toISOString(),
      durationMs: Date.now() - started.getTime(),
      cases,
      requirements,
      exit: exitOf(requirements, cases, settings),
    };
    publish(run, folder, options.report);
    return run.exit;
  } finally {
    await closeSession();
  }
}

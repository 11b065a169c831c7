/** `prismspec run`: judges a device, requirement by requirement. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { requirements as catalogue } from '../../catalogue/catalogue.ts';
import type { Level } from '../../catalogue/requirement.ts';
import { caseLine, jsonReport } from '../../report/json.ts';
import { junitReport } from '../../report/junit.ts';
import { palette } from '../../report/table.ts';
import { terminalReport } from '../../report/terminal.ts';
import type { CaseResult } from '../../run/collect.ts';
import { planScenarios, readScenarios } from '../../run/plan.ts';
import { exitOf, judgeRequirements, type RunResult } from '../../run/result.ts';
import { parseSelection } from '../../run/select.ts';
import { closeSession, type Session } from '../../run/session.ts';
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

function selected(specs: readonly string[]) {
  const scenarios = readScenarios(readFeatures());
  const tags = scenarios.flatMap((scenario) => scenario.tags);
  const selection = parseSelection(specs, { requirements: catalogue, tags });
  if (!selection.ok) throw new Complaint(EXIT.usage, selection.error);
  const selector = selection.value;
  const planned = planScenarios(scenarios, selector, catalogue);
  const asked = catalogue.filter((requirement) => {
    const own = planned.filter(({ requirements }) => requirements.includes(requirement.id));
    return own.some(({ tags: own_ }) => selector({ requirements: [requirement], tags: own_ }));
  });
  return { planned, asked };
}

/** A file name for the capture of a scenario; rows of an outline differ by their line. */
function captureName({ requirements: [id = 'scenario'], uri, line }: CaseResult): string {
  const file = uri.replace(/^.*\//u, '').replace(/\.feature$/u, '');
  return `${id}.${file}-${line}.pcapng`;
}

function writeReports(run: RunResult, folder: string, reports: readonly ReportName[]): void {
  for (const result of run.cases) {
    if (result.capture !== undefined) {
      writeWhole(join(folder, 'captures', captureName(result)), result.capture);
    }
  }
  if (reports.includes('json')) writeWhole(join(folder, 'run.json'), jsonReport(run));
  if (reports.includes('junit')) writeWhole(join(folder, 'junit.xml'), junitReport(run));
}

function freshFolder(session: Session, options: RunOptions): string {
  // The name is the device's own: it must not lead out of the folder.
  const device = session.hello.name.replaceAll(/[^\w.-]|^\.+/gu, '-');
  const folder = resolve(options.out ?? join('reports', 'out', device));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    throw new Complaint(EXIT.usage, `no reports can be written to ${folder}: ${told}`);
  }
  // Only what a run writes itself, so that no capture of an earlier run is taken for this one's.
  for (const name of ['captures', 'cases.ndjson', 'run.json', 'junit.xml', 'report.html']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  return folder;
}

async function folderFor(session: Session, options: RunOptions): Promise<string> {
  try {
    return freshFolder(session, options);
  } catch (error) {
    await closeSession();
    throw error;
  }
}

/** Runs what `specs` selects on the target, writes the reports, prints the verdicts. */
export async function runCommand(specs: readonly string[], options: RunOptions): Promise<ExitCode> {
  const { planned, asked } = selected(specs);
  const started = new Date();
  const session = await openTarget(options.target, options.seed, options.effort);
  const folder = await folderFor(session, options);
  const stream = join(folder, 'cases.ndjson');
  const progress = createProgress(planned.length, process.stderr);
  const cases: CaseResult[] = [];
  try {
    if (planned.length > 0) {
      await execute({
        scenarios: planned,
        ...(options.report.includes('html') ? { html: join(folder, 'report.html') } : {}),
        onResult(result): void {
          cases.push(result);
          appendFileSync(stream, caseLine(result));
          progress.show(result);
        },
      });
    }
  } finally {
    progress.end();
    await closeSession();
  }
  const settings = {
    target: options.target,
    seed: options.seed,
    gate: options.level,
    minTests: options.minTests,
  };
  const requirements = judgeRequirements(asked, cases, session.hello);
  const run: RunResult = {
    suite: suiteVersion(),
    settings,
    hello: session.hello,
    startedAt: started.toISOString(),
    durationMs: Date.now() - started.getTime(),
    cases,
    requirements,
    exit: exitOf(requirements, cases, settings),
  };
  writeReports(run, folder, options.report);
  const shown = relative(process.cwd(), folder) || '.';
  const places = {
    folder: shown,
    captureOf: (result: CaseResult): string | undefined =>
      result.capture === undefined ? undefined : join(shown, 'captures', captureName(result)),
  };
  const lines = terminalReport(
    run,
    places,
    palette(process.stdout.isTTY && !process.env['NO_COLOR']),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return run.exit;
}

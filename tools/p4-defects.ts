/** What the P4 compiler makes of the program's defects, kept as differences to the program's JSON. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withDefect, type ProgramDefect } from '../hardware/bmv2/defects/defect.ts';
import { PROGRAM_DEFECTS } from '../hardware/bmv2/defects/defects.ts';
import { applyDifference } from '../hardware/bmv2/defects/difference.ts';
import { defectsPage } from '../hardware/bmv2/defects/page.ts';

const PROGRAM = fileURLToPath(new URL('../hardware/bmv2', import.meta.url));
const COMPILED = join(PROGRAM, 'defects', 'compiled');
const PAGE = join(PROGRAM, 'defects', 'README.md');
const PROGRAM_JSON = join(PROGRAM, 'prism.json');

/** What is asked of the tool that compiles programs. */
export interface Compiler {
  readonly sha256Of: (program: string) => string;
  readonly compileProgram: (program: string) => { readonly json: string };
}

/** The JSON of the program without a defect. */
export function readSound(): string {
  return readFileSync(PROGRAM_JSON, 'utf8');
}

/** The JSON of the program with the defect; throws Error where its difference does not fit. */
export function readDefect({ name }: ProgramDefect): string {
  const file = join(COMPILED, `${name}.diff`);
  const json = applyDifference(readSound(), readFileSync(file, 'utf8'));
  if (json.ok) return json.value;
  throw new Error(`${file} is no difference to ${PROGRAM_JSON}: ${json.error}`);
}

/** Compiles each defect, and writes the differences and the page. Throws what the compiler says. */
export function writeDefects({ compileProgram }: Pick<Compiler, 'compileProgram'>): void {
  const unfit = PROGRAM_DEFECTS.map((defect) => withDefect(defect, sourceOf(defect))).flatMap(
    (edited) => (edited.ok ? [] : [edited.error]),
  );
  if (unfit.length > 0) throw new Error(`defects that do not fit:\n${unfit.join('\n')}`);
  const texts = PROGRAM_DEFECTS.map((defect) =>
    inFolder((folder) => {
      const compiled = join(folder, 'compiled.json');
      writeFileSync(compiled, compileProgram(placeDefect(defect, folder)).json);
      return [`${defect.name}.diff`, differenceTo(compiled, defect)] as const;
    }),
  );
  rmSync(COMPILED, { recursive: true, force: true });
  mkdirSync(COMPILED);
  for (const [name, text] of texts) writeFileSync(join(COMPILED, name), text);
  writeFileSync(PAGE, defectsPage(PROGRAM_DEFECTS));
}

/** What of the differences and the page is stale, a sentence each; compiles where it is given how. */
export function findStaleDefects({
  sha256Of,
  compileProgram,
}: Pick<Compiler, 'sha256Of'> & Partial<Compiler>): readonly string[] {
  const known = PROGRAM_DEFECTS.map(({ name }) => `${name}.diff`);
  const stray = readdirSync(COMPILED).filter((name) => !known.includes(name));
  const isPage = readFileSync(PAGE, 'utf8') === defectsPage(PROGRAM_DEFECTS);
  return [
    ...PROGRAM_DEFECTS.flatMap((defect) => whyStale(defect, sha256Of, compileProgram) ?? []),
    ...stray.map((name) => `${join(COMPILED, name)} is of no defect`),
    ...(isPage ? [] : [`${PAGE} is not the page of the defects`]),
  ];
}

function whyStale(
  defect: ProgramDefect,
  sha256Of: Compiler['sha256Of'],
  compileProgram: Compiler['compileProgram'] | undefined,
): string | undefined {
  const { name } = defect;
  try {
    const json = readDefect(defect);
    return inFolder((folder) => {
      const program = placeDefect(defect, folder);
      if (/"sha256":\s*"(\w+)"/u.exec(json)?.[1] !== sha256Of(program)) {
        return `defect ${name}: its difference was not compiled from its edit`;
      }
      if (compileProgram === undefined || compileProgram(program).json === json) return undefined;
      return `defect ${name}: its difference is not what p4c makes of it`;
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Writes the sources with the defect into `folder`; throws Error where it does not fit. */
function placeDefect(defect: ProgramDefect, folder: string): string {
  for (const name of readdirSync(PROGRAM).filter((each) => each.endsWith('.p4'))) {
    copyFileSync(join(PROGRAM, name), join(folder, name));
  }
  const edited = withDefect(defect, sourceOf(defect));
  if (!edited.ok) throw new Error(`defect ${edited.error}`);
  writeFileSync(join(folder, defect.file), edited.value);
  return join(folder, 'prism.p4');
}

function sourceOf({ file }: ProgramDefect): string {
  return readFileSync(join(PROGRAM, file), 'utf8');
}

function differenceTo(compiled: string, { name }: ProgramDefect): string {
  const labels = ['--label', 'prism.json', '--label', name];
  const words = ['-U0', ...labels, PROGRAM_JSON, compiled];
  const { stdout, status } = spawnSync('diff', words, { encoding: 'utf8' });
  if (status === 1) return stdout;
  throw new Error(`defect ${name}: diff ended with status ${status}`);
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-defect-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

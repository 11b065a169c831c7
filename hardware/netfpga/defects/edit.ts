/** The Verilog of a core with all its defects, of which a register chooses one. */
import type { RtlDefect } from './defect.ts';

/** The files of a core by their names. */
export type Sources = ReadonlyMap<string, string>;

/** What chooses: the register DEBUG, by its name from anywhere in the design. */
const CHOICE = 'prism_core.registers.debug_reg[7:0]';
const NUMBERS_MAX = 255;

/** An expression of a file, and what chosen defects make of it. */
interface Edit {
  readonly at: number;
  readonly find: string;
  /** By the number of a defect. */
  readonly wrong: ReadonlyMap<number, string>;
}

/** Why defects cannot be edited into `sources`, a sentence each; empty where all fit. */
export function findUnfit(defects: readonly RtlDefect[], sources: Sources): readonly string[] {
  const unfit = defects.flatMap(({ name, module, find }) => {
    const times = (sources.get(fileOf(module))?.split(find).length ?? 1) - 1;
    return times === 1
      ? []
      : [`${name}: what it edits occurs ${times} times in ${module}: ${find}`];
  });
  const overlaps = [...sources].flatMap(([file, text]) => {
    const edits = editsOf(defects, file, text);
    return edits
      .filter(({ at, find }, index) => at + find.length > (edits[index + 1]?.at ?? text.length))
      .map(({ find }) => `${file}: what another defect edits is a part of: ${find}`);
  });
  const tooMany = `${defects.length} defects are more than ${NUMBERS_MAX}`;
  return [...unfit, ...overlaps, ...(defects.length > NUMBERS_MAX ? [tooMany] : [])];
}

/** `sources` with all of `defects`, of which 1 chooses the first; RangeError where one does not fit. */
export function withDefects(defects: readonly RtlDefect[], sources: Sources): Sources {
  const unfit = findUnfit(defects, sources);
  if (unfit.length > 0) throw new RangeError(unfit.join('\n'));
  const edited = [...sources].map(([file, text]) => {
    // From the last on, for what is behind an edit moves.
    const edits = editsOf(defects, file, text).toReversed();
    return [file, edits.reduce((before, edit) => apply(edit, before), text)] as const;
  });
  return new Map(edited);
}

/** Several defects may edit one expression; the edits stand in the order of the text. */
function editsOf(defects: readonly RtlDefect[], file: string, text: string): readonly Edit[] {
  const edits = new Map<string, Edit>();
  for (const [index, { module, find, replace }] of defects.entries()) {
    if (fileOf(module) !== file) continue;
    const wrong = new Map(edits.get(find)?.wrong).set(index + 1, replace);
    edits.set(find, { at: text.indexOf(find), find, wrong });
  }
  return [...edits.values()].toSorted((a, b) => a.at - b.at);
}

function apply({ at, find, wrong }: Edit, text: string): string {
  const chosen = [...wrong].reduce(
    (right, [number, replace]) => `(${CHOICE} == 8'd${number} ? (${replace}) : ${right})`,
    `(${find})`,
  );
  return text.slice(0, at) + chosen + text.slice(at + find.length);
}

function fileOf(module: string): string {
  return `${module}.v`;
}

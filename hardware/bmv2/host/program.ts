/** The compiled `prism.p4`, as it is committed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadProgram, type Program } from '../model/program.ts';

/** Its file. */
export const PRISM_JSON: string = fileURLToPath(new URL('../prism.json', import.meta.url));

/** What the compiler says of its tables. */
export const PRISM_P4INFO: string = fileURLToPath(new URL('../prism.p4info.json', import.meta.url));

/** Loads a compiled program; throws Error that says why the model cannot run it. */
export function readProgram(file: string): Program {
  const program = loadProgram(JSON.parse(readFileSync(file, 'utf8')));
  if (!program.ok) throw new Error(`${file}: ${program.error}`);
  return program.value;
}

/** The compiled `prism.p4`, as it is committed. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadProgram, type Program } from './model/program.ts';

/** Its file. */
export const PRISM_JSON: string = fileURLToPath(new URL('prism.json', import.meta.url));

/** What the compiler says of its tables. */
export const PRISM_P4INFO: string = fileURLToPath(new URL('prism.p4info.json', import.meta.url));

/** Loads a compiled program; throws Error that names the file and why the model cannot run it. */
export function readProgram(file: string): Program {
  const program = loadProgram(readJson(file));
  if (!program.ok) throw new Error(`${file}: ${program.error}`);
  return program.value;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

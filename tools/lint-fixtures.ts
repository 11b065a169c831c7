/**
 * Lints the fixtures. Needs no root and no other program.
 *
 *     node --import ./tools/register.mjs tools/lint-fixtures.ts [folder]
 *
 * Prints one line per fault. Exit status: 0 no fault, 65 a fault.
 */
import { fileURLToPath } from 'node:url';
import { formatFault, lintFixtures } from './fixtures/lint.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../fixtures', import.meta.url));
const { faults, fixtures, frames } = await lintFixtures(folder);
for (const fault of faults) console.error(formatFault(fault));
if (faults.length === 0) console.log(`${fixtures} fixtures, ${frames} frames: no fault`);
process.exitCode = faults.length === 0 ? 0 : 65;

/**
 * Writes the page of the core's defects, or the core with one of them.
 *
 *     node --import ./tools/register.mjs tools/netfpga-defects.ts                writes the page
 *     node --import ./tools/register.mjs tools/netfpga-defects.ts --check        exits 1 when it is stale
 *     node --import ./tools/register.mjs tools/netfpga-defects.ts NAME FOLDER    writes one, as a target
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { RTL_DEFECTS } from '../hardware/netfpga/defects/defects.ts';
import { defectsPage } from '../hardware/netfpga/defects/page.ts';

const NETFPGA = fileURLToPath(new URL('../hardware/netfpga', import.meta.url));
const PAGE = join(NETFPGA, 'defects', 'README.md');
const RTL = join(NETFPGA, 'rtl');

/** A sentence if the page is stale. */
export function findStaleDefects(): readonly string[] {
  const isPage = readFileSync(PAGE, 'utf8') === defectsPage(RTL_DEFECTS);
  return isPage ? [] : [`${PAGE} is not the page of the defects`];
}

/** Writes the core with the defect `name` into `folder`, and a target file. */
function placeDefect(name: string, folder: string): void {
  const defect = RTL_DEFECTS.find((each) => each.name === name);
  if (defect === undefined) throw new Error(`there is no defect ${name}`);
  const rtl = join(folder, 'rtl');
  mkdirSync(rtl, { recursive: true });
  for (const file of readdirSync(RTL)) {
    const text = readFileSync(join(RTL, file), 'utf8');
    const isEdited = file === `${defect.module}.v`;
    const edited = isEdited ? text.replace(defect.find, () => `(${defect.replace})`) : text;
    writeFileSync(join(rtl, file), edited);
  }
  const target = `driver: netfpga-sim\nname: ${name}\nrtl: rtl\nrulesLog2: 10\n`;
  writeFileSync(join(folder, 'target.yaml'), target);
}

function main([first, folder]: readonly string[]): void {
  if (first === '--check') {
    for (const sentence of findStaleDefects()) {
      process.stderr.write(`${sentence}\n`);
      process.exitCode = 1;
    }
    return;
  }
  if (first !== undefined && folder !== undefined) placeDefect(first, folder);
  else writeFileSync(PAGE, defectsPage(RTL_DEFECTS));
}

if (argv[1] === fileURLToPath(import.meta.url)) main(argv.slice(2));

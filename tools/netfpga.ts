/**
 * Writes what is made of `hardware/netfpga/registers.yaml`.
 *
 *     node --import ./tools/register.mjs tools/netfpga.ts           writes the files
 *     node --import ./tools/register.mjs tools/netfpga.ts --check   exits 1 when one is stale
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { parseDescription, type Description } from './netfpga/description.ts';
import { headerText, pageText, typescriptText, verilogText } from './netfpga/texts.ts';

const FOLDER = fileURLToPath(new URL('../hardware/netfpga', import.meta.url));
const SOURCE = 'registers.yaml';

const TEXTS: Readonly<Record<string, (description: Description) => string>> = {
  'rtl/prism_registers.vh': verilogText,
  'board/prism_registers.h': headerText,
  'driver/registers.ts': typescriptText,
  'registers.md': pageText,
};

async function formatted(path: string, text: string): Promise<string> {
  if (!/\.(?:ts|md)$/u.test(path)) return text;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

const description = parseDescription(readFileSync(join(FOLDER, SOURCE), 'utf8'), SOURCE);
if (!description.ok) {
  process.stderr.write(`${description.error}\n`);
  process.exit(1);
}
for (const [name, textOf] of Object.entries(TEXTS)) {
  const path = join(FOLDER, name);
  const text = await formatted(path, textOf(description.value));
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`hardware/netfpga/${name} is stale: run npm run netfpga\n`);
    process.exitCode = 1;
  }
}

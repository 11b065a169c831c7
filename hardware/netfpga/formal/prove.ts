/**
 * Proves what is said of the core.
 *
 *   node --import ./tools/register.mjs hardware/netfpga/formal/prove.ts [--only NAME …]
 *
 * Ends with 1 when a property does not hold, was not decided, says nothing, or leaves a mutant
 * alive.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { examine, type Finding } from './decide.ts';
import { PROPERTIES } from './properties.ts';
import type { Property } from './property.ts';

const RTL = fileURLToPath(new URL('../rtl', import.meta.url));
const SECONDS_MAX = 300;
/** These begin first, so that at the end no processor waits for one of them. */
const LONGEST = ['add', 'checksum', 'flows', 'credits', 'options'];

function describe({ property: { name, method }, faults, refuted, seconds }: Finding): string {
  const how = 'clocks' in method ? `${method.kind} ${method.clocks}` : method.kind;
  const verdict = faults.length === 0 ? 'proved' : 'FAILED';
  return [
    name.padEnd(14),
    how.padEnd(14),
    verdict.padEnd(8),
    `${refuted} mutants`.padEnd(12),
    `${seconds.toFixed(1).padStart(7)} s`,
  ].join(' ');
}

async function proveAll(properties: readonly Property[], folder: string): Promise<Finding[]> {
  const waiting = properties.toSorted((a, b) => LONGEST.indexOf(b.name) - LONGEST.indexOf(a.name));
  const findings: Finding[] = [];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const place = { folder: join(folder, next.name), rtl: RTL, secondsMax: SECONDS_MAX };
      const finding = await examine(next, place);
      process.stderr.write(`${describe(finding)}\n`);
      for (const fault of finding.faults) process.stderr.write(`  ${fault}\n`);
      findings.push(finding);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return findings;
}

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const asked = PROPERTIES.filter(({ name }) => values.only?.includes(name) ?? true);
const folder = mkdtempSync(join(tmpdir(), 'prismspec-proofs-'));
try {
  const findings = await proveAll(asked, folder);
  const sorted = asked.map((each) => findings.find(({ property }) => property === each));
  for (const finding of sorted) {
    if (finding !== undefined)
      process.stdout.write(`${describe(finding)}  ${finding.property.says}\n`);
  }
  if (findings.length === 0 || findings.some(({ faults }) => faults.length > 0)) {
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The simulated core from capture to capture: `use-files.ts IN OUT RULES PORT`.
 *
 *   RULES ─▶ agent ─▶ driver ─▶ core ◀─ IN at PORT, the bit of TUSER
 *                                └────▶ OUT, each frame once, wherever it leaves
 *
 * What leaves at the punt port is not written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { captureOf, readCapture } from '../../capture.ts';
import { parseRules } from '../board/vectors/rules-file.ts';
import { INITIAL } from '../driver/registers.ts';
import { openCore } from '../sim/library.ts';
import { openCoreSwitch } from './core-switch.ts';
import { DESIGN } from './design.ts';

const BRIDGED = [0, 1, 2, 4, 6];
const CHOICES = { capacity: 16_384, lockLeaseMs: 10_000 };

async function main([
  input = '',
  output = '',
  rulesFile = '',
  port = '',
]: readonly string[]): Promise<void> {
  if (!BRIDGED.includes(Number(port))) {
    throw new Error(`usage: use-files.ts IN OUT RULES PORT, which is one of ${BRIDGED.join(' ')}`);
  }
  const rules = parseRules(readFileSync(rulesFile, 'utf8'));
  const events = readCapture(readFileSync(input), input);
  const core = await openCore(DESIGN);
  // Nothing in a capture waits: no lease ends.
  const { execute, pass } = await openCoreSwitch(core, BRIDGED, CHOICES, () => 0n);
  for (const rule of rules) {
    // oxlint-disable-next-line no-await-in-loop
    const reply = await execute({ op: 'add', rule, epoch: 1 });
    if (!reply.ok) throw new Error(reply.detail);
  }
  const left = await pass(
    events.flatMap((event) =>
      event.kind === 'packet' ? [{ source: 1 << Number(port), octets: event.octets }] : [],
    ),
  );
  const written = left.filter(({ destination }) => destination !== INITIAL.PUNT_PORTS);
  writeFileSync(output, captureOf(written.map(({ octets }) => octets)));
  await core.close();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

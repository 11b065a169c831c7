/**
 * `main.ts SECONDS PROGRAM WORDS…`: runs a program where a card seems to be, for so long at most.
 *
 * The program finds the interfaces nf0 … nf3 and eth1 … eth4, which is what the wires lead to. If it
 * is written in Python, its accesses to registers come to the simulated core as well. The exit
 * status is the program's; 124 where its time was over, 125 where there is no card.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DESIGN } from '../../host/design.ts';
import { openCore } from '../../sim/library.ts';
import { raiseCard } from './card.ts';
import { serveRegisters } from './registers.ts';

const PYTHON = fileURLToPath(new URL('python', import.meta.url));
const STATUS = { late: 124, noCard: 125, signal: 128 } as const;
const MS_PER_SECOND = 1000;

async function main([limit = '', ...words]: readonly string[]): Promise<number> {
  const limitMs = Number(limit) * MS_PER_SECOND;
  if (!(limitMs > 0) || words.length === 0) {
    throw new Error('usage: main.ts SECONDS PROGRAM WORDS…');
  }
  const core = await openCore(DESIGN);
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-nftest-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, 'registers');
  const card = raiseCard(core);
  const server = await serveRegisters(socket, card.registers);
  const path = [PYTHON, process.env['PYTHONPATH'] ?? ''].filter((each) => each !== '');
  const names = [`NETFPGA_REGISTERS=${socket}`, `PYTHONPATH=${path.join(delimiter)}`];
  const endMs = performance.now() + limitMs;
  let status: number | undefined;
  card.start(['env', ...names, ...words]).once('exit', (code) => (status = code ?? STATUS.signal));
  await card.serve(() => status !== undefined || performance.now() > endMs);
  if (status === undefined) process.stderr.write(`not done after ${limit} s\n`);
  card.close();
  server.close();
  return status ?? STATUS.late;
}

// What cleans up listens for the end of this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(STATUS.signal));
}
try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(STATUS.noCard);
}

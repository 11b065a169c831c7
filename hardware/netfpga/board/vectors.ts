/**
 * Vectors for NetFPGA's own test bench, from a capture and rules; and their judge.
 *
 *   vectors.ts write SUME│PLUS CAPTURE RULES FOLDER   what goes in, and what has to leave
 *   vectors.ts check FOLDER [LOGS]                    what left, octet for octet
 *
 * CAPTURE is pcapng as in a bundle: its interfaces are named client0, backend0 and so on, and what
 * is outbound on them is left out. RULES is a list in JSON, as a command of a `pcap-files` target
 * gets it. FOLDER gets the simulation's files and run.py; LOGS is where a simulation left its own.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from '../../capture.ts';
import { CARDS, type CardKind } from './vectors/cards.ts';
import { compareStreams } from './vectors/compare.ts';
import { parseRules } from './vectors/rules-file.ts';
import { scriptOf } from './vectors/script.ts';
import { simulationFiles, type PortFrame } from './vectors/stimulus.ts';

const USAGE = `usage: vectors.ts write SUME|PLUS CAPTURE RULES FOLDER
       vectors.ts check FOLDER [LOGS]`;
const RUN_PY = fileURLToPath(new URL('run.py', import.meta.url));

/** The frames that came in, each at the port of its host. Throws Error where a host has none. */
function readFrames(file: string, { ports }: CardKind): readonly PortFrame[] {
  const known: ReadonlyMap<string, number> = new Map(Object.entries(ports));
  const names = new Map<number, string>();
  const frames: PortFrame[] = [];
  for (const event of readCapture(readFileSync(file), file)) {
    if (event.kind === 'section') names.clear();
    if (event.kind === 'interface') names.set(event.id, event.name ?? 'without a name');
    if (event.kind !== 'packet' || event.direction === 'outbound') continue;
    const name = names.get(event.interfaceId) ?? 'without a name';
    const port = known.get(name);
    if (port === undefined) {
      throw new Error(`${file}: the card has ${[...known.keys()].join(', ')}, and not ${name}`);
    }
    frames.push({ port, octets: event.octets.slice() });
  }
  return frames;
}

async function write(
  card: CardKind,
  capture: string,
  rules: string,
  folder: string,
): Promise<void> {
  const scene = {
    rules: parseRules(readFileSync(rules, 'utf8')),
    frames: readFrames(capture, card),
  };
  const files = simulationFiles(await scriptOf(scene, card), card);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  copyFileSync(RUN_PY, join(folder, 'run.py'));
  process.stdout.write(`${scene.frames.length} frames, ${scene.rules.length} rules: ${folder}\n`);
}

/** Whether every port has a log, and no difference. */
function check(folder: string, logs: string): boolean {
  const doors = ['nf_interface_0', 'nf_interface_1', 'nf_interface_2', 'nf_interface_3', 'dma_0'];
  const known = doors.filter((door) => existsSync(join(folder, `${door}_expected.axi`)));
  const differences = known.flatMap((door) => {
    const [expected, log] = [`${door}_expected.axi`, `${door}_log.axi`];
    if (!existsSync(join(logs, log))) return [`${door}: there is no ${log}`];
    return compareStreams(
      readFileSync(join(folder, expected), 'utf8'),
      readFileSync(join(logs, log), 'utf8'),
    ).map((each) => `${door}: ${each}`);
  });
  if (known.length === 0) differences.push(`${folder}: there are no vectors`);
  for (const each of differences) process.stdout.write(`${each}\n`);
  process.stdout.write(differences.length === 0 ? 'as expected\n' : '');
  return differences.length === 0;
}

async function main([verb, ...words]: readonly string[]): Promise<void> {
  const [first = '', second = '', third = '', fourth = ''] = words;
  if (verb === 'write' && (first === 'SUME' || first === 'PLUS') && fourth !== '') {
    await write(CARDS[first], second, third, fourth);
  } else if (verb === 'check' && first !== '') {
    if (!check(first, second === '' ? first : second)) process.exitCode = 1;
  } else {
    throw new Error(USAGE);
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}

/** `run.py --hw`, as for a card, against the simulated core in a namespace. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { clientPath, ownerPath, pathsOf, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { namespaceFile } from '../../../reference/host/namespace.ts';
import { CARDS, type Role } from '../../../hardware/netfpga/board/vectors/cards.ts';
import { parseRules } from '../../../hardware/netfpga/board/vectors/rules-file.ts';
import { scriptOf } from '../../../hardware/netfpga/board/vectors/script.ts';
import { simulationFiles } from '../../../hardware/netfpga/board/vectors/stimulus.ts';
import { prepareSimulation, whyNoSimulation } from '../../../hardware/netfpga/host/laboratory.ts';
import { isKernelOurs } from '../../host/bed.ts';
import { leaveOut, oracle } from '../../oracle.ts';

const BOARD = fileURLToPath(new URL('../../../hardware/netfpga/board', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../../tools/register.mjs', import.meta.url));
const CONN = join(BOARD, 'nftest/conn');
const LIMIT_S = '60';
const RUN_MAX_MS = 90_000;
const WORD_OCTETS = 32;
/** The last octet of a sequence number without tags and IP options. */
const SEQ_END = 41;
const folder = mkdtempSync(join(tmpdir(), 'prismspec-nftest-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const RULE = {
  ...keyOf(HOSTS.client),
  owner: ownerOf(HOSTS['backend 1']),
  deltas: {
    clientSeq: 5000,
    ownerSeq: 4_294_967_000,
    clientTimestamp: 7,
    ownerTimestamp: 0,
    clientWindow: { in: 7, out: 7 },
    ownerWindow: { in: 7, out: 5 },
  },
  locked: false,
};
const { client, owner } = pathsOf(RULE, HOSTS.client);
const options = [
  { kind: 'nop' },
  { kind: 'nop' },
  { kind: 'timestamps', value: 100, echo: 200 },
] as const;
const payload = Uint8Array.from({ length: 1400 }, (_, at) => at);

/** Flooded, to the client, with a tag, from the wrong host, punted, to all, and long. */
const SENT: readonly (readonly [Role, Uint8Array])[] = [
  ['client0', segment(client, { payload: payload.subarray(0, 100) })],
  ['backend0', segment(owner, { options, flags: 'PA', payload: Uint8Array.of(1, 2, 3) })],
  ['client0', segment(client, { options, vlans: [10] })],
  ['controller', segment(ownerPath(ownerOf(HOSTS.controller), RULE, HOSTS.client), { flags: 'R' })],
  ['client0', segment(client, { ipv4: { options: [{ kind: 'nop' }] } })],
  ['backend0', segment({ ...owner, destinationMac: 'ff:ff:ff:ff:ff:ff' }, { tcp: { srcPort: 9 } })],
  ['client0', segment(client, { payload })],
  ['controller', segment(clientPath(keyOf(HOSTS.controller), HOSTS.controller))],
];

/** Writes the vectors of SENT, with run.py beside them; answers where. */
async function writeVectors(name: string): Promise<string> {
  const rules = parseRules(JSON.stringify([RULE]));
  const frames = SENT.map(([role, octets]) => ({ port: CARDS.SUME.ports[role] ?? -1, octets }));
  const files = simulationFiles(await scriptOf({ rules, frames }, CARDS.SUME), CARDS.SUME);
  const place = join(folder, name);
  mkdirSync(place);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
  copyFileSync(join(BOARD, 'run.py'), join(place, 'run.py'));
  return place;
}

interface Ended {
  readonly pid: number;
  readonly status: number | null;
  readonly said: string;
}

/** What becomes of a program beside the simulated card. */
function beside(limitS: string, ...words: readonly string[]): Ended {
  const main = ['--import', REGISTER, join(BOARD, 'nftest/main.ts'), limitS];
  const done = spawnSync(process.execPath, [...main, ...words], {
    encoding: 'utf8',
    timeout: RUN_MAX_MS,
  });
  return { pid: done.pid, status: done.status, said: `${done.stdout}${done.stderr}` };
}

/** Whether a card can be put into a namespace here; else the test must return. */
async function isPossible(t: ExecutionContext): Promise<boolean> {
  t.timeout(900_000);
  if (!isKernelOurs(t)) return false;
  if (!['python3', 'ethtool', 'unshare'].every((each) => oracle(t, each))) return false;
  const missing = whyNoSimulation();
  if (missing === undefined) await prepareSimulation();
  else leaveOut(t, missing);
  return missing === undefined;
}

test.serial('run.py finds the simulated card as it has to be, octet for octet', async (t) => {
  if (!(await isPossible(t))) return;
  const place = await writeVectors('good');
  const { status, said } = beside(
    LIMIT_S,
    'python3',
    join(place, 'run.py'),
    '--hw',
    '--conn',
    CONN,
  );
  t.is(said, 'all as expected\n');
  t.is(status, 0);
});

/** What run.py says after `spoil` has changed one of the vectors' files. */
async function judgeSpoilt(file: string, spoil: (text: string) => string): Promise<Ended> {
  const place = await writeVectors(file);
  const text = readFileSync(join(place, file), 'utf8');
  const spoilt = spoil(text);
  if (spoilt === text) throw new Error('nothing was spoilt');
  writeFileSync(join(place, file), spoilt);
  return beside(LIMIT_S, 'python3', join(place, 'run.py'), '--hw', '--conn', CONN);
}

/** The first frame with the lowest bit of an octet turned over; the last octet of a word is written first. */
function flipBit(text: string, octet: number): string {
  const lines = text.split('\n');
  const first = lines.findIndex((each) => /^[0-9a-f]{64}, /u.test(each));
  const line = first + Math.floor(octet / WORD_OCTETS);
  const at = 2 * (WORD_OCTETS - 1 - (octet % WORD_OCTETS));
  const word = lines[line] ?? '';
  const flipped = (Number.parseInt(word.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, '0');
  return lines.with(line, word.slice(0, at) + flipped + word.slice(at + 2)).join('\n');
}

test.serial('one bit of a sequence number is a difference', async (t) => {
  if (!(await isPossible(t))) return;
  const { status, said } = await judgeSpoilt('nf_interface_2_expected.axi', (text) =>
    flipBit(text, SEQ_END),
  );
  t.is(status, 1);
  t.regex(
    said,
    /^step 5, eth3: octet 41 differs\n {2}expected [0-9a-f]+\n {2}came {5}[0-9a-f]+\n$/u,
  );
});

test.serial('a frame that nobody expected is a difference', async (t) => {
  if (!(await isPossible(t))) return;
  // The tagged frame is the last but one that leaves there; nothing comes in its place.
  const { status, said } = await judgeSpoilt('nf_interface_1_stim.axi', (text) =>
    text.replace(/^N 1$/mu, 'N 0'),
  );
  t.is(status, 1);
  t.regex(said, /^eth2: \d+ octets came that nobody expected/mu);
});

test.serial('a register that reads another value is a difference', async (t) => {
  if (!(await isPossible(t))) return;
  const { status, said } = await judgeSpoilt('reg_expect.axi', (text) =>
    text.replace('5052534d', '5052534c'),
  );
  t.is(status, 1);
  t.is(said, 'register 44020000: expected 5052534c, is 5052534d\n');
});

test.serial('what is not done in time is ended, with what it has started', async (t) => {
  if (!(await isPossible(t))) return;
  const seconds = `120.${process.pid}`;
  const { pid, status, said } = beside('2', 'sh', '-c', `sleep ${seconds} & sleep ${seconds}`);
  t.is(status, 124);
  t.is(said, 'not done after 2 s\n');
  // 1: there is none.
  t.is(spawnSync('pgrep', ['-f', `^sleep ${seconds}`]).status, 1);
  t.false(existsSync(namespaceFile(`prismspec-${pid}-netfpga-card`)));
});

const REGISTERS = `
import ctypes
import fcntl
library = ctypes.cdll.LoadLibrary('/nowhere/libsume.so')
library.regread.argtypes, library.regread.restype = [ctypes.c_uint], ctypes.c_uint
print(library.regread(0x44020000) == library.regread(0x20000) == 0x5052534d)
print(library.regwrite(0x2000c, 5), '%x' % library.regread(0x2000c), library.regread(0x10000))
print(library.regread_expect(0x4402000c, 0xfffffffa), library.regread_expect(0x4402000c, 5))
for name in [b'nf1', b'nf0']:
    access = (ctypes.c_uint32 * 2)(0x44020010, 0)
    block = bytearray(40)
    block[:3], block[16:24] = name, ctypes.addressof(access).to_bytes(8, 'little')
    try:
        print(fcntl.ioctl(0, 0x89f2, block), access[1])
    except OSError as error:
        print(error.strerror)
exit(7)
`;

test.serial('a program in Python has the registers, as NFTest and ioctl do', async (t) => {
  if (!(await isPossible(t))) return;
  const { status, said } = beside(LIMIT_S, 'python3', '-c', REGISTERS);
  t.deepEqual(said.split('\n'), ['True', '0 fffffffa 0', '1 0', 'No such device', '0 0', '']);
  t.is(status, 7);
});

test.serial('without words there is no card', async (t) => {
  if (!(await isPossible(t))) return;
  t.deepEqual(beside('1').said, 'usage: main.ts SECONDS PROGRAM WORDS…\n');
  t.is(beside('0', 'true').status, 125);
});

test('for a simulation run.py lays the files where upstream looks for them', async (t) => {
  if (!oracle(t, 'python3')) return;
  const place = await writeVectors('simulation');
  const design = join(folder, 'design');
  mkdirSync(join(design, 'test'), { recursive: true });
  const env = { ...process.env, NF_DESIGN_DIR: design };
  t.is(spawnSync(join(place, 'run.py'), [], { env }).status, 0);
  const laid = readdirSync(join(design, 'test'));
  t.deepEqual(
    laid.toSorted(),
    readdirSync(place).filter((name) => name.endsWith('.axi')),
  );
  t.true(laid.length > 2);
});

/** Programs as targets of the command: the examples that `init` copies, and devices that are ill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { oracle } from '../../oracle.ts';

const PROGRAM = fileURLToPath(new URL('../../../tools/prismspec.mjs', import.meta.url));
const DEVICE = fileURLToPath(new URL('../drivers/stdio-device.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; sends it SIGINT as soon as the file `interruptAt` is there. */
function prismspec(words: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (exit) => resolve({ exit, stdout, stderr }));
    const poll = setInterval(() => {
      if (interruptAt === undefined || !existsSync(interruptAt)) return;
      clearInterval(poll);
      child.kill('SIGINT');
    }, 50);
    child.on('close', () => clearInterval(poll));
  });
}

for (const { lang, program, passes } of [
  { lang: 'python', program: 'python3', passes: 66 },
  { lang: 'go', program: 'go', passes: 41 },
] as const) {
  test.serial(`init writes a device in ${lang} that runs, and passes what it claims`, async (t) => {
    if (!oracle(t, program)) return;
    const out = join(folder, lang);
    const init = ['init', '--lang', lang, '--out', out];
    const first = await prismspec(init);
    t.is(first.exit, 0, first.stderr);
    const target = /doctor --target (?<path>\S+)/u.exec(first.stdout)?.groups?.['path'] ?? '';
    const doctor = await prismspec(['doctor', '--target', target]);
    t.is(doctor.exit, 0, doctor.stdout);
    t.notRegex(doctor.stdout, /FAIL/u);
    t.regex(doctor.stdout, /n\/a {2}the capture has lost nothing: /u);
    // A million damaged frames are for the run by hand: here the rest is what matters.
    const words = ['run', '!PRISM-SEC-08', '--level', 'may', '--target', target, '--report', ''];
    const { exit, stdout } = await prismspec([...words, '--out', join(folder, 'out')]);
    t.is(exit, 0, stdout);
    const counts = /^ {2}all +(?<pass>\d+) +(?<fail>\d+) +(?<open>\d+) /mu.exec(stdout)?.groups;
    t.deepEqual({ ...counts }, { pass: String(passes), fail: '0', open: '0' });
    // What is there is never written over.
    writeFileSync(target, 'mine');
    const again = await prismspec(init);
    t.is(again.exit, 64);
    t.is(again.stderr, `prismspec: ${target} is there already, and nothing was written\n`);
    t.is(readFileSync(target, 'utf8'), 'mine');
  });
}

test('the transcript in the documents is what the device answers', async (t) => {
  if (!oracle(t, 'python3')) return;
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const lines = readFileSync(join(root, 'docs/prism-dut-1.md'), 'utf8').split('\n');
  const told = (mark: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${mark} {`)).map((line) => line.slice(2));
  const device = spawn('python3', ['device.py'], {
    cwd: join(root, 'hardware/stdio'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let answers = '';
  device.stdout.setEncoding('utf8').on('data', (text: string) => (answers += text));
  device.stdin.end(`${told('→').join('\n')}\n`);
  await once(device, 'close');
  const parsed = (texts: readonly string[]): readonly unknown[] =>
    texts.map((text): unknown => JSON.parse(text));
  t.true(told('→').length > 8);
  t.deepEqual(parsed(answers.trimEnd().split('\n')), parsed(told('←')));
});

test('an example has at most 60 lines', (t) => {
  for (const name of ['device.py', 'device.go']) {
    const path = new URL(`../../../hardware/stdio/${name}`, import.meta.url);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    t.true(lines.length <= 60, `${name}: ${lines.length}`);
  }
});

test.serial('init writes a command from capture to capture that can be judged', async (t) => {
  if (!oracle(t, 'tcprewrite')) return;
  const out = join(folder, 'pcap-files');
  const init = await prismspec(['init', '--driver', 'pcap-files', '--out', out]);
  t.is(init.exit, 0, init.stderr);
  const target = /doctor --target (?<path>\S+)/u.exec(init.stdout)?.groups?.['path'] ?? '';
  const doctor = await prismspec(['doctor', '--target', target]);
  t.is(doctor.exit, 0, doctor.stdout);
  const words = ['run', 'PRISM-REW-01', 'PRISM-REW-02', '!PRISM-REW-03', '--target', target];
  const { exit, stdout } = await prismspec([...words, '--report', '', '--out', join(out, 'out')]);
  t.is(exit, 0, stdout);
  t.regex(stdout, /all +2 +0 +0 +0 /u);
});

function ill(fault: string, timeoutMs = 30_000): string {
  const path = join(folder, `${fault}.yaml`);
  const cmd = JSON.stringify([process.execPath, DEVICE, fault]);
  writeFileSync(path, `driver: stdio\ncmd: ${cmd}\ntimeoutMs: ${timeoutMs}\n`);
  return path;
}

for (const [fault, told] of [
  ['hang-hello', /does not start: \[hang\] no answer to hello within 3000 ms/u],
  ['die-at-start', /does not start: \[died\] .* status 1 .*\n {4}cannot open the board\n$/u],
  ['other-version', /does not start: \[protocol\] the answer to hello: result\.protocol/u],
  ['parrot', /the device claims CANARY\w+, which does not exist/u],
] as const) {
  for (const command of ['run', 'doctor']) {
    test.serial(`${command} on a device with the fault "${fault}" ends with 69`, async (t) => {
      const target = ill(fault, fault === 'hang-hello' ? 3000 : undefined);
      const { exit, stdout, stderr } = await prismspec([command, '--target', target]);
      t.is(exit, 69, stderr);
      t.is(stdout, '');
      t.regex(stderr, told);
    });
  }
}

for (const [fault, reason, told] of [
  ['die-inject', 'died', /fatal: .*no more memory/u],
  ['garbage', 'garbage', /it is not JSON: booting/u],
  ['hang-inject', 'hang', /no answer to inject within 1500 ms/u],
  ['closes-stdout', 'died', /closed its standard output/u],
] as const) {
  test.serial(`a run on a device with the fault "${fault}" is inconclusive`, async (t) => {
    const target = ill(fault, fault === 'hang-inject' ? 1500 : undefined);
    // Many scenarios: a device that is dead must not cost a time-out in each.
    const words = ['run', 'PRISM-REW-01', 'PRISM-FWD-01', '!PRISM-REW-03', '--target', target];
    const { exit, stdout } = await prismspec([...words, '--report', '']);
    t.is(exit, 2, stdout);
    t.regex(stdout, new RegExp(`inconclusive\\(${reason}\\) on hub`, 'u'));
    t.regex(stdout, told);
    t.regex(stdout, /all +0 +0 +2 /u);
  });
}

for (const [fault, exit, told] of [
  ['slow', 0, /absence proved by: bound in \d+ scenarios/u],
  ['slow-in-order', 0, /absence proved by: sentinel in \d+ scenarios/u],
  ['slow-unsaid', 2, /inconclusive\(no-barrier\) on hub/u],
] as const) {
  test.serial(`a run on a device with the habit "${fault}" ends with ${exit}`, async (t) => {
    const words = ['run', 'PRISM-FWD-01', '!PRISM-REW-03', '--target', ill(fault), '--report', ''];
    const ended = await prismspec([...words, '--out', join(folder, 'slow')]);
    t.is(ended.exit, exit, ended.stdout);
    t.regex(ended.stdout, told);
  });
}

test.serial('a device that dies under the doctor is told so, with its last words', async (t) => {
  const { exit, stdout } = await prismspec(['doctor', '--target', ill('die-inject')]);
  t.is(exit, 69);
  t.regex(stdout, /FAIL an idle device is silent.*: \[died\] /u);
  t.regex(stdout, /fatal: .*no more memory/u);
});

test.serial('a command that is interrupted ends its device', async (t) => {
  const pidFile = join(folder, 'pid');
  const script = `const f = require('fs'); f.writeFileSync(process.argv[1] + '.new', String(process.pid)); f.renameSync(process.argv[1] + '.new', process.argv[1]); setInterval(() => 0, 999)`;
  const path = join(folder, 'silent.yaml');
  const cmd = JSON.stringify([process.execPath, '-e', script, pidFile]);
  writeFileSync(path, `driver: stdio\ncmd: ${cmd}\ntimeoutMs: 60000\n`);
  const { exit } = await prismspec(['doctor', '--target', path], pidFile);
  t.is(exit, 130);
  t.true(existsSync(pidFile));
  const status = `/proc/${readFileSync(pidFile, 'utf8')}/status`;
  t.true(!existsSync(status) || /^State:\s+[ZX]/mu.test(readFileSync(status, 'utf8')));
});

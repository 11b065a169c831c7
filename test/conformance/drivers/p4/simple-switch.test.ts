/** A switch that cannot be started: one clear message, and nothing is left of it. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DriverFault } from '../../../../conformance/driver/device.ts';
import { openBmv2 } from '../../../../conformance/drivers/p4/bmv2.ts';
import { oracle } from '../../../oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
const scratch = join(folder, 'tmp');
mkdirSync(scratch);
process.env['TMPDIR'] = scratch;
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** A program that tells a version, and otherwise does what `script` says. */
function programOf(name: string, script: string): string {
  const path = join(folder, name);
  const version = 'if [ "$1" = --version ]; then echo 1.15.5; exit; fi';
  writeFileSync(path, `#!/bin/sh\n${version}\n${script}\n`, { mode: 0o755 });
  return path;
}

/** Whether a process is there that is not only waited for. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Asserts that the switch cannot be asked, and tells why in one message that begins so. */
async function reject(t: ExecutionContext, program: string, message: RegExp): Promise<void> {
  const device = openBmv2({ program, timeoutMs: 2000 });
  const fault = await t.throwsAsync(device.hello(), { instanceOf: DriverFault, message });
  t.is(fault.reason, 'not-started');
  // The first fault is told again: nothing is started a second time.
  await t.throwsAsync(device.reset(), { is: fault });
  await device.close();
  t.deepEqual(readdirSync(scratch), []);
}

test.serial('a program that is not there: the packages that have it are named', async (t) => {
  const wanted = /^\[not-started\] there is no program \S+: install p4lang-bmv2 .*target file$/u;
  await reject(t, 'simple_switch_grpc_of_nobody', wanted);
  await reject(t, join(folder, 'nothing'), wanted);
});

test.serial('a program that cannot run at all', async (t) => {
  const path = join(folder, 'broken');
  writeFileSync(path, '#!/bin/sh\necho "libpi.so.0: cannot open" >&2\nexit 127\n', { mode: 0o755 });
  await reject(t, path, /does not tell its version: .*libpi\.so\.0: cannot open/su);
});

test.serial('a program that ends before it listens tells its last words', async (t) => {
  if (!oracle(t, 'unshare')) return;
  const path = programOf('dies', 'echo "Address already in use" >&2; exit 3');
  await reject(t, path, /dies ended with status 3; .*\n {4}Address already in use$/u);
});

test.serial('a program that never listens is ended, with what it has started', async (t) => {
  if (!oracle(t, 'unshare')) return;
  const started = join(folder, 'started');
  const path = programOf('hangs', `sleep 60 & echo $! > ${started}; sleep 60`);
  await reject(t, path, /hangs does not listen within 2000 ms; it wrote nothing/u);
  const pid = Number(readFileSync(started, 'utf8'));
  t.true(pid > 0);
  for (let tries = 0; isRunning(pid) && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.false(isRunning(pid));
});

test.serial('a program that is asked for nothing is not started', async (t) => {
  const device = openBmv2({ program: join(folder, 'nothing') });
  await device.close();
  t.deepEqual(readdirSync(scratch), []);
});

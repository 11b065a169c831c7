/** HAProxy and nginx as programs that the suite starts, each in a namespace of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { SetupFile } from '../../../hardware/product/setup-file.ts';
import { leaveOut, oracle } from '../../oracle.ts';
import { fileOf, service } from './setups.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-serve-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const REGISTER = fileURLToPath(new URL('../../../tools/register.mjs', import.meta.url));
/** Shows who has which address in the namespace, and who listens. */
const LOOK = 'ip -brief address show dev lo; ss -Hltn';

interface Served {
  /** What the program says next. */
  readonly line: () => Promise<unknown>;
  readonly tell: (file: SetupFile) => void;
  readonly signal: (name: 'SIGHUP' | 'SIGTERM') => void;
  /** What a program says that is started beside it. */
  readonly look: () => Promise<string>;
  readonly ended: Promise<unknown>;
}

/** Starts `product` with `file`; undefined where this machine lacks something. */
function serve(t: ExecutionContext, product: string, file: SetupFile): Served | undefined {
  if (![product, 'ip', 'unshare'].every((program) => oracle(t, program))) return undefined;
  if (process.getuid?.() !== 0) {
    // Where users make namespaces they have no groups, and nginx wants them.
    leaveOut(t, 'needs root');
    return undefined;
  }
  const path = join(folder, `${product}-${t.title.length}.json`);
  const tell = (told: SetupFile): void => writeFileSync(path, JSON.stringify(told));
  tell(file);
  const start = fileURLToPath(new URL(`../../../hardware/${product}/start.ts`, import.meta.url));
  const script = `ip link set lo up; exec ${process.execPath} --import ${REGISTER} ${start} ${path}`;
  const words = ['--net', 'sh', '-c', script];
  const child = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { pid = 0 } = child;
  t.teardown(() => child.kill('SIGTERM'));
  return {
    tell,
    line: async () => JSON.parse(String((await lines.next()).value)),
    signal: (name) => void child.kill(name),
    ended: once(child, 'exit'),
    async look() {
      const beside = spawn('nsenter', ['--target', String(pid), '--net', 'sh', '-c', LOOK]);
      let text = '';
      beside.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
      await once(beside, 'close');
      return text;
    },
  };
}

for (const product of ['haproxy', 'nginx']) {
  test(`${product} serves what it is told, and what it is told then`, async (t) => {
    const served = serve(t, product, fileOf([service()]));
    if (served === undefined) return;
    t.deepEqual(await served.line(), { ready: true });
    const before = await served.look();
    t.regex(before, /10\.1\.0\.201\/32/u);
    t.regex(before, /10\.1\.0\.201:80 /u);
    served.tell(fileOf([service(), service({ name: 'other', address: '10.1.0.202' })]));
    served.signal('SIGHUP');
    t.deepEqual(await served.line(), { ready: true });
    const after = await served.look();
    t.regex(after, /10\.1\.0\.201:80 /u);
    t.regex(after, /10\.1\.0\.202:80 /u);
    served.signal('SIGTERM');
    t.deepEqual(await served.ended, [0, null]);
  });

  test(`${product} says what it cannot do, and goes on as it was`, async (t) => {
    const served = serve(t, product, fileOf([service()]));
    if (served === undefined) return;
    await served.line();
    served.tell(fileOf([service({ choosing: 'maglev' })]));
    served.signal('SIGHUP');
    t.deepEqual(await served.line(), { unsupported: 'choosing by maglev' });
    served.tell(fileOf([service()], [{ action: 'deny', source: '10.1.0.300' }]));
    served.signal('SIGHUP');
    t.deepEqual(Object.keys(Object(await served.line())), ['refused']);
    t.regex(await served.look(), /10\.1\.0\.201:80 /u);
    served.signal('SIGTERM');
    t.deepEqual(await served.ended, [0, null]);
  });

  test(`${product} may be told at first what it cannot do`, async (t) => {
    const served = serve(t, product, fileOf([service({ mode: 'nat' })]));
    if (served === undefined) return;
    t.deepEqual(await served.line(), { unsupported: 'mode nat' });
    served.tell(fileOf([service()]));
    served.signal('SIGHUP');
    t.deepEqual(await served.line(), { ready: true });
    t.regex(await served.look(), /10\.1\.0\.201:80 /u);
    served.signal('SIGTERM');
    t.deepEqual(await served.ended, [0, null]);
  });
}

test('a product does not outlive who has started it', async (t) => {
  if (!['haproxy', 'ip', 'unshare'].every((program) => oracle(t, program))) return;
  if (process.getuid?.() !== 0) {
    leaveOut(t, 'needs root');
    return;
  }
  const path = join(folder, 'orphan.json');
  writeFileSync(path, JSON.stringify(fileOf([service()])));
  const start = fileURLToPath(new URL('../../../hardware/haproxy/start.ts', import.meta.url));
  const script = `ip link set lo up; ${process.execPath} --import ${REGISTER} ${start} ${path}; true`;
  const shell = spawn('unshare', ['--net', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(shell.stdout, 'data');
  // All that it has started has the other end, too.
  const closed = once(shell.stdout, 'close');
  shell.kill('SIGKILL');
  await closed;
  t.pass();
});

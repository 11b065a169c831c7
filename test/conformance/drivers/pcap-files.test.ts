/** A command from one capture file to another as a device, with commands of a few lines. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Device } from '../../../conformance/driver/device.ts';
import { DriverFault, NotSupported } from '../../../conformance/driver/device.ts';
import { openPcapFiles } from '../../../conformance/drivers/pcap-files.ts';
import type { PcapFilesTarget } from '../../../conformance/drivers/target-file.ts';
import { createObserver } from '../../../conformance/observe/observer.ts';
import { fromClient, SPLICE } from '../bed.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** A pcap header with nothing behind it: little-endian, Ethernet. */
const EMPTY = 'd4c3b2a1020004000000000000000000ffff000001000000';

/** Commands by what they do; `i`, `o` and `r` are the paths of the files. */
const COMMANDS: Readonly<Record<string, string>> = {
  identity: 'f.copyFileSync(i, o)',
  drop: `f.writeFileSync(o, Buffer.from('${EMPTY}', 'hex'))`,
  double: 'const b = f.readFileSync(i); f.writeFileSync(o, Buffer.concat([b, b.subarray(24)]))',
  fail: "console.error('line 1\\nno rule for 10.0.0.1'); process.exit(3)",
  garbage: "f.writeFileSync(o, 'this is no capture')",
  cut: 'f.writeFileSync(o, f.readFileSync(i).subarray(0, -3))',
  nothing: '',
  hang: 'setInterval(() => undefined, 1000)',
  rules: "f.copyFileSync(i, o); f.copyFileSync(r, 'rules-seen.json')",
};

function targetOf(command: string, parts: Partial<PcapFilesTarget> = {}): PcapFilesTarget {
  const code = `const f = require('node:fs'); const [, i, o, r] = process.argv; ${COMMANDS[command] ?? ''}`;
  return {
    driver: 'pcap-files',
    name: command,
    vendor: 'test',
    version: '1',
    cmd: [process.execPath, '-e', code, '{in}', '{out}', '{rules}'],
    ports: { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 },
    egress: 'destination-mac',
    mtu: 1500,
    timeoutMs: 20_000,
    claims: ['SPLICE'],
    ...parts,
  };
}

async function withDevice(
  target: PcapFilesTarget,
  use: (device: Device) => Promise<void>,
): Promise<void> {
  const device = openPcapFiles(target, folder);
  try {
    await use(device);
  } finally {
    await device.close();
  }
}

async function faultOf(target: PcapFilesTarget): Promise<DriverFault> {
  let fault: unknown;
  await withDevice(target, async (device) => {
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    try {
      await device.collect();
    } catch (error) {
      fault = error;
    }
  });
  if (!(fault instanceof DriverFault)) throw new Error(`no DriverFault but ${String(fault)}`);
  return fault;
}

test('what comes out leaves where the host of its destination MAC address is', async (t) => {
  await withDevice(targetOf('identity'), async (device) => {
    const frame = fromClient(SPLICE, { payload: Uint8Array.of(1, 2, 3) });
    const stranger = frame.slice();
    stranger.set([2, 9, 9, 9, 9, 9]);
    await device.inject([
      { port: 0, frame },
      { port: 1, frame: stranger },
    ]);
    const { frames } = await device.collect();
    t.deepEqual(frames, [
      { port: 2, frame },
      { port: 1, frame: stranger },
    ]);
    t.deepEqual((await device.collect()).frames, []);
  });
});

test('frames of each ingress keep their order, in one run of the command', async (t) => {
  await withDevice(targetOf('identity'), async (device) => {
    const sent = Array.from({ length: 300 }, (_, seq) => fromClient(SPLICE, { seq }));
    await device.inject(sent.map((frame) => ({ port: 0, frame })));
    const { frames } = await device.collect();
    t.deepEqual(
      frames.map(({ frame }) => frame),
      sent,
    );
  });
});

test('what is dropped is missing, and the end of the command proves it', async (t) => {
  await withDevice(targetOf('drop'), async (device) => {
    const hello = await device.hello();
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    const { outputs, proof } = await createObserver(device, hello).observe();
    t.deepEqual(outputs, []);
    t.is(proof, 'barrier');
  });
});

test('what is doubled comes out twice', async (t) => {
  await withDevice(targetOf('double'), async (device) => {
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    t.is((await device.collect()).frames.length, 2);
  });
});

for (const [command, reason, told] of [
  ['fail', 'command', /ended with status 3: line 1 \| no rule for 10\.0\.0\.1$/u],
  ['garbage', 'bad-output', /\S/u],
  ['cut', 'bad-output', /\S/u],
  ['nothing', 'no-output', /did not write .*0\.out\.pcap$/u],
] as const) {
  test(`a command that does "${command}" is no device, and no verdict`, async (t) => {
    const fault = await faultOf(targetOf(command));
    t.is(fault.reason, reason);
    t.regex(fault.message, told);
    t.false(fault.message.includes('\n'));
  });
}

test('a command that hangs is ended', async (t) => {
  const fault = await faultOf(targetOf('hang', { timeoutMs: 1500 }));
  t.is(fault.reason, 'command');
  t.regex(fault.message, /ETIMEDOUT/u);
});

test('an old output is never read again', async (t) => {
  const flag = join(folder, 'ran');
  const code = `const f = require('node:fs'); const [, i, o] = process.argv;
    if (!f.existsSync('${flag}')) { f.writeFileSync('${flag}', ''); f.copyFileSync(i, o); }`;
  const cmd = [process.execPath, '-e', code, '{in}', '{out}'];
  await withDevice(targetOf('once', { cmd }), async (device) => {
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    t.is((await device.collect()).frames.length, 1);
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    await t.throwsAsync(device.collect(), { instanceOf: DriverFault, message: /no-output/u });
  });
});

test('a command that cannot be started is found when the device introduces itself', async (t) => {
  await withDevice(targetOf('none', { cmd: ['/nonexistent/program'] }), async (device) => {
    await t.throwsAsync(device.hello(), { instanceOf: DriverFault, message: /ENOENT/u });
  });
});

test('the introduction says what the target file says', async (t) => {
  const profile = { ttl: 'decrement', delta: 9 } as const;
  await withDevice(targetOf('identity', { profile, mtu: 9000 }), async (device) => {
    t.like(await device.hello(), {
      name: 'identity',
      mtu: 9000,
      barrier: 'rpc',
      capabilities: ['SPLICE'],
      profile: { ttl: 'decrement', delta: 9 },
    });
    t.true(await device.claims('SPLICE'));
    t.false(await device.claims('CANARY1'));
  });
});

test('the rules are in a file of JSON, and what was sent before a change runs before it', async (t) => {
  await withDevice(targetOf('rules'), async (device) => {
    const seen = (): unknown => JSON.parse(readFileSync(join(folder, 'rules-seen.json'), 'utf8'));
    const { client, virtual } = SPLICE;
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    await device.command({ op: 'add', rule: SPLICE, epoch: 1 });
    t.deepEqual(seen(), []);
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    await device.command({ op: 'delete', key: { client, virtual }, epoch: 2 });
    t.deepEqual(seen(), [SPLICE]);
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    await device.barrier();
    t.deepEqual(seen(), []);
    t.is((await device.collect()).frames.length, 3);
  });
});

test('reset forgets rules, what was sent, and what came out', async (t) => {
  await withDevice(targetOf('identity'), async (device) => {
    await device.inject([{ port: 0, frame: fromClient(SPLICE) }]);
    await device.reset();
    t.deepEqual((await device.collect()).frames, []);
  });
});

test('what files cannot do is not supported, by the name of the capability', async (t) => {
  await withDevice(targetOf('identity'), async (device) => {
    const { client, virtual } = SPLICE;
    const lock = { op: 'lock', key: { client, virtual }, epoch: 1 } as const;
    for (const [call, capability] of [
      [(): Promise<unknown> => device.command(lock), 'RULES'],
      [(): Promise<unknown> => device.rules(), 'RULES'],
      [(): Promise<unknown> => device.advance(1), 'AGE'],
      [(): Promise<unknown> => device.controlFrame(lock), 'INBAND'],
    ] as const) {
      const error = await t.throwsAsync(call, { instanceOf: NotSupported });
      t.is(error?.capability, capability);
    }
  });
});

test('nothing is left behind', async (t) => {
  const scratch = (): readonly string[] =>
    readdirSync(tmpdir()).filter((name) => /^prismspec-(?!test-)/u.test(name));
  let own: readonly string[] = [];
  const before = new Set(scratch());
  await withDevice(targetOf('identity'), async (device) => {
    await device.hello();
    own = scratch().filter((name) => !before.has(name));
  });
  t.true(own.length > 0);
  // Other runs on this machine have folders of their own there; one of these was this device's.
  t.true(own.some((name) => !existsSync(join(tmpdir(), name))));
});

test('port and paths stand for words, and an unknown word stands for itself', async (t) => {
  const out = join(folder, 'words.txt');
  writeFileSync(out, '');
  const code = `const f = require('node:fs'); const [, i, o, ...w] = process.argv;
    f.copyFileSync(i, o); f.writeFileSync('${out}', w.join('|'))`;
  const cmd = [process.execPath, '-e', code, '{in}', '{out}', '--port={port}', '{other}'];
  await withDevice(targetOf('words', { cmd }), async (device) => {
    await device.inject([{ port: 3, frame: fromClient(SPLICE) }]);
    await device.barrier();
    t.is(readFileSync(out, 'utf8'), '--port=3|{other}');
  });
});

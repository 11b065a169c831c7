/** Programs as devices: a good one, and everything that may be wrong with one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { Device, PortFrame } from '../../../conformance/driver/device.ts';
import { DriverFault, NotSupported } from '../../../conformance/driver/device.ts';
import { openStdio } from '../../../conformance/drivers/stdio.ts';
import type { StdioTarget } from '../../../conformance/drivers/target-file.ts';
import { createObserver } from '../../../conformance/observe/observer.ts';
import { fromClient, SPLICE } from '../bed.ts';

const PROGRAM = fileURLToPath(new URL('stdio-device.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const FRAME: PortFrame = { port: 0, frame: fromClient(SPLICE) };

function targetOf(fault: string, parts: Partial<StdioTarget> = {}, ...more: string[]): StdioTarget {
  const cmd = [process.execPath, PROGRAM, fault, ...more];
  return { driver: 'stdio', cmd, timeoutMs: 20_000, ...parts };
}

/** A device that answers nothing in time is given up soon; the others have all the time there is. */
function impatient(fault: string): Partial<StdioTarget> {
  return /^hang|shouts/u.test(fault) ? { timeoutMs: 2000 } : {};
}

async function withDevice<T>(target: StdioTarget, use: (device: Device) => Promise<T>): Promise<T> {
  const device = openStdio(target, folder);
  try {
    return await use(device);
  } finally {
    await device.close();
  }
}

async function faultOf(call: Promise<unknown>): Promise<DriverFault> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DriverFault) return error;
    throw error;
  }
  throw new Error('no fault');
}

test.serial('a hub is observed as any device is', async (t) => {
  await withDevice(targetOf('none'), async (device) => {
    const hello = await device.hello();
    t.like(hello, { name: 'hub', vendor: 'unknown', capabilities: ['BRIDGE'], clock: 'virtual' });
    t.is(hello.profile.lock, 'drop');
    await device.reset();
    await device.inject([FRAME]);
    const { outputs, proof } = await createObserver(device, hello).observe();
    t.is(proof, 'sentinel');
    t.deepEqual(
      outputs.map(({ role }) => role),
      ['client1', 'controller', 'backend0', 'backend1'],
    );
    for (const { frame } of outputs) t.deepEqual([...frame], [...FRAME.frame]);
  });
});

test.serial('more frames than one request may carry arrive once each, in order', async (t) => {
  await withDevice(targetOf('none'), async (device) => {
    const small = Array.from({ length: 1000 }, (_, seq) => fromClient(SPLICE, { seq }));
    const large = Array.from({ length: 40 }, (_, fill) => new Uint8Array(65_549).fill(fill));
    for (const sent of [small, large]) {
      await device.inject(sent.map((frame) => ({ port: 0, frame })));
      const { frames } = await device.collect();
      const seen = frames.filter(({ port }) => port === 3).map(({ frame }) => Buffer.from(frame));
      t.is(Buffer.compare(Buffer.concat(seen), Buffer.concat(sent)), 0);
    }
  });
});

test.serial('calls may overlap; each gets its own answer', async (t) => {
  await withDevice(targetOf('none'), async (device) => {
    const calls = Array.from({ length: 200 }, async (_, index) => {
      await device.inject([FRAME]);
      return index % 2 === 0 ? device.claims('BRIDGE') : device.claims('CANARY');
    });
    const answers = await Promise.all(calls);
    t.true(answers.every((answer, index) => answer === (index % 2 === 0)));
  });
});

test.serial(
  'what the device does not know is not supported, by the name of the capability',
  async (t) => {
    const { client, virtual } = SPLICE;
    const key = { client, virtual };
    await withDevice(targetOf('none'), async (device) => {
      for (const [call, capability] of [
        [(): Promise<unknown> => device.command({ op: 'add', rule: SPLICE, epoch: 1 }), 'RULES'],
        [(): Promise<unknown> => device.command({ op: 'lock', key, epoch: 1 }), 'LOCK'],
        [(): Promise<unknown> => device.rules(), 'RULES'],
        [(): Promise<unknown> => device.advance(1), 'AGE'],
        [(): Promise<unknown> => device.captureLoss(), 'counters'],
        [(): Promise<unknown> => device.controlFrame({ op: 'lock', key, epoch: 1 }), 'INBAND'],
      ] as const) {
        const error = await t.throwsAsync(call, { instanceOf: NotSupported });
        t.is(error?.capability, capability);
      }
      // What every device has to know is no capability.
      t.is((await faultOf(device.barrier())).reason, 'device-error');
    });
  },
);

for (const [fault, reason, told] of [
  ['hang-inject', 'hang', /^\[hang\] no answer to inject within 2000 ms; it wrote nothing/u],
  [
    'die-inject',
    'died',
    /^\[died\] the device ended with status 3 before it answered inject; its standard error ends\n {4}line 1\n {4}fatal: ·\[31mno more memory·\[0m$/u,
  ],
  ['killed', 'died', /ended with SIGKILL before it answered inject/u],
  ['garbage', 'garbage', /it is not JSON: booting\.\.\.;/u],
  ['no-utf8', 'garbage', /no UTF-8/u],
  ['wrong-id', 'unasked', /an answer with id \d+, which waits for none/u],
  ['twice', 'unasked', /which waits for none/u],
  ['text-id', 'garbage', /without the id of a request/u],
  ['no-version', 'garbage', /without "jsonrpc": "2\.0"/u],
  ['no-result', 'garbage', /without result and error/u],
  ['no-code', 'garbage', /with an error without code/u],
  ['a-list', 'garbage', /without "jsonrpc"/u],
  ['notifies', 'garbage', /without the id of a request: .*all is well/u],
  ['no-newline', 'flood', /longer than 16777216 octets/u],
  ['shouts', 'hang', /its standard error ends\n {4}.*stderr/u],
  ['closes-stdout', 'died', /closed its standard output/u],
] as const) {
  test.serial(
    `a device with the fault "${fault}" is ended, with the reason ${reason}`,
    async (t) => {
      await withDevice(targetOf(fault, impatient(fault)), async (device) => {
        await device.hello();
        // Two frames, for what was answered twice is known with the next answer.
        const seen = await faultOf(device.inject([FRAME]).then(async () => device.inject([FRAME])));
        t.is(seen.reason, reason, seen.message);
        t.regex(seen.message, told);
        t.true(seen.message.length < 5000);
        // From now on every call fails at once, in the same way.
        t.is((await faultOf(device.collect())).message, seen.message);
      });
    },
  );
}

for (const [fault, reason, told] of [
  ['hang-hello', 'hang', /no answer to hello within 2000 ms/u],
  ['die-at-start', 'died', /status 1 before it answered hello; .*\n {4}cannot open the board$/u],
  ['other-version', 'protocol', /the answer to hello: result\.protocol: .*prism-dut\/1/u],
  ['claims-more', 'protocol', /claims WINGS, which it was not asked for/u],
] as const) {
  test.serial(`a device with the fault "${fault}" does not get past hello`, async (t) => {
    await withDevice(targetOf(fault, impatient(fault)), async (device) => {
      const seen = await faultOf(device.hello());
      t.is(seen.reason, reason, seen.message);
      t.regex(seen.message, told);
    });
  });
}

test.serial('a device that claims what it is asked for is known by that', async (t) => {
  await withDevice(targetOf('parrot'), async (device) => t.true(await device.claims('CANARY1')));
  await withDevice(targetOf('none'), async (device) => t.false(await device.claims('CANARY1')));
});

test.serial('a program that is not there is not started', async (t) => {
  const target = targetOf('', { cmd: ['/nonexistent/program'] });
  await withDevice(target, async (device) => {
    const seen = await faultOf(device.hello());
    t.is(seen.reason, 'not-started');
    t.regex(seen.message, /\/nonexistent\/program: .*ENOENT/u);
  });
});

test.serial('an error of the device is no verdict, and does not end it', async (t) => {
  await withDevice(targetOf('refuses'), async (device) => {
    const seen = await faultOf(device.inject([FRAME]));
    t.is(seen.message, '[device-error] inject: link is down (-1)');
    t.deepEqual((await device.collect()).frames, []);
  });
});

test.serial('after a fault reset starts the program anew, and all is well', async (t) => {
  const target = targetOf('die-inject', {}, join(folder, 'died'));
  await withDevice(target, async (device) => {
    await device.hello();
    t.is((await faultOf(device.inject([FRAME]))).reason, 'died');
    await device.reset();
    await device.inject([FRAME]);
    t.is((await device.collect()).frames.length, 4);
  });
});

test.serial(
  'a program is started three times anew, then its first fault is told at once',
  async (t) => {
    await withDevice(targetOf('die-inject'), async (device) => {
      await device.hello();
      const first = await faultOf(device.inject([FRAME]));
      for (let start = 0; start < 3; start += 1) {
        await device.reset();
        t.is((await faultOf(device.inject([FRAME]))).reason, 'died');
      }
      for (const call of [device.reset(), device.inject([FRAME]), device.hello()]) {
        t.is(await faultOf(call), first);
      }
    });
  },
);

test.serial('a device that is another one after it was started anew is not judged', async (t) => {
  await withDevice(targetOf('moody'), async (device) => {
    await device.hello();
    const pid = Number((await device.hello()).version);
    process.kill(pid, 'SIGKILL');
    await faultOf(device.collect());
    t.regex((await faultOf(device.reset())).message, /introduces itself differently/u);
  });
});

test.serial('close ends a program that would not end', async (t) => {
  let pid = 0;
  await withDevice(targetOf('hang-close'), async (device) => {
    const hello = await device.hello();
    t.is(hello.name, 'hub');
  });
  await withDevice(targetOf('moody'), async (device) => {
    pid = Number((await device.hello()).version);
    t.notThrows(() => process.kill(pid, 0));
  });
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test.serial('a device that was never asked is closed as well', async (t) => {
  await t.notThrowsAsync(openStdio(targetOf('none'), folder).close());
});

test.serial('the target file narrows claims and adds to the profile', async (t) => {
  const parts = { claims: [], profile: { ttl: 'decrement', settleMs: 5 } } as const;
  await withDevice(targetOf('none', parts), async (device) => {
    t.like(await device.hello(), { capabilities: [], profile: { ttl: 'decrement', settleMs: 5 } });
  });
  await withDevice(targetOf('none', { claims: ['SPLICE'] }), async (device) => {
    const seen = await faultOf(device.hello());
    t.regex(seen.message, /does not claim SPLICE, which the target file claims/u);
  });
});

/** Octets of any kind instead of answers: a link ends with a fault, and never hangs or crashes. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { DriverFault } from '../../../conformance/driver/device.ts';
import { realAfter, startLink, type After } from '../../../conformance/drivers/stdio-link.ts';
import { openStdio } from '../../../conformance/drivers/stdio.ts';
import { runs } from '../../runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"frames":[{"port":1,"frame":"AAAA"}]}}\n';

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 200, size: 'max' }),
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(`${text}\n`)),
  fc.jsonValue().map((value) => new TextEncoder().encode(`${JSON.stringify(value)}\n`)),
  fc
    .tuple(fc.nat(ANSWER.length), fc.string({ maxLength: 3 }))
    .map(([at, put]) => new TextEncoder().encode(ANSWER.slice(0, at) + put + ANSWER.slice(at + 1))),
  fc.constant(new TextEncoder().encode(`${'['.repeat(200_000)}\n`)),
);

test.serial('whatever a device writes, a call ends with its answer or with a fault', async (t) => {
  const file = join(folder, 'answers');
  const property = fc.asyncProperty(octets, async (written) => {
    writeFileSync(file, written);
    const target = { driver: 'stdio', cmd: ['cat', file], timeoutMs: 20_000 } as const;
    const device = openStdio(target, folder);
    try {
      const { frames } = await device.collect();
      t.true(frames.length < 2);
    } catch (error) {
      t.true(error instanceof DriverFault, String(error));
    } finally {
      await device.close();
    }
  });
  await fc.assert(property, runs(60));
});

/** Time that passes when the test says so. */
function handClock(): { readonly after: After; readonly pass: () => void } {
  const timers: { readonly ms: number; fire: (() => void) | undefined }[] = [];
  return {
    after(ms, fire): () => void {
      const timer = { ms, fire: ms === 500 ? fire : undefined };
      timers.push(timer);
      // Only the time-out of a call is in the test's hand.
      const cancel = ms === 500 ? undefined : realAfter(ms, fire);
      return () => {
        timer.fire = undefined;
        cancel?.();
      };
    },
    pass(): void {
      for (const timer of timers.splice(0)) timer.fire?.();
    },
  };
}

test.serial('a call is late when the second half of its time is over too', async (t) => {
  const clock = handClock();
  const link = startLink({ cmd: ['sleep', '60'], folder, timeoutMs: 1000 }, clock.after);
  const call = t.throwsAsync(link.call('hello', {}), { message: /^\[hang\]/u });
  clock.pass();
  t.false(link.isBroken());
  clock.pass();
  t.true(link.isBroken());
  await call;
  await link.end();
});

function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

/** Whether a process is there that is more than an entry nobody has asked for. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test.serial('what a device started ends with it', async (t) => {
  const file = join(folder, 'pid');
  const script = `sleep 60 & echo $! > ${file}.new && mv ${file}.new ${file}; wait`;
  const link = startLink({ cmd: ['sh', '-c', script], folder, timeoutMs: 60_000 }, realAfter);
  const call = t.throwsAsync(link.call('hello', {}), { message: /^\[no-patience\] enough/u });
  let pid = 0;
  while (pid === 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    pid = pidIn(file);
  }
  await link.blame('no-patience', 'enough');
  await call;
  t.false(isRunning(pid));
});

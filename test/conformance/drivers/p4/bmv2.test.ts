/** `prism.p4` on the real switch, where it is installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { layer, parse } from 'scapy-ts';
import { NO_DELTAS } from '../../../../conformance/driver/deltas.ts';
import {
  DriverFault,
  type Command,
  type Device,
  type Rule,
} from '../../../../conformance/driver/device.ts';
import { openBmv2 } from '../../../../conformance/drivers/p4/bmv2.ts';
import { clientPath, segment } from '../../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../../conformance/traffic/testbed.ts';
import { oracle } from '../../../oracle.ts';

const scratch = mkdtempSync(join(tmpdir(), 'prismspec-test-'));
process.env['TMPDIR'] = scratch;
test.after.always(() => rmSync(scratch, { recursive: true, force: true }));

const CLIENT_PORT = 0;
const RULE: Rule = {
  ...keyOf(HOSTS.client),
  owner: ownerOf(HOSTS['backend 1']),
  deltas: { ...NO_DELTAS, clientSeq: 7, ownerSeq: 100 },
  locked: false,
};
const ADD: Command = { op: 'add', rule: RULE, epoch: 1 };
const FRAME = segment(clientPath(RULE, HOSTS.client), { seq: 1000, ack: 2000 });

/** Uses a switch; nothing is left of it. */
async function withSwitch(
  t: ExecutionContext,
  use: (device: Device) => Promise<void>,
): Promise<void> {
  if (!oracle(t, 'simple_switch_grpc') || !oracle(t, 'unshare')) return;
  const device = openBmv2();
  try {
    await use(device);
  } finally {
    await device.close();
  }
  t.deepEqual(readdirSync(scratch), []);
}

/** The processes that were started with the switch's folder. */
function processes(): readonly number[] {
  const [folder] = readdirSync(scratch);
  if (folder === undefined) return [];
  return execFileSync('pgrep', ['-f', `unix:${join(scratch, folder)}`], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
}

test.serial('a rule rewrites, counts, and is forgotten by reset', async (t) =>
  withSwitch(t, async (device) => {
    const hello = await device.hello();
    t.is(hello.name, 'bmv2');
    t.regex(hello.version, /^\d+\.\d+\.\d+/u);
    t.deepEqual(await device.command(ADD), { ok: true });
    await device.inject([{ port: CLIENT_PORT, frame: FRAME }]);
    const { frames } = await device.collect();
    // The owner was never heard: the frame is flooded, but not back.
    t.deepEqual(
      frames.map(({ port }) => port).toSorted((a, b) => a - b),
      [1, 2, 3, 4],
    );
    const { layers } = parse(frames[0]?.frame ?? new Uint8Array());
    t.like(layer(layers, 'tcp'), { dstPort: 8080, seq: 1007, ack: 2100 });
    t.like(await device.rules(), [{ clientFrames: 1, ownerFrames: 0, epoch: 1 }]);
    await device.reset();
    t.deepEqual(await device.rules(), []);
  }),
);

test.serial('a burst that no queue has room for comes out whole', async (t) =>
  withSwitch(t, async (device) => {
    await device.inject(Array.from({ length: 500 }, () => ({ port: CLIENT_PORT, frame: FRAME })));
    t.is((await device.collect()).frames.length, 4 * 500);
  }),
);

test.serial('a switch that dies is a fault, and is started anew by reset', async (t) =>
  withSwitch(t, async (device) => {
    await device.hello();
    const before = processes();
    t.is(before.length, 1);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    const fault = await t.throwsAsync(device.command(ADD), { instanceOf: DriverFault });
    t.is(fault.reason, 'died');
    t.regex(fault.message, /simple_switch_grpc ended with SIGKILL/u);
    await t.throwsAsync(device.inject([{ port: CLIENT_PORT, frame: FRAME }]), { is: fault });
    await device.reset();
    t.deepEqual(await device.command(ADD), { ok: true });
    t.notDeepEqual(processes(), before);
  }),
);

/** The simulated core as a device: its ports, its clock, its refusals, its faults. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Device, Rule } from '../../../conformance/driver/device.ts';
import { openNetfpgaSim } from '../../../conformance/drivers/netfpga/device.ts';
import { parseTarget } from '../../../conformance/drivers/target-file.ts';
import { openNamedTarget } from '../../../conformance/drivers/target.ts';
import { whyNoBuild } from '../../../hardware/netfpga/sim/build.ts';
import { whyNoLibrary } from '../../../hardware/netfpga/sim/library.ts';
import { leaveOut } from '../../oracle.ts';

const RULE: Rule = {
  client: { address: '192.0.2.10', port: 40000 },
  virtual: { address: '198.51.100.1', port: 80 },
  owner: { address: '10.0.0.21', port: 8080, mac: '02:00:00:00:00:03' },
  deltas: {
    clientSeq: 0,
    ownerSeq: 0,
    clientTimestamp: 0,
    ownerTimestamp: 0,
    clientWindow: { in: 0, out: 0 },
    ownerWindow: { in: 0, out: 0 },
  },
  locked: false,
};

/** A frame that no rule is for, which the bridge floods. */
function frameTo(destination: number): Uint8Array {
  const macs = [0x02, 0, 0, 0, 0, destination, 0x02, 0, 0, 0, 0, 1];
  return Uint8Array.from({ length: 60 }, (_, at) => macs[at] ?? (at < 14 ? 0x88 : at));
}

async function open(t: ExecutionContext): Promise<Device | undefined> {
  t.timeout(300_000);
  const missing = whyNoBuild() ?? whyNoLibrary();
  if (missing !== undefined) {
    leaveOut(t, missing);
    return undefined;
  }
  const device = openNetfpgaSim();
  t.teardown(() => device.close());
  await device.reset();
  return device;
}

test('frames go in and come out at the ports of TUSER', async (t) => {
  const device = await open(t);
  if (device === undefined) return;
  const frame = frameTo(9);
  await device.inject([{ port: 2, frame }]);
  const { frames } = await device.collect();
  t.deepEqual(
    frames.map(({ port }) => port),
    [0, 1, 4, 6],
  );
  for (const each of frames) t.deepEqual(each.frame, frame);
});

test('what the core cannot translate is refused before it comes to the core', async (t) => {
  const device = await open(t);
  if (device === undefined) return;
  const six = (address: string): { address: string; port: number } => ({ address, port: 80 });
  const rule = {
    ...RULE,
    client: six('2001:db8::1'),
    virtual: six('2001:db8::2'),
    owner: { ...RULE.owner, ...six('2001:db8::3') },
  };
  t.like(await device.command({ op: 'add', rule, epoch: 1 }), { ok: false, error: 'unsupported' });
  t.deepEqual(await device.command({ op: 'add', rule: RULE, epoch: 1 }), { ok: true });
  t.like((await device.rules())[0], { rule: RULE, epoch: 1, clientFrames: 0, ownerFrames: 0 });
});

test('seconds that the suite lets pass end an idle rule, and a reset leaves nothing', async (t) => {
  const device = await open(t);
  if (device === undefined) return;
  await device.command({ op: 'add', rule: RULE, epoch: 1 });
  await device.advance(7440.5);
  t.deepEqual((await device.collect()).notices, []);
  await device.advance(1);
  t.like((await device.collect()).notices, [{ kind: 'expired', reason: 'idle' }]);
  t.deepEqual(await device.command({ op: 'add', rule: RULE, epoch: 2 }), { ok: true });
  await device.reset();
  t.deepEqual(await device.rules(), []);
  t.deepEqual(await device.command({ op: 'add', rule: RULE, epoch: 1 }), { ok: true });
});

test('a core that cannot be built is a fault of the driver, told with the first error', async (t) => {
  t.timeout(300_000);
  const missing = whyNoBuild() ?? whyNoLibrary();
  if (missing !== undefined) return leaveOut(t, missing);
  const rtl = mkdtempSync(join(tmpdir(), 'prismspec-netfpga-'));
  t.teardown(() => rmSync(rtl, { recursive: true, force: true }));
  writeFileSync(join(rtl, 'prism_core.v'), 'module prism_core (input wire clk; endmodule\n');
  const device = openNetfpgaSim({ rtl });
  const error = await t.throwsAsync(device.hello());
  t.like(error, { name: 'DriverFault', reason: 'not-started' });
  return t.regex(error.message, /prism_core\.v/u);
});

test('a target file names a folder of Verilog, and how many rules there are', async (t) => {
  const text = 'driver: netfpga-sim\nname: mine\nrtl: rtl\nrulesLog2: 10\nclaims: [SPLICE]\n';
  const value = { driver: 'netfpga-sim', name: 'mine', rtl: 'rtl', rulesLog2: 10 } as const;
  t.deepEqual(parseTarget(text, 'x.yaml'), { ok: true, value: { ...value, claims: ['SPLICE'] } });
  const vast = parseTarget(text.replace('10', '16'), 'x.yaml');
  t.regex(vast.ok ? '' : vast.error, /^x\.yaml:4:12 rulesLog2: /u);
  const named = openNamedTarget('netfpga-sim');
  t.true(named.ok);
  if (named.ok) await named.value.close();
});

/** The core behind an agent as the switch of a host, and from capture to capture. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { formatIpv4, formatMac, layer, parse } from 'scapy-ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { inCommand } from '../../../conformance/drivers/embedded/rules.ts';
import { clientPath, ownerPath, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { captureOf, readCapture } from '../../../hardware/capture.ts';
import { REGISTERS } from '../../../hardware/netfpga/driver/registers.ts';
import { openCoreSwitch } from '../../../hardware/netfpga/host/core-switch.ts';
import { prepareSimulation, whyNoSimulation } from '../../../hardware/netfpga/host/laboratory.ts';
import { portsOf } from '../../../hardware/netfpga/host/ports.ts';
import { leaveOut } from '../../oracle.ts';
import { openSmall } from './bench.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const HOST = join(PROJECT, 'hardware/netfpga/host');
const KEY = keyOf(HOSTS.client);
const OWNER = ownerOf(HOSTS['backend 1']);
const RULE = { ...KEY, owner: OWNER, deltas: { ...NO_DELTAS, clientSeq: 5 }, locked: false };
const CLIENT_PATH = clientPath(KEY, HOSTS.client);
const FROM_CLIENT = segment(CLIENT_PATH, { seq: 1 });
const FROM_OWNER = segment(ownerPath(OWNER, KEY, HOSTS.client));
const LEASE_MS = 10_000;

test('devices are ports of TUSER, the first the way to the host', (t) => {
  const names = ['to-controller', 'to-c1', 'to-b1', 'to-b2', 'to-b3', 'more', 'most'];
  t.deepEqual([...portsOf(names).keys()], [1, 0, 2, 4, 6, 5, 7]);
  t.is(portsOf(names).get(1), 'to-controller');
  t.throws(() => portsOf([...names, 'too much']), { message: 'the core bridges 7 devices' });
});

test.serial(
  'a core obeys, bridges its ports alone, and says what each side has sent',
  async (t) => {
    const core = await openSmall(t);
    if (core === undefined) return;
    const choices = { capacity: 3, lockLeaseMs: LEASE_MS };
    const { execute, pass } = await openCoreSwitch(core, [0, 5, 7], choices, () => 0n);
    t.true((await execute(inCommand({ op: 'add', rule: RULE, epoch: 1 }))).ok);
    const frames = [FROM_CLIENT, FROM_CLIENT].map((octets) => ({ source: 1, octets }));
    const left = await pass([...frames, { source: 1 << 5, octets: FROM_OWNER }]);
    // Nobody is known yet but the client.
    t.deepEqual(
      left.map(({ destination }) => destination),
      [0b1010_0000, 0b1010_0000, 0b0000_0001],
    );
    const reply = await execute({ op: 'get' });
    t.like(reply.ok ? reply.rules[0] : reply, {
      fromClient: { packets: 2, octets: 108 },
      fromOwner: { packets: 1, octets: 54 },
    });
    const more = [40_001, 40_002, 40_003].map((port) => ({
      ...RULE,
      client: { ...KEY.client, port },
    }));
    const replies = [];
    for (const rule of more) replies.push(await execute(inCommand({ op: 'add', rule, epoch: 1 })));
    t.deepEqual(
      replies.map(({ ok }) => ok),
      [true, true, false],
    );
  },
);

test.serial('a core has the time of its host, and no lock outlives its lease', async (t) => {
  const core = await openSmall(t);
  if (core === undefined) return;
  let nowMs = 7_000_000;
  const clock = (): bigint => BigInt(nowMs) * 1_000_000n;
  const choices = { capacity: 9, lockLeaseMs: LEASE_MS };
  const { execute, keepTime, pass } = await openCoreSwitch(core, [0, 2], choices, clock);
  await execute(inCommand({ op: 'add', rule: { ...RULE, locked: true }, epoch: 1 }));
  // What is locked is dropped; without a rule it is bridged.
  const after = async (ms: number): Promise<readonly [number, number]> => {
    nowMs += ms;
    await keepTime();
    const left = await pass([{ source: 1, octets: FROM_CLIENT }]);
    return [await core.read(REGISTERS.SECONDS), left.length];
  };
  t.deepEqual(await after(1900), [1, 0]);
  t.deepEqual(await after(200), [2, 0]);
  t.deepEqual(await after(7800), [9, 0]);
  t.deepEqual(await after(200), [10, 1]);
});

/** Whether a core of the size that hosts have can be had; else the test must return. */
async function isPrepared(t: ExecutionContext): Promise<boolean> {
  t.timeout(600_000);
  const missing = whyNoSimulation();
  if (missing === undefined) await prepareSimulation();
  else leaveOut(t, missing);
  return missing === undefined;
}

/** What `use-files.ts` says and writes for frames at `port`. */
function useFiles(
  t: ExecutionContext,
  frames: readonly Uint8Array[],
  port: number,
): { readonly said: string; readonly left: readonly Uint8Array[] } {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-netfpga-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [input, output, rules] = ['in', 'out', 'rules'].map((name) => join(folder, name));
  if (input === undefined || output === undefined || rules === undefined)
    throw new Error('no path');
  writeFileSync(input, captureOf(frames));
  writeFileSync(output, captureOf([]));
  writeFileSync(rules, JSON.stringify([RULE]));
  const words = ['--import', join(PROJECT, 'tools/register.mjs'), join(HOST, 'use-files.ts')];
  const { stderr: said } = spawnSync(
    process.execPath,
    [...words, input, output, rules, `${port}`],
    {
      encoding: 'utf8',
    },
  );
  const events = readCapture(readFileSync(output), output);
  return { said, left: events.flatMap((each) => (each.kind === 'packet' ? [each.octets] : [])) };
}

test.serial(
  'from capture to capture: rewritten, bridged, and what is punted not at all',
  async (t) => {
    if (!(await isPrepared(t))) return;
    const fragment = segment(CLIENT_PATH, { ipv4: { df: 0, mf: 1 } });
    const stranger = segment({ ...CLIENT_PATH, source: { address: '192.0.2.99', port: 1 } });
    const { said, left } = useFiles(t, [FROM_CLIENT, fragment, stranger], 0);
    t.is(said, '');
    t.is(left.length, 2);
    const { layers } = parse(left[0] ?? new Uint8Array(0));
    const [ether, ipv4, tcp] = [
      layer(layers, 'ether'),
      layer(layers, 'ipv4'),
      layer(layers, 'tcp'),
    ];
    t.is(ether?.dst === undefined ? '' : formatMac(ether.dst), OWNER.mac);
    t.is(ipv4?.dst === undefined ? '' : formatIpv4(ipv4.dst), OWNER.address);
    t.like(tcp, { dstPort: OWNER.port, seq: 6 });
    t.deepEqual(left[1], stranger);
  },
);

test.serial('a port that is not bridged, or no capture, is refused in a sentence', async (t) => {
  if (!(await isPrepared(t))) return;
  t.is(
    useFiles(t, [FROM_CLIENT], 3).said,
    'usage: use-files.ts IN OUT RULES PORT, which is one of 0 1 2 4 6\n',
  );
});

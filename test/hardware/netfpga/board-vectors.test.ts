/** Vectors from a capture and rules, through the simulated core: what the files say is what it does. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import type { Rule } from '../../../conformance/driver/device.ts';
import { clientPath, ownerPath, pathsOf, segment } from '../../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../../conformance/traffic/testbed.ts';
import { emitFrame } from '../../../hardware/netfpga/board/vectors/axi-stream.ts';
import { CARDS, type CardKind, type Role } from '../../../hardware/netfpga/board/vectors/cards.ts';
import { compareStreams } from '../../../hardware/netfpga/board/vectors/compare.ts';
import { parseRules } from '../../../hardware/netfpga/board/vectors/rules-file.ts';
import { scriptOf } from '../../../hardware/netfpga/board/vectors/script.ts';
import {
  simulationFiles,
  type PortFrame,
  type Step,
} from '../../../hardware/netfpga/board/vectors/stimulus.ts';
import { openCore } from '../../../hardware/netfpga/sim/library.ts';
import { oracle } from '../../oracle.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TOOL = ['--import', './tools/register.mjs', 'hardware/netfpga/board/vectors.ts'];
const folder = mkdtempSync(join(tmpdir(), 'prismspec-board-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const RULE: Rule = {
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

/** What hosts send: both ways of a connection, with options, from the wrong host, and to all. */
const SENT: readonly (readonly [Role, Uint8Array])[] = [
  ['client0', segment(client, { payload: Uint8Array.from({ length: 100 }, (_, at) => at) })],
  ['backend0', segment(owner, { options, flags: 'PA', payload: Uint8Array.of(1, 2, 3) })],
  ['client0', segment(client, { options, vlans: [10] })],
  ['controller', segment(ownerPath(ownerOf(HOSTS.controller), RULE, HOSTS.client), { flags: 'R' })],
  ['client0', segment(client, { ipv4: { options: [{ kind: 'nop' }] } })],
  ['backend0', segment({ ...owner, destinationMac: 'ff:ff:ff:ff:ff:ff' }, { tcp: { srcPort: 9 } })],
  ['controller', segment(clientPath(keyOf(HOSTS.controller), HOSTS.controller))],
];

function capture(sent: typeof SENT): Uint8Array {
  const names = [...new Set(sent.map(([role]) => role))];
  const packets = sent.flatMap(([role, octets]) => {
    const place = { interfaceId: names.indexOf(role), seconds: 0, nanoseconds: 0 };
    const packet = { ...place, octets, originalLength: octets.length, comments: [] };
    // What left is in a bundle's capture too, and is no stimulus.
    return [
      pcapngPacket({ ...packet, direction: 'inbound' }),
      pcapngPacket({
        ...packet,
        octets: Uint8Array.of(0),
        originalLength: 1,
        direction: 'outbound',
      }),
    ];
  });
  return Buffer.concat([
    pcapngSection(),
    ...names.map((name) => pcapngInterface({ name })),
    ...packets,
  ]);
}

function steps(card: CardKind, sent: typeof SENT): Promise<readonly Step[]> {
  const rules = parseRules(JSON.stringify([RULE]));
  const frames = sent.map(([role, octets]) => ({ port: card.ports[role] ?? -1, octets }));
  return scriptOf({ rules, frames }, card);
}

function leavesOf(all: readonly Step[]): readonly (readonly PortFrame[])[] {
  return all.flatMap((step) => (step.kind === 'frame' ? [step.leaves] : []));
}

/** What each door of the card sees of a core that takes the steps. */
async function simulate(
  all: readonly Step[],
  t: { is: (a: unknown, b: unknown) => void },
): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, string>();
  const core = await openCore();
  try {
    for (const step of all) {
      if (step.kind === 'write') await core.write(step.writes);
      else if (step.kind === 'read') t.is(await core.read(step.address), step.expected);
      else if (step.kind === 'wait')
        for (let polls = 0; polls < 1e6 && (await core.read(0x64)) !== 0; polls += 1);
      else {
        const { frame } = step;
        const { outputs } = await core.exchange([
          { octets: frame.octets, source: 1 << frame.port },
        ]);
        for (const { octets, source, destination } of outputs) {
          for (let port = 0; port < 8; port += 1) {
            if (((destination >> port) & 1) === 0) continue;
            const door = port % 2 === 0 ? `nf_interface_${port / 2}` : 'dma_0';
            const text = emitFrame({ octets, source, destinations: destination }, 32);
            logs.set(door, (logs.get(door) ?? '') + text);
          }
        }
      }
    }
  } finally {
    await core.close();
  }
  return logs;
}

test('the reference says what has to leave, at the ports of the card', async (t) => {
  const leaves = leavesOf(await steps(CARDS.SUME, SENT));
  const ports = leaves.map((frames) => [...new Set(frames.map(({ port }) => port))]);
  // Nobody has heard of the backend at first.
  t.deepEqual(ports, [[2, 4, 6, 1], [0], [4], [], [3], [0, 2, 6, 1], []]);
  // Sequence number 1000, and what the rule adds.
  t.is(Buffer.from(leaves[0]?.[0]?.octets ?? []).readUInt32BE(38), 6000);
  // What the core cannot translate goes to the controller as it came.
  t.deepEqual(leaves[4]?.[0]?.octets, SENT[4]?.[1]);
});

test('tables are emptied, that is waited for, and PLUS bridges the ports that it has', async (t) => {
  const [id, emptying, pause, filling, errors, count] = await steps(CARDS.PLUS, []);
  t.deepEqual(id, { kind: 'read', address: 0x00, expected: 0x5052_534d });
  t.deepEqual(emptying, { kind: 'write', writes: [{ address: 0x08, value: 3 }] });
  t.deepEqual(pause, { kind: 'wait', ns: 200_000 });
  const writes = filling?.kind === 'write' ? filling.writes : [];
  t.deepEqual(writes[0], { address: 0x68, value: 1 });
  t.deepEqual(writes.at(-1), { address: 0x40, value: 0b111 });
  t.deepEqual(errors, { kind: 'read', address: 0x3c, expected: 0 });
  t.deepEqual(count, { kind: 'read', address: 0x14, expected: 0 });
});

test('the simulated core does what the files say', async (t) => {
  if (!oracle(t, 'verilator') || !oracle(t, 'g++')) return;
  t.timeout(600_000);
  const all = await steps(CARDS.SUME, SENT);
  const logs = await simulate(all, t);
  const files = simulationFiles(all, CARDS.SUME);
  for (const name of Object.keys(files).filter((each) => each.endsWith('_expected.axi'))) {
    const door = name.replace('_expected.axi', '');
    t.deepEqual(compareStreams(files[name] ?? '', logs.get(door) ?? ''), [], door);
  }
});

test('the tool writes the files, and judges logs', (t) => {
  const [file, rules, out] = ['in.pcapng', 'rules.json', 'both_prism_vectors'].map((name) =>
    join(folder, name),
  );
  if (file === undefined || rules === undefined || out === undefined) return t.fail();
  writeFileSync(file, capture(SENT));
  writeFileSync(rules, JSON.stringify([RULE]));
  const run = (...words: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [...TOOL, ...words], { cwd: ROOT, encoding: 'utf8' });
  const written = run('write', 'SUME', file, rules, out);
  t.is(written.stderr, '');
  t.is(written.stdout, `7 frames, 1 rules: ${out}\n`);
  t.is(readdirSync(out).length, 13);
  for (const name of readdirSync(out).filter((each) => each.endsWith('_expected.axi'))) {
    writeFileSync(join(out, name.replace('_expected', '_log')), readFileSync(join(out, name)));
  }
  const good = run('check', out);
  t.is(good.stdout, 'as expected\n');
  t.is(good.status, 0);
  const log = join(out, 'nf_interface_2_log.axi');
  writeFileSync(log, readFileSync(log, 'utf8').replace('ffffffff,', '7fffffff,'));
  const bad = run('check', out);
  t.is(bad.status, 1);
  t.regex(String(bad.stdout), /^nf_interface_2: the log: line 1 has a TKEEP/u);
  return undefined;
});

test('a host that the card has no port for is named', (t) => {
  const [file, rules] = [join(folder, 'plus.pcapng'), join(folder, 'none.json')];
  writeFileSync(file, capture([['client1', Uint8Array.of(1, 2, 3)]]));
  writeFileSync(rules, '[]');
  const words = ['write', 'PLUS', file, rules, join(folder, 'plus')];
  const done = spawnSync(process.execPath, [...TOOL, ...words], { cwd: ROOT, encoding: 'utf8' });
  t.is(done.status, 2);
  t.regex(done.stderr, /the card has client0, backend0, controller, punt, and not client1/u);
});

test('a rule that the core cannot hold is refused', async (t) => {
  const six = { ...RULE, client: { address: '2001:db8::1', port: 1 } };
  t.throws(() => parseRules(JSON.stringify([six])), { message: /expected an IPv4 address/u });
  const rules = parseRules(JSON.stringify([RULE]));
  const twice = [...rules, { ...(rules[0] ?? t.fail()), locked: true }];
  await t.notThrowsAsync(scriptOf({ rules, frames: [] }, CARDS.SUME));
  await t.throwsAsync(scriptOf({ rules: twice, frames: [] }, CARDS.SUME), { message: /refused/u });
});

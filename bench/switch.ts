/**
 * How many frames the reference switch takes in a CPU-second, medians.
 *
 * `node --import=./tools/register.mjs bench/switch.ts`: 1,024 SPLICE rules, both directions in turn,
 * timestamps in every segment; the same frames without rules are the baseline.
 */
import { cpus } from 'node:os';

import { build, ether, ipv4, ipv4FromNumber, ipv6, ipv6FromBigInt, mac, raw, tcp } from 'scapy-ts';
import type { Endpoint, Rule } from '../reference/rules/rule.ts';
import { NO_DELTAS } from '../reference/rules/rule.ts';
import type { SwitchState } from '../reference/switch/switch.ts';
import { createSwitch, step } from '../reference/switch/switch.ts';

const RULES = 1024;
const ROUNDS = 9;
const FRAMES_PER_ROUND = 400_000;
const CLIENT_MAC = mac('02:00:00:00:00:01');
const OWNER_MAC = mac('02:00:00:00:00:02');
const DELTAS = {
  ...NO_DELTAS,
  clientSeq: 0x89abcdef,
  ownerSeq: 0x7654fedc,
  clientTimestamp: 5,
  ownerTimestamp: 9,
};

/** The rule of the connection with number `index`; `family` is its IP version. */
function ruleOf(index: number, family: 4 | 6): Rule {
  const host = (net: number): Endpoint['address'] =>
    family === 4 ? ipv4FromNumber(net * 2 ** 24 + 1) : ipv6FromBigInt(BigInt(net) << 96n);
  const client = { address: host(10), port: 20_000 + index };
  const virtual = { address: host(20), port: 80 };
  const owner = { address: host(30), port: 8080, mac: OWNER_MAC };
  return { key: { client, virtual }, owner, deltas: DELTAS, locked: false };
}

function segment(from: Endpoint, to: Endpoint, isClient: boolean, octets: number): Uint8Array {
  const link = ether(
    isClient ? { src: CLIENT_MAC, dst: OWNER_MAC } : { src: OWNER_MAC, dst: CLIENT_MAC },
  );
  const { address: src } = from;
  const { address: dst } = to;
  const isV4 = typeof src === 'number' && typeof dst === 'number';
  const isV6 = typeof src === 'bigint' && typeof dst === 'bigint';
  const network = isV4 ? [ipv4({ src, dst })] : isV6 ? [ipv6({ src, dst })] : [];
  const headers = [
    link,
    ...network,
    tcp({
      srcPort: from.port,
      dstPort: to.port,
      flags: 'A',
      options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }],
    }),
  ];
  const payload = Math.max(0, octets - build(headers).length);
  return build([...headers, raw(new Uint8Array(payload))]);
}

/** Frames of all rules, both directions in turn. */
function traffic(rules: readonly Rule[], octets: number): readonly Uint8Array[] {
  return rules.flatMap(({ key, owner }) => [
    segment(key.client, key.virtual, true, octets),
    segment(owner, key.client, false, octets),
  ]);
}

function createRuled(rules: readonly Rule[]): SwitchState {
  const state = createSwitch({ ports: [0, 1] });
  for (const each of rules) {
    step(state, { kind: 'command', command: { op: 'add', rule: each, epoch: 1 } });
  }
  return state;
}

/** Frames in a CPU-second, the median of several rounds; throws if one does not come out. */
function measure(state: SwitchState, frames: readonly Uint8Array[]): number {
  const rates = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    let left = 0;
    for (let sent = 0; sent < FRAMES_PER_ROUND; sent += 1) {
      const index = sent % frames.length;
      const octets = frames[index];
      if (octets === undefined) continue;
      left += step(state, { kind: 'frame', port: index % 2, octets }).length;
    }
    if (left !== FRAMES_PER_ROUND) throw new Error(`${left} of ${FRAMES_PER_ROUND} frames left`);
    const { user, system } = process.cpuUsage(start);
    return (FRAMES_PER_ROUND * 1e6) / (user + system);
  });
  return rates.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
for (const [name, family, octets] of [
  ['IPv4, 66 octets', 4, 66],
  ['IPv4, 1514 octets', 4, 1514],
  ['IPv6, 1514 octets', 6, 1514],
] as const) {
  const rules = Array.from({ length: RULES }, (_, index) => ruleOf(index, family));
  const frames = traffic(rules, octets);
  const ruled = measure(createRuled(rules), frames);
  const bridged = measure(createRuled([]), frames);
  console.log(
    `${name}: ${(ruled / 1e6).toFixed(2)} M frames/s rewritten, ` +
      `${(bridged / 1e6).toFixed(2)} M bridged, ratio ${(ruled / bridged).toFixed(2)}`,
  );
}

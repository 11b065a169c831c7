/**
 * What the program at the tc hook costs a frame, in nanoseconds, and what a command costs, in
 * microseconds.
 *
 * `node --import=./tools/register.mjs bench/bpf.ts`, as root. Frames: test runs of the kernel,
 * medians; a frame that is none of the rules' business is the baseline. A run repeats on its own
 * output, so two rules lead to each other. Commands: one connection's owner changes in turn, and its
 * lock; one lookup in a map, which is one system call, is the baseline.
 */
import { cpus, loadavg } from 'node:os';
import { build, ether, ipv4, ipv4FromNumber, mac, raw, tcp } from 'scapy-ts';
import type { DataPath } from '../reference/host/bpf/datapath.ts';
import { openDataPath } from '../reference/host/bpf/datapath.ts';
import { createHashMap } from '../reference/host/bpf/map.ts';
import { testRun } from '../reference/host/bpf/program.ts';
import type { Deltas, Endpoint, Rule } from '../reference/rules/rule.ts';
import { NO_DELTAS } from '../reference/rules/rule.ts';

const RULES = 1024;
const CIRCLE = 2000;
const ROUNDS = 9;
const RUNS_PER_ROUND = 200_000;
const NO_KEY = new Uint8Array(12);
const COMMANDS = 20_000;
const WARM_UP = 500;
const SPLICE = { ...NO_DELTAS, clientSeq: 0x89abcdef, ownerSeq: 0x7654fedc };
const SHIFTED = { ...SPLICE, clientTimestamp: 5, ownerTimestamp: 9 };
const OWNER = { address: ipv4FromNumber(0x1e000001), port: 8080, mac: mac('02:00:00:00:00:02') };
const endOf = ({ address, port }: Endpoint): Endpoint => ({ address, port });
const OTHER = { ...OWNER, port: 8081 };

function ruleOf(index: number, deltas: Deltas): Rule {
  const client = { address: ipv4FromNumber(0x0a000001), port: 20_000 + index };
  const virtual = { address: ipv4FromNumber(0x14000001), port: 80 };
  return { key: { client, virtual }, owner: OWNER, deltas, locked: false };
}

function frame(clientPort: number, octets: number): Uint8Array {
  const headers = [
    ether({ src: mac('02:00:00:00:00:01'), dst: OWNER.mac }),
    ipv4({ src: ipv4FromNumber(0x0a000001), dst: ipv4FromNumber(0x14000001) }),
    tcp({
      srcPort: clientPort,
      dstPort: 80,
      flags: 'A',
      options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }],
    }),
  ];
  return build([...headers, raw(new Uint8Array(octets - build(headers).length))]);
}

function open(deltas: Deltas): DataPath {
  const path = openDataPath({ capacity: RULES + 1 });
  const rules = Array.from({ length: RULES - 2 }, (_, index) => ruleOf(index, deltas));
  for (const rule of [...rules, ...circle(deltas)]) {
    const reply = path.execute({ op: 'add', rule, epoch: 1 });
    if (!reply.ok) throw new Error(reply.detail);
  }
  return path;
}

/** Two rules that send the client's segments to each other's virtual endpoint. */
function circle(deltas: Deltas): readonly Rule[] {
  const there = ruleOf(CIRCLE, deltas);
  const { client, virtual } = there.key;
  const back = { ...OWNER, ...virtual };
  return [there, { ...there, key: { client, virtual: endOf(OWNER) }, owner: back }];
}

/** Nanoseconds of one run, the median of several rounds. */
function measure(path: DataPath, octets: Uint8Array): number {
  const rounds = Array.from(
    { length: ROUNDS },
    () => testRun(path.programFd, octets, RUNS_PER_ROUND).durationNs,
  );
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
}

function time(name: string, command: (round: number) => void): void {
  const times: number[] = [];
  for (let round = 0; round < COMMANDS + WARM_UP; round += 1) {
    const start = process.hrtime.bigint();
    command(round);
    times.push(Number(process.hrtime.bigint() - start) / 1e3);
  }
  const sorted = times.slice(WARM_UP).toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  console.log(
    `  ${name.padEnd(24)} p50 ${at(0.5).padStart(6)} µs   p99 ${at(0.99).padStart(6)} µs`,
  );
}

const [load = 0] = loadavg();
const processor = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
console.log(`node ${process.version}, ${processor}, load ${load.toFixed(1)}, ${RULES} rules`);
for (const [name, deltas] of [
  ['HANDOFF', NO_DELTAS],
  ['SPLICE', SPLICE],
  ['SPLICE with timestamps', SHIFTED],
] as const) {
  const path = open(deltas);
  for (const octets of [66, 1514]) {
    const ruled = measure(path, frame(20_000 + CIRCLE, octets));
    const unruled = measure(path, frame(9, octets));
    console.log(
      `  ${name.padEnd(24)} ${String(octets).padStart(4)} octets: ${ruled} ns a frame, ` +
        `unruled ${unruled} ns`,
    );
  }
  path.close();
}
const path = open(SPLICE);
const { key } = ruleOf(0, SPLICE);
const map = createHashMap({ name: 'base', keyOctets: 12, valueOctets: 8, capacity: 8 });
map.set(NO_KEY, NO_KEY.subarray(0, 8));
time('one lookup', () => map.get(NO_KEY));
map.close();
time('chown', (round) => {
  const owner = round % 2 === 0 ? OTHER : OWNER;
  path.execute({ op: 'chown', key, owner, unlock: true, epoch: 1 });
});
time('lock, unlock', (round) => {
  path.execute({ op: round % 2 === 0 ? 'lock' : 'unlock', key, epoch: 1 });
});
const fresh = ruleOf(RULES, SPLICE);
path.execute({ op: 'delete', key, epoch: 1 });
time('add, delete', (round) => {
  if (round % 2 === 0) path.execute({ op: 'add', rule: fresh, epoch: 1 });
  else path.execute({ op: 'delete', key: fresh.key, epoch: 1 });
});
path.close();

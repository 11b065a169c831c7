/** The server switch as a process, and its probes, in a world with servers that come and go. */
import test from 'ava';
import { formatIpv4, ipv4Address, layer, mac, parse, PROTOCOL, TCP_FLAG } from 'scapy-ts';
import type { Service } from '../../../reference/balancer/config.ts';
import type { SwitchPlan } from '../../../reference/balancer/document/schema.ts';
import type { CheckOptions, Probe } from '../../../reference/health/check.ts';
import {
  createSwitch,
  type SwitchProcess,
} from '../../../reference/sim/balancer/switch-process.ts';
import { createHostProcess, type HostProcess } from '../../../reference/sim/host-process.ts';
import type { ProcessEffect } from '../../../reference/sim/network/process.ts';
import { NS } from '../../../reference/sim/network/timeline.ts';
import { createHost } from '../../../reference/sim/tcp/host.ts';

const SWITCH_MAC = mac('02:00:00:00:00:01');
const SERVER_MAC = mac('02:00:00:00:02:01');
const OWN = ipv4Address('10.2.0.254');
const TUNNELS = ipv4Address('10.1.0.254');
const SERVER = ipv4Address('10.2.0.1');
const VIRTUAL = ipv4Address('10.1.0.201');
const CHECK: CheckOptions = {
  probe: { kind: 'connect' },
  intervalMs: 100,
  jitterMs: 0,
  timeoutMs: 50,
  fall: 2,
  rise: 2,
};
const OK: Probe = { kind: 'http', path: '/', statuses: [{ first: 200, last: 299 }] };

function planWith(mode: Service['mode'], check: Partial<CheckOptions> = {}): SwitchPlan {
  const server = {
    name: 's1',
    address: SERVER,
    mac: SERVER_MAC,
    port: 80,
    weight: 1,
    isDrained: false,
  };
  const service: Service = {
    name: 'web',
    address: VIRTUAL,
    protocol: 'tcp',
    ports: { first: 80, last: 80 },
    mode,
    servers: [server],
    policy: { policy: 'round-robin' },
    departed: 'keep',
  };
  return {
    options: { ports: [0], mac: SWITCH_MAC, addresses: [TUNNELS, OWN], services: [service] },
    checks: new Map([['web', { ...CHECK, ...check }]]),
  };
}

function newSwitch(): SwitchProcess {
  return createSwitch({
    mac: SWITCH_MAC,
    ports: [0],
    draw: () => 0,
    drawJitter: () => 0,
    random: () => 7,
  });
}

/** A server that answers each request with `text`; undefined is silence. */
function newServer(address: typeof SERVER, text: string | undefined): HostProcess {
  const host = createHost({
    mac: SERVER_MAC,
    addresses: [address],
    gateway: SWITCH_MAC,
    random: () => 9,
  });
  const process = createHostProcess(host, (notice) => {
    const { kind, id } = notice;
    if (kind === 'peer-finished') return [{ kind: 'close', id }];
    if (kind !== 'received' || text === undefined) return [];
    return [{ kind: 'write', id, octets: new TextEncoder().encode(text) }];
  });
  process.perform([{ kind: 'listen', local: { address, port: 80 } }], 0);
  return process;
}

/** Runs both until `toMs`; what the switch sent, and whether the server is up each time it changes. */
function run(
  process: SwitchProcess,
  servers: (nowMs: number) => HostProcess | undefined,
  toMs: number,
): { readonly frames: readonly Uint8Array[]; readonly changes: readonly string[] } {
  const frames: Uint8Array[] = [];
  const changes: string[] = [];
  let wasUp = true;
  for (let nowMs = 0; nowMs <= toMs; nowMs += 1) {
    const nowNs = nowMs * NS.ms;
    let effects: readonly ProcessEffect[] = process.step({ kind: 'tick' }, nowNs);
    for (let turn = 0; effects.length > 0 && turn < 100; turn += 1) {
      const sent = effects.flatMap((each) => (each.kind === 'frame' ? [each.octets] : []));
      frames.push(...sent);
      const server = servers(nowMs);
      effects = sent
        .flatMap((octets) => server?.step({ kind: 'frame', port: 0, octets }, nowNs) ?? [])
        .flatMap((each) => (each.kind === 'frame' ? process.step(each, nowNs) : []));
    }
    const isUp = process.state.services.byName.get('web')?.members[0]?.isUp ?? false;
    if (isUp !== wasUp) changes.push(`${isUp ? 'up' : 'down'} ${nowMs}`);
    wasUp = isUp;
  }
  return { frames, changes };
}

test('a server that accepts connections is up, and one that is gone is down after fall bad results', (t) => {
  const process = newSwitch();
  t.is(process.configure(planWith('nat'), 0).fault, undefined);
  const server = newServer(SERVER, undefined);
  const { changes } = run(process, (nowMs) => (nowMs < 250 ? server : undefined), 600);
  // Probes begin every 100 ms; those of 300 and 400 are silent for 50.
  t.deepEqual(changes, ['down 450']);
});

for (const [text, wanted] of [
  ['HTTP/1.1 204 No Content\r\n\r\n', []],
  ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', []],
  ['HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n', ['down 100']],
  ['SSH-2.0-x\r\n\r\n', ['down 100']],
  [undefined, ['down 150']],
] as const) {
  test(`a server that answers ${JSON.stringify(text)} is ${wanted.join() || 'up'}`, (t) => {
    const process = newSwitch();
    process.configure(planWith('nat', { probe: OK }), 0);
    const server = newServer(SERVER, text);
    t.deepEqual(run(process, () => server, 500).changes, wanted);
  });
}

test('a server that works again is up after rise good results', (t) => {
  const process = newSwitch();
  process.configure(planWith('nat', { probe: OK }), 0);
  const sick = newServer(SERVER, 'HTTP/1.1 503 Sick\r\nContent-Length: 0\r\n\r\n');
  const good = newServer(SERVER, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  const { changes } = run(process, (nowMs) => (nowMs < 350 ? sick : good), 900);
  t.deepEqual(changes, ['down 100', 'up 500']);
});

test('probes come from the last address of the switch, and close what they open', (t) => {
  const process = newSwitch();
  process.configure(planWith('nat'), 0);
  const server = newServer(SERVER, undefined);
  const { frames } = run(process, () => server, 350);
  const read = frames.map((frame) => parse(frame).layers);
  const own = read.filter((layers) => layer(layers, 'tcp') !== undefined);
  t.deepEqual(new Set(own.map((layers) => layer(layers, 'ipv4')?.src)), new Set([OWN]));
  const flags = own.map((layers) => layer(layers, 'tcp')?.flags ?? 0);
  const syns = flags.filter((each) => each === TCP_FLAG.SYN).length;
  // Those of 100, 200 and 300 ms; the first leaves as the switch is told.
  t.is(syns, 3);
  t.is(flags.filter((each) => (each & TCP_FLAG.FIN) !== 0).length, syns);
  t.is(server.host.connections.size, 0);
});

test('with direct return the virtual address is probed, and with a tunnel it is, in a packet', (t) => {
  for (const mode of ['dsr', 'ipip'] as const) {
    const process = newSwitch();
    const { effects } = process.configure(planWith(mode), 0);
    const probes = effects.flatMap((each) => {
      const isProbe =
        each.kind === 'frame' && layer(parse(each.octets).layers, 'tcp') !== undefined;
      return isProbe ? [each.octets] : [];
    });
    t.is(probes.length, 1);
    const all = parse(probes[0] ?? new Uint8Array(0)).layers;
    const addresses = all.flatMap((each) =>
      each.kind === 'ipv4' ? [`${formatIpv4(each.src)} ${formatIpv4(each.dst)}`] : [],
    );
    const probe = '10.2.0.254 10.1.0.201';
    t.deepEqual(addresses, mode === 'dsr' ? [probe] : ['10.1.0.254 10.2.0.1', probe]);
    t.is(layer(all, 'ether')?.dst, SERVER_MAC);
    t.is(layer(all, 'ipv4')?.protocol, mode === 'dsr' ? PROTOCOL.tcp : PROTOCOL.ipv4);
  }
});

test('a plan with a check that cannot be is refused whole, and the one before goes on', (t) => {
  const process = newSwitch();
  process.configure(planWith('nat'), 0);
  t.regex(process.configure(planWith('nat', { fall: 0 }), 1).fault ?? '', /web.*fall/u);
  const { options, checks } = planWith('nat');
  const without = { options: { ...options, addresses: [] }, checks };
  t.regex(process.configure(without, 2).fault ?? '', /address/u);
  const server = newServer(SERVER, undefined);
  const { changes } = run(process, (nowMs) => (nowMs < 250 ? server : undefined), 600);
  t.deepEqual(changes, ['down 450']);
});

test('a server whose check is taken away is up again', (t) => {
  const process = newSwitch();
  process.configure(planWith('nat'), 0);
  run(process, () => undefined, 300);
  t.is(process.state.services.byName.get('web')?.members[0]?.isUp, false);
  process.configure({ ...planWith('nat'), checks: new Map() }, 301 * NS.ms);
  t.is(process.state.services.byName.get('web')?.members[0]?.isUp, true);
  t.is(process.nextAtNs(), undefined);
});

test('a switch on standby probes nobody, and begins when it becomes the active one', (t) => {
  const process = newSwitch();
  const { options, checks } = planWith('nat');
  const source = ipv4Address('10.1.0.252');
  const redundancy = { group: 1, priority: 100, intervalMs: 100, source, preempts: true };
  process.configure({ options: { ...options, redundancy }, checks }, 0);
  const { frames } = run(process, () => undefined, 300);
  t.false(process.state.isActive);
  t.deepEqual(frames, []);
  const later = run(process, () => undefined, 800);
  t.true(process.state.isActive);
  t.true(later.frames.some((frame) => layer(parse(frame).layers, 'tcp') !== undefined));
});

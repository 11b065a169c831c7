/** Networks of namespaces: made as they are described, and removed whatever happens. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import test from 'ava';
import { ipv4Address, ipv6Address } from 'scapy-ts';
import { openListener } from '../../reference/host/connection.ts';
import { raiseLab, removeStaleLabs } from '../../reference/host/lab.ts';
import { inNamespace, namespaceFile } from '../../reference/host/namespace.ts';
import {
  closeDescriptor,
  connectSocket,
  openSocket,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import { familyOf } from '../../reference/host/socket-address.ts';
import type { Topology } from '../../reference/host/topology.ts';
import { isKernelOurs } from './bed.ts';

const TWO: Topology = {
  name: 'two',
  hosts: {
    left: { settings: { 'ipv4.ip_forward': 1 }, routes: ['198.51.100.0/24 via 192.0.2.2'] },
    right: { neighbours: ['192.0.2.1 lladdr 02:00:00:00:00:01 dev eth0'] },
  },
  links: [
    {
      ends: [
        {
          host: 'left',
          device: 'eth0',
          mac: '02:00:00:00:00:01',
          addresses: ['192.0.2.1/24', '2001:db8::1/64'],
          bucket: { rate: '100mbit', burstOctets: 20_000, latencyMs: 10 },
        },
        { host: 'right', device: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
      ],
      mtu: 1400,
      hasOffloads: false,
    },
  ],
};

function named(host: string, topology = TWO): string {
  return `prismspec-${process.pid}-${topology.name}-${host}`;
}

function say(host: string, ...words: readonly string[]): string {
  const done = spawnSync('ip', ['netns', 'exec', named(host), ...words], { encoding: 'utf8' });
  return done.stdout + done.stderr;
}

test.serial('a topology is as it is described, and gone after down', (t) => {
  if (!isKernelOurs(t)) return;
  const lab = raiseLab(TWO);
  t.is(lab.nameOf('left'), named('left'));
  t.regex(say('left', 'ip', 'link', 'show', 'eth0'), /mtu 1400.*state UP[^]*02:00:00:00:00:01/u);
  t.regex(say('left', 'tc', 'qdisc', 'show', 'dev', 'eth0'), /tbf .*rate 100Mbit burst 20000b/u);
  t.regex(say('right', 'tc', 'qdisc', 'show', 'dev', 'eth0'), /^qdisc noqueue/u);
  t.regex(say('left', 'ip', 'route'), /198\.51\.100\.0\/24 via 192\.0\.2\.2/u);
  t.regex(say('right', 'ip', 'neighbour'), /192\.0\.2\.1 .*02:00:00:00:00:01 PERMANENT/u);
  t.regex(say('left', 'ethtool', '-k', 'eth0'), /tcp-segmentation-offload: off/u);
  t.is(say('left', 'cat', '/proc/sys/net/ipv4/ip_forward').trim(), '1');
  t.is(say('right', 'cat', '/proc/sys/net/ipv4/ip_forward').trim(), '0');
  for (const address of [ipv4Address('192.0.2.2'), ipv6Address('2001:db8::2')]) {
    const there = { address, port: 7 };
    const listener = lab.inside('right', () => openListener(there));
    const fd = lab.inside('left', () => openSocket(familyOf(there), SOCK_STREAM));
    t.notThrows(() => connectSocket(fd, there));
    closeDescriptor(fd);
    closeDescriptor(listener);
  }
  lab.ip('left', 'link set eth0 down');
  t.regex(say('left', 'ip', 'link', 'show', 'eth0'), /state DOWN/u);
  lab.down();
  lab.down();
  for (const host of ['left', 'right']) t.false(existsSync(namespaceFile(named(host))));
});

test.serial('a topology that fails half-way leaves nothing, and says at which line', (t) => {
  if (!isKernelOurs(t)) return;
  const hosts = { ...TWO.hosts, right: { routes: ['nowhere via 192.0.2.77'] } };
  const error = t.throws(() => raiseLab({ ...TWO, hosts }));
  t.regex(error?.message ?? '', /ip -n prismspec-\d+-two-right -batch/u);
  t.regex(error?.message ?? '', /nowhere/u);
  for (const host of ['left', 'right']) t.false(existsSync(namespaceFile(named(host))));
  const lab = raiseLab(TWO);
  t.throws(() => lab.ip('left', 'link set eth7 up'), { message: /eth7/u });
  lab.down();
});

test.serial('namespaces that another program left behind are replaced', (t) => {
  if (!isKernelOurs(t)) return;
  spawnSync('ip', ['netns', 'add', named('right')]);
  spawnSync('ip', ['-n', named('right'), 'link', 'add', 'eth0', 'type', 'veth']);
  const lab = raiseLab(TWO);
  t.regex(say('right', 'ip', 'address'), /192\.0\.2\.2/u);
  lab.down();
});

test.serial('what a killed program left behind is found and removed', (t) => {
  if (!isKernelOurs(t)) return;
  const { pid: gone } = spawnSync('true');
  const [stale, alive] = [`prismspec-${gone}-x-y`, named('alive')];
  for (const name of [stale, alive]) spawnSync('ip', ['netns', 'add', name]);
  t.true(removeStaleLabs().includes(stale));
  t.false(existsSync(namespaceFile(stale)));
  t.true(existsSync(namespaceFile(alive)));
  spawnSync('ip', ['netns', 'del', alive]);
});

test.serial('a program ends with the network that it runs in', async (t) => {
  if (!isKernelOurs(t)) return;
  const lab = raiseLab(TWO);
  const child = lab.start(
    'left',
    ['sh', '-c', 'ip -o link show eth0; exec sleep 1000'],
    ['ignore', 'pipe', 'inherit'],
  );
  const { stdout } = child;
  if (stdout === null) throw new Error('no output');
  const [octets] = await once(stdout, 'data');
  t.regex(String(octets), /eth0/u);
  const ended = once(child, 'exit');
  lab.down();
  t.deepEqual(await ended, [null, 'SIGKILL']);
});

test.serial('this thread is in a namespace as long as its work, whatever comes of it', (t) => {
  if (!isKernelOurs(t)) return;
  const lab = raiseLab(TWO);
  const where = (): string => readlinkSync('/proc/thread-self/ns/net');
  const home = where();
  t.not(lab.inside('left', where), home);
  t.not(lab.inside('left', where), lab.inside('right', where));
  t.is(where(), home);
  t.throws(
    () =>
      lab.inside('left', () => {
        throw new Error('on purpose');
      }),
    { message: 'on purpose' },
  );
  t.is(where(), home);
  t.throws(() => lab.inside('left', () => Promise.resolve(1)), { instanceOf: TypeError });
  t.is(where(), home);
  t.throws(() => inNamespace('prismspec-none', where), { code: 'ENOENT' });
  t.is(where(), home);
  const routes = lab.inside('left', () => readFileSync('/proc/thread-self/net/route', 'utf8'));
  t.regex(routes, /eth0/u);
  lab.down();
});

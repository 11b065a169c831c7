/** A setup in the words of nftables. */
import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import type { ServerName } from '../../../conformance/driver/balancer.ts';
import { loadRules } from '../../../hardware/nftables/nft.ts';
import { roundOf, rulesetOf } from '../../../hardware/nftables/ruleset.ts';
import { isKernelOurs } from '../../host/bed.ts';
import { runs } from '../../runs.ts';
import { fileOf, service } from '../product/setups.ts';

function lineOf(told: Parameters<typeof service>[0], word: string): string {
  const lines = rulesetOf(fileOf([service({ mode: 'nat', ...told })])).split('\n');
  return lines.find((line) => line.includes(word))?.trim() ?? '';
}

test('under NAT a connection has another destination, by turns', (t) => {
  t.is(
    lineOf({ serverPort: 8080 }, 'dnat'),
    'ip daddr 10.1.0.201 tcp dport 80 dnat to numgen inc mod 2 map { 0 : 10.2.0.1, 1 : 10.2.0.2 } : 8080',
  );
});

test('servers are chosen at random, or by a hash that does not change', (t) => {
  t.regex(lineOf({ choosing: 'random' }, 'dnat'), /to numgen random mod 2 map/u);
  t.regex(lineOf({ choosing: 'source-hash' }, 'dnat'), /to jhash ip saddr mod 2 seed 0x\w+ map/u);
});

test('by direct return a SYN has another MAC address, and the map remembers it', (t) => {
  const direct = { mode: 'dsr', servers: ['s3'] } as const;
  t.regex(
    lineOf(direct, 'ether daddr set numgen'),
    /map \{ 0 : 02:00:00:00:02:03 \} goto chosen$/u,
  );
  t.is(lineOf(direct, 'dnat'), '');
});

test('of several access rules the first that fits counts', (t) => {
  const access = [
    { action: 'permit', source: '10.1.0.3/32' },
    { action: 'deny', source: '10.1.0.0/24' },
  ] as const;
  const text = rulesetOf(fileOf([service({ mode: 'nat' })], access));
  t.regex(
    text,
    /chain permitted \{\n +ip saddr 10\.1\.0\.3\/32 return\n +ip saddr 10\.1\.0\.0\/24 reject/u,
  );
});

for (const mode of ['nat', 'dsr'] as const) {
  test(`a pool in which nobody takes anything refuses connections: ${mode}`, (t) => {
    const nobody = { mode, weights: { s1: 0, s2: 0 } };
    t.regex(
      lineOf(nobody, 'reject'),
      /^ip daddr 10\.1\.0\.201 tcp dport 80 .*reject with tcp reset$/u,
    );
    t.is(lineOf(nobody, 'map {'), '');
    t.is(lineOf({ mode }, 'reject'), '');
  });
}

test('in a round turns are spread', (t) => {
  const weights = { s1: 10, s2: 2, s3: 2 };
  const round = roundOf({ servers: ['s1', 's2', 's3'], choosing: 'round-robin', weights });
  t.is(round.join(' '), 's1 s1 s2 s1 s3 s1 s1');
});

test('in a round each server is as often as its weight has it, and no round is longer than need be', (t) => {
  const names: readonly ServerName[] = ['s1', 's2', 's3'];
  const weights = fc.tuple(...names.map(() => fc.nat(12)));
  const property = fc.property(weights, (each) => {
    const told = Object.fromEntries(names.map((name, nth) => [name, each[nth] ?? 0]));
    const round = roundOf({ servers: names, choosing: 'round-robin', weights: told });
    const counts = names.map((name) => round.filter((other) => other === name).length);
    for (const [a, of] of counts.entries()) {
      for (const [b, other] of counts.entries()) {
        t.is(of * Number(each[b]), other * Number(each[a]));
      }
    }
    const common = [2, 3, 5, 7, 11].find((prime) => counts.every((count) => count % prime === 0));
    t.true(round.length === 0 || common === undefined);
    t.is(
      round.length === 0,
      each.every((weight) => weight === 0),
    );
  });
  fc.assert(property, runs(200));
});

test('nft takes what is written, again and again, and says what is wrong', (t) => {
  if (!isKernelOurs(t)) return;
  const name = `prismspec-${process.pid}-ruleset`;
  const ip = (...words: readonly string[]): string =>
    spawnSync('ip', words, { encoding: 'utf8' }).stdout;
  ip('netns', 'add', name);
  t.teardown(() => ip('netns', 'del', name));
  const services = [
    service({ mode: 'nat' }),
    service({ mode: 'nat', port: 82, weights: { s1: 0, s2: 0 } }),
    service({ mode: 'dsr', port: 83, weights: { s1: 0, s2: 0 } }),
    service({ mode: 'dsr', port: 81, weights: { s1: 3 } }),
  ];
  const rules = rulesetOf(fileOf(services, [{ action: 'deny', source: '10.1.0.3/32' }]));
  for (const text of [rules, rules, rulesetOf(fileOf([]))]) {
    const done = spawnSync('ip', ['netns', 'exec', name, '/usr/sbin/nft', '-f', '-'], {
      input: text,
    });
    t.is(done.stderr.toString(), '');
  }
  t.regex(loadRules('no rules') ?? '', /syntax error/u);
});

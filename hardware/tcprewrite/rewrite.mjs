#!/usr/bin/env node
/**
 * Runs tcprewrite on one pcap file, with options made from the rule.
 *
 *   rewrite.mjs IN OUT RULES PORT
 *
 * tcprewrite knows no rules: addresses and ports are options for all packets of a file, and so is
 * the shift of sequence and acknowledgment numbers, which it derives from a number of its own
 * (4.4.3: 1 shifts both by 936145377). It cannot shift back, so the way back is HANDOFF only.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';

/** Ports of the target files that clients are attached to. */
const CLIENT_PORTS = ['0', '1'];

const [input, output, rulesFile, port] = process.argv.slice(2);
const [rule] = JSON.parse(readFileSync(rulesFile, 'utf8'));
if (rule === undefined) {
  copyFileSync(input, output);
} else {
  const { virtual, owner, deltas } = rule;
  const map = (from, to) => `${from}/32:${to}/32`;
  const options = CLIENT_PORTS.includes(port)
    ? [
        `--dstipmap=${map(virtual.address, owner.address)}`,
        `--portmap=${virtual.port}:${owner.port}`,
        `--enet-dmac=${owner.mac}`,
        ...(deltas.clientSeq === 0 ? [] : ['--tcp-sequence=1']),
      ]
    : [
        `--srcipmap=${map(owner.address, virtual.address)}`,
        `--portmap=${owner.port}:${virtual.port}`,
      ];
  const words = [...options, '--fixcsum', '-i', input, '-o', output];
  const done = spawnSync('tcprewrite', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (done.error) {
    console.error(`tcprewrite: ${done.error.message} (Debian package tcpreplay)`);
    process.exitCode = 1;
  } else {
    process.exitCode = done.status ?? 1;
  }
}

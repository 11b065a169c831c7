/** A Prism whose backends are plain servers, and what its hosts have counted. */
import { readFileSync } from 'node:fs';
import {
  raiseLaboratory,
  until,
  type Laboratory,
} from '../../reference/host/laboratory/laboratory.ts';
import type { LaboratoryOptions } from '../../reference/host/laboratory/site.ts';
import { keyText } from '../../reference/rules/rule.ts';

const BEAT_MS = 200;
const ESTABLISHED = '01';

/** Brings up the network and all parts; the caller takes it down. */
export function raiseSpliceBed(
  name: string,
  options: Omit<LaboratoryOptions, 'name' | 'plain' | 'backends'> = {},
): Promise<Laboratory> {
  return raiseLaboratory({ name, plain: ['b1', 'b2'], ...options });
}

/** How many TCP connections a host has. */
export function established({ lab }: Laboratory, host: string): number {
  const rows = lab.inside(host, () => readFileSync('/proc/thread-self/net/tcp', 'utf8'));
  return rows.split('\n').filter((row) => row.trim().split(/\s+/u)[3] === ESTABLISHED).length;
}

/** How many segments the TCP of a host has sent again. */
export function retransmitted({ lab }: Laboratory, host: string): number {
  const text = lab.inside(host, () => readFileSync('/proc/thread-self/net/snmp', 'utf8'));
  const [names = '', values = ''] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('RetransSegs')]);
}

/** Waits until the switch has no rule any more. */
export async function rulesGone(bed: Laboratory, maxMs: number): Promise<void> {
  let left: readonly string[] = [];
  const areGone = async (): Promise<boolean> => {
    left = (await bed.rules()).map(({ rule }) => keyText(rule.key));
    return left.length === 0;
  };
  await until(areGone, maxMs, () => `still ${left.join(', ')}`, BEAT_MS);
}

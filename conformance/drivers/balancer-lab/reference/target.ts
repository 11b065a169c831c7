/** The reference server switch on this kernel as a target. */
import { fileURLToPath } from 'node:url';
import type { Balancer, BalancerProfile } from '../../../driver/balancer.ts';
import { openBalancerProgram } from '../balancer-lab.ts';

/** Nobody waits in real time for as long as RFC 5382 has it. */
export const ESTABLISHED_MS = 10_000;

/** What it declares. */
export const CHOICES: BalancerProfile = {
  hops: 1,
  tunnelHops: 0,
  strays: 'reset',
  refusal: 'reset',
  departed: 'reset',
  down: 'reset',
  turns: 'nginx',
  ties: 'first',
  fragments: 'follow',
  ipOptions: 'drop',
  establishedSeconds: ESTABLISHED_MS / 1000,
  halfOpenMax: 64,
  takeover: 'lose',
  preempts: true,
};

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const READY_MAX_MS = 30_000;

/** Opens the reference server switch on this kernel; the bed is made by the first story. */
export function openBalancerLab(): Balancer {
  const target = {
    name: 'balancer-lab',
    vendor: 'prismspec',
    version: '1',
    cmd: [process.execPath, '--import', `${ROOT}tools/register.mjs`, MAIN, '{setup}'],
    needs: [],
    claims: [
      'NAT',
      'DSR',
      'IPIP',
      'ACL',
      'WEIGHTS',
      'LEAST',
      'RANDOM',
      'SRCHASH',
      'MAGLEV',
      'CHECK',
      'STICKY',
      'PAIR',
    ],
    choices: CHOICES,
    timeoutMs: READY_MAX_MS,
  } as const;
  return openBalancerProgram(target, ROOT);
}

/** The reference server switch on this kernel as a target. */
import { fileURLToPath } from 'node:url';
import type { Balancer, BalancerProfile } from '../../../driver/balancer.ts';
import { REFERENCE_CHOICES, REFERENCE_CLAIMS } from '../../virtual-bed/hello.ts';
import { openBalancerProgram } from '../balancer-lab.ts';

/** Nobody waits in real time for as long as RFC 5382 has it. */
export const ESTABLISHED_MS = 10_000;

/** What it declares. */
export const CHOICES: BalancerProfile = {
  ...REFERENCE_CHOICES,
  establishedSeconds: ESTABLISHED_MS / 1000,
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
    claims: REFERENCE_CLAIMS,
    choices: CHOICES,
    timeoutMs: READY_MAX_MS,
  } as const;
  return openBalancerProgram(target, ROOT);
}

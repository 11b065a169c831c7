/** Looking at a story until nothing more will come of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { layer, parse } from 'scapy-ts';
import type { RuleStatus } from '../../../reference/control/command.ts';
import { sameEndpoint, type Endpoint } from '../../../reference/rules/rule.ts';
import { DriverFault } from '../../driver/device.ts';
import { CLIENT_STATIONS } from './network.ts';
import type { Performance, Stage } from './performance.ts';

/** Nothing must have happened for so long: several times what a part waits before it speaks again. */
const CALM_MS = 150;
/** More than anything that is promised. */
const PATIENCE_MAX_MS = 45_000;
/** Nothing has happened for so long: whoever still waits will wait for ever. */
const QUIET_MS = 10_000;
const POLL_MS = 10;

/** Gathers the frames of a story until all is still, or its patience has run out. */
export async function untilStill(stage: Stage, performing: Performance): Promise<void> {
  const { story, clients, censor, nowMs } = performing;
  const patienceMs = Math.min(story.patienceMs, PATIENCE_MAX_MS);
  for (;;) {
    const before = performance.now();
    await sleep(POLL_MS);
    performing.lateMs = Math.max(performing.lateMs, performance.now() - before - POLL_MS);
    takeFrames(stage, performing);
    if (performing.fault !== undefined) throw performing.fault;
    if (nowMs() > patienceMs) return;
    const calmMs = nowMs() - performing.lastMs;
    const isPausing = clients.some((client) => client.isPausing());
    if (isPausing || censor.pending() > 0 || calmMs < CALM_MS) continue;
    if (calmMs > QUIET_MS) return;
    const areDone = clients.every(({ isDone }) => isDone());
    if (areDone && isNothingToCome(stage, performing, await rulesOf(stage, performing))) return;
  }
}

/** An unlocked rule stays as long as there is nobody to delete it. */
function isNothingToCome(
  { parts }: Stage,
  { returning }: Performance,
  rules: readonly RuleStatus[],
): boolean {
  const isDeserted = !parts.isRunning('controller') && returning === 0;
  return isDeserted
    ? rules.every(({ leaseLeftMs }) => leaseLeftMs === undefined)
    : rules.length === 0;
}

function takeFrames({ tap }: Stage, performing: Performance): void {
  const { frames, zeroNs, nowMs } = performing;
  const taken = tap.take(zeroNs).filter(({ octets }) => isOfStory(performing, octets));
  if (taken.length > 0) performing.lastMs = nowMs();
  frames.push(...taken);
}

/** What clients of other stories have left on the wire is not of this one. */
function isOfStory({ ends }: Performance, octets: Uint8Array): boolean {
  const { layers } = parse(octets);
  const ip = layer(layers, 'ipv4');
  const tcp = layer(layers, 'tcp');
  if (ip === undefined || tcp === undefined) return false;
  return [
    { address: ip.src, port: tcp.srcPort },
    { address: ip.dst, port: tcp.dstPort },
  ].every((each) => !isClient(each) || ends.some((end) => sameEndpoint(end, each)));
}

function isClient({ address }: Endpoint): boolean {
  return [CLIENT_STATIONS.scripted, CLIENT_STATIONS.kernel].some((stations) =>
    stations.some((station) => station.address === address),
  );
}

/** Rules of the story's clients. */
export async function rulesOf(
  { rules }: Stage,
  { ends }: Performance,
): Promise<readonly RuleStatus[]> {
  const listed = await rules.read().catch((error: unknown) => {
    throw new DriverFault('rules', String(error));
  });
  return listed.filter(({ rule }) => ends.some((end) => sameEndpoint(end, rule.key.client)));
}

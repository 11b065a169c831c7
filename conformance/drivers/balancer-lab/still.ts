/** Looking at a story until nothing more will come of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isStill } from './calm.ts';
import type { Clients } from './clients.ts';
import { capturedOf, isIp } from './frames.ts';
import { CLIENTS } from './network.ts';
import type { Performance } from './performance.ts';

const PATIENCE_MAX_MS = 45_000;
const POLL_MS = 10;
const NS_PER_MS = 1e6;

/** Gathers the frames of a story until all is still, or its patience has run out. */
export async function untilStill(performing: Performance): Promise<void> {
  const { story, nowMs, switches, clients, lastMs } = performing;
  const patienceMs = Math.min(story.patienceMs, PATIENCE_MAX_MS);
  performing.loop.ended.catch((error: unknown) => void (performing.fault ??= error));
  for (;;) {
    const before = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one look after the other
    await sleep(POLL_MS);
    performing.lateMs = Math.max(performing.lateMs, performance.now() - before - POLL_MS);
    takeFrames(performing);
    performing.fault ??= switches.fault();
    if (performing.fault !== undefined) throw performing.fault;
    if (nowMs() > patienceMs) return;
    const arePausing = clients.each.some((each) => each.isPausing());
    if (performing.pending > 0 || arePausing) continue;
    const areDone = clients.each.every((each) => each.isDone());
    const areOver = clients.each.every((each) => each.isDone() || isWaiting(each, nowMs()));
    if (isStill(nowMs(), lastMs, { areDone, areOver })) return;
  }
}

/** It does nothing more by itself. */
function isWaiting({ isOver, process }: Clients['each'][number], nowMs: number): boolean {
  const nextNs = process.nextAtNs();
  return isOver() && (nextNs === undefined || nextNs < nowMs * NS_PER_MS);
}

function takeFrames({ bed, hosts, frames, zeroNs, nowMs, lastMs }: Performance): void {
  for (const seen of bed.capture.take(zeroNs)) {
    // What was said before the story began.
    if (seen.atMs < 0) continue;
    frames.push(...capturedOf(seen, hosts));
    if (!isIp(seen)) continue;
    lastMs.anybody = nowMs();
    if (seen.place !== CLIENTS) continue;
    lastMs.client = nowMs();
    if (seen.direction === 'out') lastMs.heard = nowMs();
  }
}

/** One story on a switch that has just been started: until all is still, or its patience is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runOnDevices } from '../../../reference/host/balancer/process-loop.ts';
import type { Process } from '../../../reference/sim/network/process.ts';
import {
  SERVERS,
  type BalancerObservation,
  type BalancerStory,
  type Happening,
  type Served,
} from '../../driver/balancer.ts';
import { NotSupported } from '../../driver/device.ts';
import { timeOfDayNs } from '../lab/capture.ts';
import { waitedMs } from '../lab/waited.ts';
import { seekingSwitch } from '../virtual-bed/neighbours.ts';
import { frameOf, hostsOf, setupsOf } from '../virtual-bed/stage.ts';
import type { Bed } from './bed.ts';
import { createClients } from './clients.ts';
import { CLIENTS, DEVICE } from './network.ts';
import type { Performance } from './performance.ts';
import { untilStill } from './still.ts';
import { plugSwitches, type Switches } from './switches.ts';

/** What nobody waits for in real time. */
const WAIT_MAX_MS = 30_000;
const NS_PER_MS = 1e6;

/** The longest that a story waits for nothing but time. */
function longestWaitMs({ visitors, happenings }: BalancerStory): number {
  const pauses = visitors.map(({ lines }) =>
    lines.reduce((sum, { cue }) => sum + (cue.kind === 'after' ? cue.ms : 0), 0),
  );
  return Math.max(0, ...pauses, ...happenings.map(({ atMs }) => atMs));
}

/** Throws `NotSupported` where the bed has not what a story asks for. */
function refuse(story: BalancerStory): void {
  const waitMs = longestWaitMs(story);
  if (waitMs > WAIT_MAX_MS) throw new NotSupported(`${waitMs / 1000} s of waiting in real time`);
}

/** Makes the servers ready. Throws `NotSupported` where tunnels cannot end there. */
async function prepare({ servers, endTunnels }: Bed, story: BalancerStory): Promise<void> {
  const services = setupsOf(story).flatMap((each) => each.services);
  try {
    if (services.some(({ mode }) => mode === 'ipip')) endTunnels();
  } catch (error) {
    throw new NotSupported(`ends of tunnels at the servers: ${String(error)}`);
  }
  await servers.serve(services);
}

/** Plays a story on the bed. Rejects with `DriverFault` and `NotSupported`. */
export async function playStory(bed: Bed, story: BalancerStory): Promise<BalancerObservation> {
  refuse(story);
  await prepare(bed, story);
  const switches = plugSwitches(bed, story.setup);
  try {
    const refused = await switches.configure(story.setup);
    // Who is no switch yet is not asked for anything.
    if (refused !== undefined) return nothingOf(story, refused);
    return await perform(bed, switches, story);
  } finally {
    bed.onServed = () => {};
    await switches.end();
  }
}

function nothingOf({ visitors }: BalancerStory, refused: string): BalancerObservation {
  return { visitors: visitors.map(() => []), frames: [], served: [], setups: [refused], endMs: 0 };
}

async function perform(
  bed: Bed,
  switches: Switches,
  story: BalancerStory,
): Promise<BalancerObservation> {
  const pids = [...bed.servers.pids(), ...switches.pids()];
  const before = new Map(pids.map((pid) => [pid, waitedMs(pid)]));
  const performing = begin(bed, switches, story);
  const ending = new AbortController();
  const conducted = conduct(performing, ending.signal);
  try {
    await untilStill(performing);
  } finally {
    ending.abort();
    await conducted;
    await performing.loop.close();
  }
  const { clients, frames, served, setups, nowMs } = performing;
  const endMs = nowMs();
  const waits = [...before].map(([pid, waited]) => waitedMs(pid) - waited);
  return {
    visitors: clients.each.map((each) => each.outcomes(endMs)),
    frames,
    served,
    setups,
    endMs,
    lateMs: Math.max(performing.lateMs, ...waits),
  };
}

/** The same process; `onFirst` hears what time it is when it is first asked. */
function withStart(process: Process, onFirst: (nowNs: number) => void): Process {
  let isFirst = true;
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      if (isFirst) onFirst(nowNs);
      isFirst = false;
      return process.step(event, nowNs);
    },
  };
}

function begin(bed: Bed, switches: Switches, story: BalancerStory): Performance {
  const clients = createClients(story.visitors, story.seed);
  const served: Served[] = [];
  let startMs = performance.now();
  let zeroNs = timeOfDayNs();
  bed.capture.take(zeroNs);
  bed.onServed = ({ server, head, at }) => {
    const atMs = at - Number(zeroNs / 1000n) / 1000;
    if (atMs >= 0) served.push({ server, head, atMs });
  };
  // The clients' clock is that of all.
  const process = withStart(seekingSwitch(clients.process, story.setup), (nowNs) => {
    startMs = performance.now() - nowNs / NS_PER_MS;
    zeroNs = timeOfDayNs() - BigInt(Math.round(nowNs));
  });
  const loop = bed.lab.inside(CLIENTS, () => runOnDevices(process, [DEVICE]));
  return {
    bed,
    switches,
    story,
    hosts: hostsOf(story),
    clients,
    loop,
    zeroNs,
    nowMs: () => performance.now() - startMs,
    frames: [],
    served,
    setups: [undefined],
    lastMs: { happened: 0, heard: 0, client: 0, anybody: 0 },
    pending: story.happenings.length,
    lateMs: 0,
    fault: undefined,
  };
}

/** Lets things happen when they are due; what is not by the end does not happen. */
async function conduct(performing: Performance, end: AbortSignal): Promise<void> {
  const { story, nowMs, lastMs } = performing;
  let configured: Promise<void> = Promise.resolve();
  for (const happening of story.happenings.toSorted((a, b) => a.atMs - b.atMs)) {
    const leftMs = happening.atMs - nowMs();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    if (leftMs > 0) await sleep(leftMs, undefined, { signal: end }).catch(() => undefined);
    if (end.aborted) return;
    performing.lateMs = Math.max(performing.lateMs, nowMs() - happening.atMs);
    const happened = happen(performing, happening, configured);
    if (happening.kind === 'configure') configured = happened;
    happened
      .catch((error: unknown) => void (performing.fault ??= error))
      .finally(() => {
        performing.pending -= 1;
        lastMs.happened = nowMs();
      });
  }
}

async function happen(
  { bed, switches, hosts, loop, setups }: Performance,
  happening: Happening,
  configured: Promise<void>,
): Promise<void> {
  if (happening.kind === 'configure') {
    // The line that it says now is not to be taken for another.
    await configured;
    setups.push(await switches.configure(happening.setup));
    return;
  }
  if (happening.kind === 'server') {
    await bed.servers.become(happening.server, happening.state);
    return;
  }
  if (happening.kind === 'switch') {
    await configured;
    await switches.become(happening.place, happening.state);
    return;
  }
  const self = hosts.find(({ name }) => name === happening.from);
  if (self === undefined) throw new Error(`there is no ${happening.from}`);
  const octets = frameOf(self, happening);
  const server = SERVERS.find((name) => name === self.name);
  if (server === undefined) loop.act(() => [{ kind: 'frame', port: 0, octets }]);
  else bed.senders.get(server)?.send(octets);
}

/** One story on a Prism that runs: from its first client to the moment when all is still. */
import { z } from 'zod';
import { sameEndpoint, type ConnectionKey, type Endpoint } from '../../../reference/rules/rule.ts';
import { randomFates, type Odds } from '../../../reference/sim/network/fate.ts';
import { createRandom } from '../../../reference/sim/network/random.ts';
import type { Moment, Observation, Story } from '../../driver/system.ts';
import { createFates } from '../sim/fates.ts';
import { timeOfDayNs } from './capture.ts';
import { startScriptedClient, type Client, type ClientOptions } from './client.ts';
import { isForCurl, startCurl } from './curl-client.ts';
import { isPlain, startKernelClient } from './kernel-client.ts';
import { CLIENT_STATIONS, CLIENTS_MAX } from './network.ts';
import type { ProcessName } from './parts.ts';
import type { Performance, Stage } from './performance.ts';
import type { PlanOptions } from './plan.ts';
import { rulesOf, untilStill } from './still.ts';

const FIRST_PORT = 20_000;
const PORTS = 40_000;
let lastPort = 0;
let plainStories = 0;

/** Who speaks for the clients of a story: a scripted TCP, a socket of the kernel, or curl. */
type Speaker = 'scripted' | 'socket' | 'curl';

/** Each of those who can tell a story has its turn. */
function speakerOf({ clients, weather }: Story): Speaker {
  if (weather.loss + weather.duplication > 0 || !clients.every(isPlain)) return 'scripted';
  const able: Speaker[] = ['scripted', 'socket'];
  if (clients.every(isForCurl)) able.push('curl');
  plainStories += 1;
  return able[plainStories % able.length] ?? 'scripted';
}

/** An end that no story has had. */
function endOf(speaker: Speaker, client: number): Endpoint {
  const station = CLIENT_STATIONS[speaker === 'scripted' ? 'scripted' : 'kernel'][client];
  if (station === undefined) throw new Error(`there is no client ${client}`);
  lastPort += 1;
  return { address: station.address, port: FIRST_PORT + (lastPort % PORTS) };
}

function startClient({ lab, wire }: Stage, speaker: Speaker, options: ClientOptions): Client {
  if (speaker === 'curl') return startCurl(lab, options);
  return speaker === 'socket'
    ? startKernelClient(lab, options)
    : startScriptedClient(wire, options);
}

const executionLine: z.ZodType<{ readonly execution: Line }> = z.object({
  execution: z.object({
    method: z.string(),
    target: z.string(),
    content: z.base64().optional(),
    at: z.number(),
  }),
});

interface Line {
  readonly method: string;
  readonly target: string;
  readonly content?: string | undefined;
  readonly at: number;
}

function odds({ loss, duplication, jitterUs }: Story['weather']): Odds {
  return { loss: loss / 100, duplication: duplication / 100, jitterNs: jitterUs * 1000 };
}

/** Plays a story whose parts are there; `lateMs` is for how long any of them could not work. */
export async function playStory(
  stage: Stage,
  story: Story,
  options: PlanOptions,
): Promise<Observation> {
  if (story.clients.length > CLIENTS_MAX) throw new Error(`${story.clients.length} clients`);
  const performing = begin(stage, story, options);
  try {
    await untilStill(stage, performing);
    const { length: rules } = await rulesOf(stage, performing);
    const { clients, executions, censor, notes, nowMs } = performing;
    return {
      clients: clients.map(({ outcomes }) => outcomes()),
      executions,
      frames: performing.frames,
      messages: censor.told,
      notes,
      rules,
      endMs: nowMs(),
      lateMs: lateMs(stage, performing),
    };
  } finally {
    for (const client of performing.clients) client.stop();
    stage.wire.silence();
    stage.relay.end();
    stage.onLine = () => {};
  }
}

/** For how long the driver, or a part that lived all the time, was kept from working. */
function lateMs({ parts, wire }: Stage, { waits, lateMs: own, nowMs }: Performance): number {
  // Frames that nobody was there to take are as bad as if nobody had been there at all.
  if (wire.takeLosses() > 0) return nowMs();
  const all = [...parts.waits()].map(([pid, waited]) => waited - (waits.get(pid) ?? waited));
  return Math.max(own, ...all);
}

function begin(stage: Stage, story: Story, options: PlanOptions): Performance {
  const { relay, tap, wire } = stage;
  const speaker = speakerOf(story);
  const ends = story.clients.map((_, client) => endOf(speaker, client));
  const startMs = performance.now();
  const zeroNs = timeOfDayNs();
  const nowMs = (): number => performance.now() - startMs;
  tap.take(zeroNs);
  wire.takeLosses();
  const isOurs = ({ client }: ConnectionKey): boolean =>
    ends.some((end) => sameEndpoint(end, client));
  const weather = odds(story.weather);
  const fates = createFates(story, (part, awayMs) => {
    stage.parts.kill(part);
    if (awayMs === undefined) return;
    performing.returning += 1;
    setTimeout(() => {
      // One that does not come back is found missing before the next story.
      const back = (): void => void (performing.returning -= 1);
      stage.parts.ensure(part, options).then(back, back);
    }, awayMs);
  });
  const clients: Client[] = [];
  const onMoment = (moment: Moment): void => {
    performing.lastMs = nowMs();
    fates.onMoment(moment);
    for (const client of clients) client.onMoment(moment);
  };
  const censor = relay.begin({
    mishaps: story.mishaps,
    weather: randomFates(createRandom(story.seed, 'messages'), weather),
    isOurs,
    nowMs,
    onMoment,
  });
  const performing: Performance = {
    story,
    ends,
    clients,
    executions: [],
    notes: [`clients: ${speaker}`],
    censor,
    frames: [],
    nowMs,
    zeroNs,
    lastMs: 0,
    waits: stage.parts.waits(),
    lateMs: 0,
    returning: 0,
    fault: undefined,
  };
  stage.onLine = (part, line) => hear(performing, part, line);
  for (const { at } of fates.deaths) {
    if (at.kind === 'time' && at.ms > 0) setTimeout(() => fates.onTime(at.ms), at.ms);
  }
  fates.onTime(0);
  const onFault = (error: unknown): void => void (performing.fault ??= error);
  for (const [client, lines] of story.clients.entries()) {
    const onReceived = (): void => {
      performing.lastMs = nowMs();
      if (client === 0) fates.onReceived(clients[0]?.receivedOctets() ?? 0);
    };
    const local = ends[client] ?? endOf(speaker, client);
    const own = { client, local, lines, seed: story.seed, weather, nowMs, onReceived, onFault };
    clients.push(startClient(stage, speaker, own));
  }
  return performing;
}

function hear({ executions, notes, zeroNs }: Performance, part: ProcessName, line: string): void {
  if ((part !== 'b1' && part !== 'b2') || !line.startsWith('{"execution"')) {
    notes.push(`${part}: ${line}`);
    return;
  }
  const { method, target, content, at } = executionLine.parse(JSON.parse(line)).execution;
  executions.push({
    backend: part,
    method,
    target,
    content: content === undefined ? undefined : Uint8Array.from(Buffer.from(content, 'base64')),
    atMs: at - Number(zeroNs / 1000n) / 1000,
  });
}

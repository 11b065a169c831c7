/**
 * A switch that runs `prism.p4`, by P4Runtime and BMv2's data plane.
 *
 * BMv2 works in real time and on several threads. So that what is asked takes effect in the order in
 * which it is asked, injected frames are waited for until none is left in the switch: no clock is
 * needed to know that a frame does not come.
 */
import { readFileSync } from 'node:fs';
import { idleByIndex, P4 } from '../../../hardware/bmv2/agent/entries.ts';
import { P4RuntimeError } from '../../../hardware/p4runtime/fault.ts';
import type { P4RuntimeClient } from '../../../hardware/p4runtime/grpc/client.ts';
import type { DataPlane } from '../../../hardware/p4runtime/grpc/data-plane.ts';
import type { Pipeline } from '../../../hardware/p4runtime/grpc/pipeline.ts';
import { DriverFault, NotSupported, type PortFrame } from '../../driver/device.ts';
import { FLOOD, type Groups, type P4Switch } from './switch.ts';

/** Where a switch is, as gRPC names addresses. */
export interface Place {
  /** Where it speaks P4Runtime. */
  readonly address: string;
  /** Where frames go in and out. */
  readonly dataPlane: string;
  /** The device behind both. */
  readonly deviceId: bigint;
  /** What it says its version is; that of its P4Runtime when left out. */
  readonly version?: string;
  /** Why nobody is there any more, where that can be known. */
  whyGone(): Promise<DriverFault | undefined>;
  /** It is not needed any more. */
  end(): Promise<void>;
}

/** Which switch, and what it is to run. */
export interface P4RuntimeOptions {
  readonly name: string;
  readonly vendor: string;
  /** Of all controllers the one with the highest is primary; 128 bits, not 0. */
  readonly electionId: bigint;
  /** For each answer. */
  readonly timeoutMs: number;
  /** Paths of the compiled program. */
  readonly json: string;
  readonly p4info: string;
  /** Those of `prism.p4` when left out. */
  readonly groups?: Groups;
  /** Called once, when the switch is first needed. */
  reach(): Promise<Place>;
}

/** A queue of BMv2 drops what comes when it has 64, and each frame leaves a port once at most. */
const BURST_MAX = 64;
/** How often a switch that is lost is reached anew. */
const RESTARTS_MAX = 3;
/** Any number: who has this switch brings its program. */
const COOKIE = 1n;

interface Opened {
  readonly place: Place;
  readonly client: P4RuntimeClient;
  readonly plane: DataPlane;
  readonly pipeline: Pipeline;
}

function readPipeline({ json, p4info }: P4RuntimeOptions): Pipeline {
  try {
    return {
      p4info: JSON.parse(readFileSync(p4info, 'utf8')),
      deviceConfig: readFileSync(json),
      cookie: COOKIE,
    };
  } catch (error) {
    throw new DriverFault('program', error instanceof Error ? error.message : String(error));
  }
}

/** Brings the program, which then has nothing in its tables. */
async function load(
  client: P4RuntimeClient,
  pipeline: Pipeline,
  groups: Groups = FLOOD,
): Promise<void> {
  await client.pushPipeline(pipeline);
  for (const [group, copies] of Object.entries(groups)) {
    const replicas = copies.map(({ port, rid }) => ({ port, instance: rid }));
    // oxlint-disable-next-line no-await-in-loop
    await client.setMulticastGroup(Number(group), replicas);
  }
}

/** Brings it anew; BMv2 keeps groups, which with another program nobody could take away. */
async function reload(
  client: P4RuntimeClient,
  pipeline: Pipeline,
  groups: Groups = FLOOD,
): Promise<void> {
  for (const group of Object.keys(groups)) {
    // oxlint-disable-next-line no-await-in-loop
    await client.deleteMulticastGroup(Number(group));
  }
  await load(client, pipeline, groups);
}

function isLoss(error: unknown): boolean {
  return error instanceof P4RuntimeError && ['gone', 'unreachable'].includes(error.reason);
}

/** What a failure of the client is to the suite. */
async function faultOf(error: unknown, place: Place): Promise<unknown> {
  if (!(error instanceof P4RuntimeError)) return error;
  const why = isLoss(error) ? await place.whyGone() : undefined;
  return why ?? new DriverFault(error.reason, error.message);
}

async function shut({ place, client, plane }: Opened): Promise<void> {
  await place.end();
  await Promise.all([plane.close(), client.close()]);
}

async function open(
  options: P4RuntimeOptions,
  receive: (frame: PortFrame) => void,
): Promise<Opened> {
  const pipeline = readPipeline(options);
  const place = await options.reach();
  const { deviceId } = place;
  const { electionId, timeoutMs: deadlineMs } = options;
  let client: P4RuntimeClient | undefined;
  try {
    // gRPC takes long to load, and no other target needs it.
    const { connect } = await import('../../../hardware/p4runtime/grpc/client.ts');
    const { openDataPlane } = await import('../../../hardware/p4runtime/grpc/data-plane.ts');
    client = await connect({ address: place.address, deviceId, electionId, deadlineMs });
    await load(client, pipeline, options.groups);
    const plane = await openDataPlane({
      address: place.dataPlane,
      deviceId,
      deadlineMs,
      receive: ({ port, octets }) => receive({ port, frame: octets }),
      // The next frame that is sent tells.
      lost: () => undefined,
    });
    return { place, client, plane, pipeline };
  } catch (error) {
    const fault = await faultOf(error, place);
    await place.end();
    await client?.close();
    throw fault;
  }
}

/**
 * A switch that is reached when it is first needed, and kept until `close`.
 *
 * One that is lost is reached anew by the next `reset`, a few times; then each call fails at once.
 */
export function openP4RuntimeSwitch(options: P4RuntimeOptions): P4Switch {
  let opening: Promise<Opened> | undefined;
  let frames: PortFrame[] = [];
  /** Why it is lost. */
  let loss: unknown;
  let restarts = 0;

  async function ask<T>(call: (opened: Opened) => Promise<T>): Promise<T> {
    if (loss !== undefined) throw loss;
    opening ??= open(options, (frame) => frames.push(frame));
    const opened = await opening;
    try {
      return await call(opened);
    } catch (error) {
      const fault = await faultOf(error, opened.place);
      if (isLoss(error)) loss ??= fault;
      throw fault;
    }
  }

  async function close(): Promise<void> {
    const opened = await opening?.catch(() => undefined);
    if (opened !== undefined) await shut(opened);
  }

  /** Forgets a switch that is lost, so that it is reached anew; a few times. */
  async function recover(): Promise<void> {
    if (loss === undefined || restarts === RESTARTS_MAX) return;
    restarts += 1;
    await close();
    opening = undefined;
    loss = undefined;
  }

  return {
    name: options.name,
    vendor: options.vendor,
    clock: 'real',
    version: () =>
      ask(async ({ place, client }) => place.version ?? `P4Runtime ${client.apiVersion}`),
    reset: async () => {
      await recover();
      await ask(({ client, pipeline }) => reload(client, pipeline, options.groups));
      frames = [];
    },
    write: (updates) => ask(({ client }) => client.write(updates)),
    readCounter: (counter, index) =>
      ask(async ({ client }) => {
        const [reading] = await client.readCounter(counter, index);
        if (reading !== undefined) return reading;
        throw new DriverFault(
          'counter',
          `${options.name} does not tell cell ${index} of ${counter}`,
        );
      }),
    readIdleMs: () => ask(async ({ client }) => idleByIndex(await client.readEntries(P4.rules))),
    inject: (injected) =>
      ask(async ({ plane }) => {
        for (let at = 0; at < injected.length; at += BURST_MAX) {
          const burst = injected.slice(at, at + BURST_MAX);
          // oxlint-disable-next-line no-await-in-loop
          await Promise.all(
            burst.map(({ port, frame }) => plane.send({ port, octets: frame, id: 0 })),
          );
          // oxlint-disable-next-line no-await-in-loop
          await plane.drain();
        }
      }),
    collect: async () => {
      const collected = frames;
      frames = [];
      return collected;
    },
    advance: async (): Promise<void> => {
      throw new NotSupported('a virtual clock');
    },
    close,
  };
}

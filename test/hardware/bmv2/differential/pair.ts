/** The model and the real switch side by side: the same entries, the same frames. */
import { openModel } from '../../../../conformance/drivers/p4/model.ts';
import { readProgram } from '../../../../hardware/bmv2/program.ts';
import { openP4RuntimeSwitch } from '../../../../conformance/drivers/p4/p4runtime.ts';
import { startSimpleSwitch } from '../../../../conformance/drivers/p4/simple-switch.ts';
import type { Groups, P4Switch } from '../../../../conformance/drivers/p4/switch.ts';
import type { PortFrame } from '../../../../conformance/driver/device.ts';
import type { Update } from '../../../../hardware/entry.ts';

/** The name that `PATH` is searched for. */
export const PROGRAM = 'simple_switch_grpc';

const TIMEOUT_MS = 10_000;

/** Two switches that run one program. */
export interface Pair {
  readonly model: P4Switch;
  readonly real: P4Switch;
}

/** A program, compiled, and its multicast groups. */
export interface Compiled {
  readonly json: string;
  readonly p4info: string;
  readonly groups: Groups;
}

/** What both are given, from empty tables on. */
export interface Story {
  readonly batches: readonly (readonly Update[])[];
  readonly frames: readonly PortFrame[];
  /** Cells of counters to compare at the end. */
  readonly cells: readonly { readonly counter: string; readonly index: number }[];
}

/** Opens both; the real one is started when it is first asked. */
export function openPair({ json, p4info, groups }: Compiled): Pair {
  const real = openP4RuntimeSwitch({
    name: 'bmv2',
    vendor: 'p4lang',
    electionId: 1n,
    timeoutMs: TIMEOUT_MS,
    json,
    p4info,
    groups,
    reach: () => startSimpleSwitch({ program: PROGRAM, timeoutMs: TIMEOUT_MS }),
  });
  return { model: openModel(() => readProgram(json), groups), real };
}

interface Seen {
  readonly statuses: readonly string[];
  /** By port, in the order in which they came out. */
  readonly frames: readonly string[];
  readonly counters: readonly string[];
}

async function play(device: P4Switch, { batches, frames, cells }: Story): Promise<Seen> {
  await device.reset();
  const statuses: string[] = [];
  for (const batch of batches) {
    const told = await device.write(batch);
    statuses.push(...told.map((status) => (status.ok ? 'OK' : status.code)));
  }
  await device.inject(frames);
  const left = await device.collect();
  const counters: string[] = [];
  for (const { counter, index } of cells) {
    const { packets, octets } = await device.readCounter(counter, index);
    counters.push(`${counter}[${index}]: ${packets} packets, ${octets} octets`);
  }
  return {
    statuses,
    frames: left
      .toSorted((a, b) => a.port - b.port)
      .map(({ port, frame }) => `port ${port}: ${Buffer.from(frame).toString('hex')}`),
    counters,
  };
}

/** The first thing in which the two differ, as text; undefined where they do not. */
export async function findDifference(pair: Pair, story: Story): Promise<string | undefined> {
  const model = await play(pair.model, story);
  const real = await play(pair.real, story);
  for (const what of ['statuses', 'frames', 'counters'] as const) {
    const length = Math.max(model[what].length, real[what].length);
    for (let at = 0; at < length; at += 1) {
      const [of, is] = [model[what][at] ?? 'nothing', real[what][at] ?? 'nothing'];
      if (of !== is) return `${what} ${at}:\n  model  ${of}\n  switch ${is}`;
    }
  }
  return undefined;
}

/** Captures on both sides of the reference switch, made from a fixture, and what to do to them. */
import type { CapturePacket } from 'scapy-ts';
import { createCheck, type CheckResult } from '../../../conformance/check/check.ts';
import type { CaptureName } from '../../../conformance/check/seen.ts';
import type { Variation } from '../../../conformance/defects/defect.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import type { Deltas, Device, PortRole } from '../../../conformance/driver/device.ts';
import { fixtureNames, readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { replayOf } from '../../../conformance/observe/replay.ts';
import type { Fixture } from '../../../conformance/traffic/fixture.ts';

/** A frame in a capture. */
export interface Frame {
  readonly octets: Uint8Array;
  readonly timeUs: number;
  readonly originalLength?: number;
  readonly interfaceId?: number;
}

/** Frames by capture. */
export type Captures = Readonly<Partial<Record<CaptureName, readonly Frame[]>>>;

/** A rule that shifts all numbers, by amounts that wrap. */
export const SPLICE: Deltas = { ...NO_DELTAS, clientSeq: 0x89abcdef, ownerSeq: 0x7654fedc };

/** SPLICE with timestamps. */
export const SPLICE_TS: Deltas = {
  ...SPLICE,
  clientTimestamp: 0x01020304,
  ownerTimestamp: 0xfedcba98,
};

/** The backend capture's clock is not the client capture's. */
const BACKEND_CLOCK_US = 3_600e6;
const STEP_US = 20;

/** The device of a variation or a defect. */
export function opened({ base, apply }: Variation): Device {
  const { claims, lock } = base ?? {};
  return apply(
    openInProcess({
      ...(claims === undefined ? {} : { claims }),
      ...(lock === undefined ? {} : { lock }),
    }),
  );
}

/** What both sides of the reference see of a fixture under one rule. */
export async function throughReference(
  fixture: Fixture,
  deltas: Deltas = NO_DELTAS,
): Promise<Captures> {
  return throughDevice(openInProcess(), fixture, deltas);
}

/** What both sides of a device see of a fixture under one rule. */
export async function throughDevice(
  device: Device,
  fixture: Fixture,
  deltas: Deltas,
): Promise<Captures> {
  const { profile } = await device.hello();
  const { rules, stimuli } = replayOf(fixture, { deltas, profile, reverse: true });
  for (const rule of rules) {
    const reply = await device.command({ op: 'add', rule, epoch: 1 });
    if (!reply.ok) throw new Error(`the device refuses the rule: ${reply.detail}`);
  }
  return captured(device, stimuli);
}

/** A frame that is sent to a device by the host at a port. */
export interface Sent {
  readonly role: PortRole;
  readonly frame: Uint8Array;
}

/** What the client's and a backend's side of a device see of frames; the device is closed. */
export async function captured(
  device: Device,
  sent: readonly Sent[],
  role: 'backend0' | 'backend1' = 'backend0',
): Promise<Captures> {
  const { ports } = await device.hello();
  const client: Frame[] = [];
  const backend: Frame[] = [];
  let timeUs = 1_700_000_000e6;
  const note = (port: number, octets: Uint8Array, delayUs: number): void => {
    if (port === ports.client0) client.push({ octets, timeUs: timeUs + delayUs });
    if (port !== ports[role]) return;
    backend.push({ octets, timeUs: timeUs + BACKEND_CLOCK_US + delayUs });
  };
  for (const each of sent) {
    const port = ports[each.role] ?? 0;
    timeUs += STEP_US;
    note(port, each.frame, 0);
    await device.inject([{ port, frame: each.frame }]);
    const { frames } = await device.collect();
    for (const { port: at, frame } of frames) note(at, frame, 11);
  }
  await device.close();
  return { client, backend };
}

function packetOf({ octets, timeUs, originalLength, interfaceId = 0 }: Frame): CapturePacket {
  const seconds = Math.floor(timeUs / 1e6);
  return {
    interfaceId,
    seconds,
    nanoseconds: Math.round((timeUs - seconds * 1e6) * 1000),
    octets,
    originalLength: originalLength ?? octets.length,
    comments: [],
  };
}

/** Judges captures that are in memory. */
export function judge(captures: Captures): CheckResult {
  const names = (['client', 'backend', 'controller'] as const).filter(
    (name) => captures[name] !== undefined,
  );
  const check = createCheck(names);
  const next: Record<CaptureName, number> = { client: 0, backend: 0, controller: 0 };
  for (;;) {
    const times = Object.fromEntries(
      names.flatMap((name) => {
        const frame = captures[name]?.[next[name]];
        return frame === undefined ? [] : [[name, frame.timeUs] as const];
      }),
    );
    const name = check.behind(times);
    if (name === undefined) return check.end();
    const frame = captures[name]?.[next[name]];
    next[name] += 1;
    if (frame !== undefined) check.take(name, packetOf(frame), 1);
  }
}

/** The requirements that came to `kind`. */
export function idsOf(
  result: CheckResult,
  kind: 'pass' | 'fail' | 'inconclusive',
): readonly string[] {
  return result.judgements
    .filter(({ verdict }) => verdict?.kind === kind)
    .map(({ requirement }) => requirement.id);
}

/** What is broken, with the first finding of each, for a failing test's message. */
export function brokenText(result: CheckResult): string {
  return result.judgements
    .flatMap(({ findings }) => findings.slice(0, 1))
    .map((each) => JSON.stringify(each))
    .join('\n');
}

/** All fixtures. */
export async function allFixtures(): Promise<readonly Fixture[]> {
  return Promise.all(fixtureNames().map(readFixture));
}

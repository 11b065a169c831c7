/** Scenarios on defective devices: whatever the seed, the same fingerprint, and few packets. */
import test from 'ava';
import { build, parse, type Layer, type Packet, type Tcp, type Written } from 'scapy-ts';
import { takeRecording } from '../../../conformance/bundle/recording.ts';
import { stimuliOf } from '../../../conformance/bundle/sequence.ts';
import { requirements } from '../../../conformance/catalogue/catalogue.ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import { PROOF } from '../../../conformance/defects/defects.ts';
import type { Device } from '../../../conformance/driver/device.ts';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { formatFingerprint } from '../../../conformance/run/fingerprint.ts';
import { planScenarios, readScenarios } from '../../../conformance/run/plan.ts';
import { closeSession, openSession } from '../../../conformance/run/session.ts';

const MAX_FRAMES = 4;
const SEEDS = [1, 7];

/** `device` with every TCP header that leaves it changed, and its checksum right again. */
function withTcp(device: Device, change: (header: Written<Tcp>) => Written<Tcp>): Device {
  const changed = (frame: Uint8Array): Uint8Array => {
    const packet: Packet = parse(frame).layers;
    const tcp = packet.find(({ kind }) => kind === 'tcp');
    const is = packet.every(({ kind }) => ['ether', 'ipv4', 'tcp', 'raw'].includes(kind));
    if (tcp?.kind !== 'tcp' || !is) return frame;
    const { checksum: _checksum, dataOffset: _words, ...rest } = change(tcp);
    return build(packet.map((layer): Layer => (layer === tcp ? rest : layer)));
  };
  return {
    ...device,
    async collect() {
      const { frames, notices } = await device.collect();
      return {
        frames: frames.map(({ port, frame }) => ({ port, frame: changed(frame) })),
        notices,
      };
    },
  };
}

function shiftedSack(header: Written<Tcp>): Written<Tcp> {
  const options = (header.options ?? []).map((option) =>
    option.kind === 'sack'
      ? {
          ...option,
          blocks: option.blocks.map(({ left, right }) => ({ left: (left ^ 1) >>> 0, right })),
        }
      : option,
  );
  return { ...header, options };
}

/** Fingerprint, and how many frames are left, of each scenario that `device` fails. */
async function failuresOf(
  device: Device,
  seed: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly fingerprint: string; readonly frames: number }>> {
  const failures = new Map<string, { fingerprint: string; frames: number }>();
  await openSession(device, { seed, effort: 1, evidence: true, readFixture });
  try {
    const scenarios = planScenarios(
      readScenarios(readFeatures()),
      ({ requirements: [own] }) => ids.includes(own?.id ?? ''),
      requirements,
    );
    await execute({
      scenarios,
      onResult({ name, verdict, fingerprint }): void {
        const recording = takeRecording();
        if (verdict.kind !== 'fail' || fingerprint === undefined) return;
        const frames = stimuliOf(recording?.shrunk.operations ?? []).length;
        failures.set(name, { fingerprint: formatFingerprint(fingerprint), frames });
      },
    });
  } finally {
    await closeSession();
  }
  return failures;
}

const DEVICES: readonly (readonly [string, (device: Device) => Device, readonly string[]])[] = [
  ['a checksum off by one', (device) => PROOF?.apply(device) ?? device, ['PRISM-REW-05']],
  ['SACK edges off by one', (device) => withTcp(device, shiftedSack), ['PRISM-SEQ-04']],
  [
    'the urgent pointer and the window changed',
    (device) =>
      withTcp(device, (header) => {
        return { ...header, urgent: (header.urgent ?? 0) ^ 1, window: (header.window ?? 0) ^ 1 };
      }),
    ['PRISM-SEQ-09', 'PRISM-REW-15', 'PRISM-SEQ-12'],
  ],
];

for (const [what, defect, ids] of DEVICES) {
  test.serial(
    `${what} is the same failure whatever the seed, in at most four frames`,
    async (t) => {
      const all: Awaited<ReturnType<typeof failuresOf>>[] = [];
      for (const seed of SEEDS) all.push(await failuresOf(defect(openInProcess()), seed, ids));
      const [first = new Map<string, never>(), ...others] = all;
      t.true(first.size > 1, 'the device fails');
      for (const [name, { fingerprint, frames }] of first) {
        t.true(frames >= 1 && frames <= MAX_FRAMES, `${name}: ${frames} frames`);
        for (const other of others) t.is(other.get(name)?.fingerprint, fingerprint, name);
      }
      for (const other of others) t.is(other.size, first.size);
    },
  );
}

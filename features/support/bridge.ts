/** Frames that no rule is for, as stimuli: a bridge knows by their MAC addresses where they go. */
import type { Stimulus } from '../../conformance/observe/delivery.ts';
import { bridgedRoles } from '../../conformance/observe/observer.ts';
import type { Path } from '../../conformance/traffic/segment.ts';
import { hostWithMac, type Host } from '../../conformance/traffic/testbed.ts';
import { judgeUnchanged, judgeUntouched, type Sent } from '../../conformance/observe/unchanged.ts';
import type { PrismWorld } from './world.ts';

/** The way of a frame between two hosts, at ports that no rule has. */
export function pathBetween(from: Host, to: Host): Path {
  return {
    sourceMac: from.mac,
    destinationMac: to.mac,
    source: { address: from.ipv4, port: 9 },
    destination: { address: to.ipv4, port: 1009 },
  };
}

/** A frame from `host` that is judged by `expectUnchanged` and not by a rule. */
export function unruled(host: Host, frame: Uint8Array): Stimulus {
  return { role: host.role, frame, expectation: { kind: 'nothing' } };
}

/** Where a bridge that has seen every host must let a frame out. */
export function sentBy(world: PrismWorld, { role, frame }: Stimulus, optional = false): Sent {
  const octets = [...frame.subarray(0, 6)];
  const destination = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  const host = hostWithMac(destination);
  if (host !== undefined) return { frame, at: [host.role], optional };
  const others = bridgedRoles(world.hello).filter((each) => each !== role);
  return { frame, at: others, optional };
}

/** Fails unless each frame that was sent arrived as `wanted` says, unchanged and nowhere else. */
export async function expectArrived(world: PrismWorld, wanted: readonly Sent[]): Promise<void> {
  const findings = judgeUnchanged(wanted, await world.outputs(), world.hello);
  const judged = world.stimuli.map((stimulus, index) => {
    const { at = [], optional = false } = wanted[index] ?? {};
    return { ...stimulus, unchangedAt: at, mayDrop: optional };
  });
  world.fail(findings, [], { kind: 'unchanged' }, judged);
}

/** Fails unless everything that was sent arrived, unchanged and nowhere else. */
export async function expectUnchanged(world: PrismWorld): Promise<void> {
  await expectArrived(
    world,
    world.stimuli.map((stimulus) => sentBy(world, stimulus)),
  );
  await world.turnPage();
}

/** Fails if anything left otherwise than as it was sent, wherever it left. */
export async function expectUntouched(world: PrismWorld): Promise<void> {
  const frames = world.stimuli.map(({ frame }) => frame);
  const findings = judgeUntouched(frames, await world.outputs(), world.hello);
  world.fail(findings, [], { kind: 'untouched' });
  await world.turnPage();
}

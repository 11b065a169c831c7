/** What is kept of a system scenario that failed: the story, and the frames at the taps. */
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import type { Observation } from '../../../conformance/driver/system.ts';
import type { SystemWorld } from './world.ts';

const TAPS = ['client', 'backend', 'controller'] as const;
/** Most frames of one capture. */
const MAX_FRAMES = 20_000;

/** Octets as text, so that requests can be read. */
function writable(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value;
}

/** The frames as pcapng: one interface a side of the switch. */
function captureOf({ frames }: Observation): Uint8Array {
  const packets = frames.slice(0, MAX_FRAMES).map(({ tap, host, direction, atMs, octets }) =>
    pcapngPacket({
      interfaceId: TAPS.indexOf(tap),
      seconds: Math.floor(atMs / 1000),
      nanoseconds: Math.floor((atMs % 1000) * 1e6),
      octets,
      direction: direction === 'in' ? 'inbound' : 'outbound',
      comments: [`${direction === 'in' ? 'from' : 'to'} ${host}`],
    }),
  );
  const interfaces = TAPS.map((name) => pcapngInterface({ name }));
  return Buffer.concat([pcapngSection(), ...interfaces, ...packets]);
}

/** Puts the story and its frames into the report; nothing when it was never played. */
export async function attachStory(world: SystemWorld): Promise<void> {
  const observation = world.played();
  if (observation === undefined) return;
  const { messages, executions, notes } = observation;
  const told = { story: world.story(), messages, executions, notes };
  world.attach(JSON.stringify(told, writable, 1), 'application/json');
  world.attach(Buffer.from(captureOf(observation)), {
    mediaType: 'application/x-pcapng',
    fileName: 'story.pcapng',
  });
}

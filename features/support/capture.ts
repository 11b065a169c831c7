/** The frames of a failed scenario as a pcapng file that explains itself. */
import { pcapngInterface, pcapngPacket, pcapngSection } from 'scapy-ts';
import { PORT_ROLES } from '../../conformance/driver/device.ts';
import type { Finding } from '../../conformance/observe/aspect.ts';
import type { Trace } from './world.ts';

/** What goes into the capture. */
export interface TraceCapture {
  readonly trace: readonly Trace[];
  readonly findings: readonly Finding[];
  readonly title: string;
}

function commentsOn(frame: Uint8Array, findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ output, injected }) => (output ?? injected) === frame)
    .map(({ field, expected, observed }) => `${field}: expected ${expected}, observed ${observed}`);
}

/**
 * A pcapng file: one interface a port, one record a frame, a comment on each offending frame.
 *
 * The time of a record is its place in the order, in microseconds: scenarios have no clock.
 */
export function traceCapture({ trace, findings, title }: TraceCapture): Uint8Array {
  const interfaces = PORT_ROLES.map((name) => pcapngInterface({ name }));
  const packets = trace.map(({ way, role, frame }, index) =>
    pcapngPacket({
      interfaceId: PORT_ROLES.indexOf(role),
      seconds: Math.floor(index / 1e6),
      nanoseconds: (index % 1e6) * 1000,
      octets: frame,
      originalLength: frame.length,
      // As seen from the device: what was injected came in.
      direction: way === 'injected' ? 'inbound' : 'outbound',
      comments: commentsOn(frame, findings),
    }),
  );
  const section = pcapngSection({ application: 'prismspec', comments: [title] });
  return Uint8Array.from([section, ...interfaces, ...packets].flatMap((block) => [...block]));
}

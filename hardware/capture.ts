/** Captures that go from program to program. */
import {
  captureReader,
  formatCaptureError,
  pcapHeader,
  pcapRecord,
  type CaptureEvent,
} from 'scapy-ts';

/** All that is in a capture; throws Error, which begins with `name`, where it is none. */
export function readCapture(octets: Uint8Array, name: string): readonly CaptureEvent[] {
  const reader = captureReader();
  return [reader.push(octets), reader.end()].flatMap((answer) => {
    if (!answer.ok) throw new Error(`${name}: ${formatCaptureError(answer.error)}`);
    return answer.value;
  });
}

/** Frames as a capture, a microsecond apart. */
export function captureOf(frames: readonly Uint8Array[]): Uint8Array {
  const records = frames.map((octets, at) =>
    pcapRecord({
      interfaceId: 0,
      seconds: Math.floor(at / 1e6),
      nanoseconds: (at % 1e6) * 1000,
      octets,
      originalLength: octets.length,
      comments: [],
    }),
  );
  return Buffer.concat([pcapHeader({}), ...records]);
}

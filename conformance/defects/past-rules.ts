/** Bridging as a device does it that sees no rule: by MAC addresses that were heard before. */
import type { Hello, PortFrame } from '../driver/device.ts';

/** Where frames go that meet no rule. */
export interface Bridge {
  /** Notes where the sender of a frame is. */
  readonly hear: (input: PortFrame) => void;
  /** Where `frame` leaves that came in at `port`: at one port, or at all others. */
  readonly forward: (port: number, frame: Uint8Array) => readonly PortFrame[];
}

function macAt(frame: Uint8Array, at: number): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return frame.length < at + 6 ? 0 : view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

/** A bridge between the ports of a device that are no one's alone. */
export function createBridge({ control, punt, ...bridged }: Hello['ports']): Bridge {
  const heard = new Map<number, number>();
  const ports = Object.values(bridged);
  return {
    hear: ({ port, frame }) => {
      if (port !== control && port !== punt) heard.set(macAt(frame, 6), port);
    },
    forward: (from, frame) => {
      const port = heard.get(macAt(frame, 0));
      const to = port === undefined ? ports.filter((each) => each !== from) : [port];
      return to.map((each) => ({ port: each, frame }));
    },
  };
}

/** A built-in broken device: the proof that the suite can fail one. */
import type { Device } from '../driver/device.ts';
import { HOSTS } from '../traffic/testbed.ts';

const TCP = 6;
const IPV4_PROTOCOL_AT = 23;
const TCP_CHECKSUM_AT = 50;

/** Whether a frame is a plain IPv4 TCP segment to a backend. */
function isToBackend(frame: Uint8Array): boolean {
  const destination = Array.from(frame.subarray(0, 6), (octet) =>
    octet.toString(16).padStart(2, '0'),
  ).join(':');
  const backend = [HOSTS['backend 1'].mac, HOSTS['backend 2'].mac].includes(destination);
  return backend && frame[12] === 8 && frame[14] === 0x45 && frame[IPV4_PROTOCOL_AT] === TCP;
}

/** `device`, but the TCP checksum of what it sends to a backend is off by one. */
export function brokenChecksum(device: Device): Device {
  return {
    ...device,
    async collect() {
      const { frames, notices } = await device.collect();
      return {
        notices,
        frames: frames.map(({ port, frame }) => {
          if (!isToBackend(frame)) return { port, frame };
          const broken = frame.slice();
          broken[TCP_CHECKSUM_AT] = ((broken[TCP_CHECKSUM_AT] ?? 0) + 1) & 0xff;
          return { port, frame: broken };
        }),
      };
    },
  };
}

/** What two ends agree on by the options of their SYN segments. RFC 9293, RFC 2018, RFC 7323. */
import type { TcpNegotiated } from '../../tcp/snapshot.ts';
import type { TcpSettings } from './connection.ts';
import type { Ends, SegmentOptions } from './segment.ts';

/** Greater shifts count as this one. RFC 7323 section 2.3. */
const SHIFT_MAX = 14;

/** What a host with these settings and a peer that sent these options have agreed on. */
export function negotiate(
  settings: TcpSettings,
  ends: Ends,
  options: SegmentOptions,
): TcpNegotiated {
  const { windowScale } = settings;
  const peerScale = options.windowScale;
  const isScaling = windowScale !== undefined && peerScale !== undefined;
  return {
    peerMss: Math.min(options.mss ?? mssWithoutOption(ends), mssOf(ends)),
    windowScale: isScaling ? { peer: Math.min(peerScale, SHIFT_MAX), own: windowScale } : undefined,
    sackPermitted: settings.sack && options.sackPermitted === true,
    timestamps: settings.timestamps && options.timestamps !== undefined,
  };
}

/** Most payload octets of a segment: 1500 octets less the headers without options. */
export function mssOf({ remote }: Pick<Ends, 'remote'>): number {
  return typeof remote.address === 'bigint' ? 1440 : 1460;
}

/** RFC 9293 section 3.7.1, MUST-15. */
function mssWithoutOption({ remote }: Ends): number {
  return typeof remote.address === 'bigint' ? 1220 : 536;
}

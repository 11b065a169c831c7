/** Defects of TTL: a bridge leaves it alone, a router takes one and lets nothing leave with 0. */
import type { Capability } from '../catalogue/capability.ts';
import { editing, type Edit } from './change.ts';
import { without } from './claims.ts';
import type { Defect } from './defect.ts';
import { edited, IPV4, segmentOf, type Segment } from './edit.ts';
import { tapped } from './tap.ts';

/** What the reference can do when it is a router. */
const ROUTER: readonly Capability[] = [...without('JUMBO'), 'L3'];

function ttlOf({ frame, ip }: Segment): number {
  return frame[ip + IPV4.ttl] ?? 0;
}

function withTtl(segment: Segment, ttl: number): Uint8Array {
  return edited(segment, (octets, { ip }) => {
    octets.setUint8(ip + IPV4.ttl, ttl);
  });
}

/** Takes one from a TTL that does not become 0 by it. */
const takeOne: Edit = (octets, { version, ip }) => {
  const at = ip + IPV4.ttl;
  if (version === 4) octets.setUint8(at, Math.max(1, octets.getUint8(at) - 1));
};

/** Defects of TTL. */
export const hopDefects: readonly Defect[] = [
  {
    name: 'ttl-less-without-router',
    sentence: 'A device that is no router takes one from the TTL.',
    breaks: 'PRISM-REW-14',
    apply: editing(takeOne),
  },
  {
    name: 'ttl-less-by-two',
    sentence: 'A router takes two from the TTL of what it rewrites.',
    breaks: 'PRISM-REW-14',
    base: { claims: ROUTER },
    apply: editing(takeOne),
  },
  {
    name: 'ttl-leaves-as-zero',
    sentence: 'A router lets a packet of TTL 1 leave with TTL 0.',
    breaks: 'PRISM-REW-14',
    base: { claims: ROUTER },
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { arriving, leaving } = await tap.passages();
          const segment = segmentOf(input.frame);
          const isLast = segment?.version === 4 && ttlOf(segment) === 1;
          if (!isLast || arriving(segment) === undefined) return tap.pass(input);
          const left = await tap.pass({ ...input, frame: withTtl(segment, 2) });
          return left.map((output) => {
            const passed = segmentOf(output.frame);
            const isRuled = passed !== undefined && leaving(passed) !== undefined;
            return isRuled ? { ...output, frame: withTtl(passed, 0) } : output;
          });
        },
      })),
  },
];

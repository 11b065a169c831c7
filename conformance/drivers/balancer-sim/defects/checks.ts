/** Server switches that check servers otherwise than they are told, or not at all. */
import { build, ether, ipv4, layer, parse, tcp, TCP_FLAG } from 'scapy-ts';
import type { CheckOptions } from '../../../../reference/health/check.ts';
import type { Checks } from '../../../../reference/health/target.ts';
import type { ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC } from '../../virtual-bed/hosts.ts';
import { VIRTUAL, type Wrap } from './around.ts';
import { servicesAs, type BalancerDefect } from './defect.ts';

/** Each check as `edit` makes it. */
function checksAs(edit: (check: CheckOptions) => CheckOptions): (checks: Checks) => Checks {
  return (checks) => new Map([...checks].map(([name, check]) => [name, edit(check)]));
}

const NOBODY = '10.1.0.150';

/** Whether the switch begins a probe with what leaves. */
function isProbe(effect: ProcessEffect): boolean {
  if (effect.kind !== 'frame') return false;
  const { layers } = parse(effect.octets);
  const flags = layer(layers, 'tcp')?.flags;
  return flags === TCP_FLAG.SYN && layer(layers, 'ipv4')?.src === BALANCER_ADDRESSES[1];
}

/** A server is chosen for each probe too, as if a client had come. */
const countingProbes: Wrap = () => (process) => {
  let probes = 0;
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const effects = process.step(event, nowNs);
      for (const effect of effects) {
        if (!isProbe(effect)) continue;
        probes += 1;
        const octets = build([
          ether({ src: '02:00:00:00:01:96', dst: BALANCER_MAC }),
          ipv4({ src: NOBODY, dst: VIRTUAL, ttl: 64 }),
          tcp({ srcPort: 1024 + probes, dstPort: 80, seq: probes, flags: 'S' }),
        ]);
        process.step({ kind: 'frame', port: 0, octets }, nowNs);
      }
      return effects;
    },
  };
};

/** What is wrong with checks. */
export const CHECK_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'chooses-the-failed',
    sentence: 'There are no checks.',
    breaks: 'PRISM-POL-08',
    checks: () => new Map(),
  },
  {
    name: 'is-silent-where-nobody-works',
    sentence: 'Who cannot be served is not told, and a RST declared.',
    breaks: 'PRISM-POL-08',
    options: (options) => ({ ...options, refusal: 'drop' }),
  },
  {
    name: 'looks-at-no-status',
    sentence: 'Every HTTP answer is good.',
    breaks: 'PRISM-HC-01',
    checks: checksAs((check) =>
      check.probe.kind === 'http'
        ? { ...check, probe: { ...check.probe, statuses: [{ first: 100, last: 599 }] } }
        : check,
    ),
  },
  {
    name: 'is-rash',
    sentence: 'One bad result less takes a server out.',
    breaks: 'PRISM-HC-02',
    checks: checksAs((check) => ({ ...check, fall: Math.max(1, (check.fall ?? 1) - 1) })),
  },
  {
    name: 'is-trustful',
    sentence: 'One good result brings a server back.',
    breaks: 'PRISM-HC-02',
    checks: checksAs((check) => ({ ...check, rise: 1 })),
  },
  {
    name: 'is-slow',
    sentence: 'Servers are checked half as often.',
    breaks: 'PRISM-HC-03',
    checks: checksAs((check) => ({ ...check, intervalMs: 2 * (check.intervalMs ?? 1) })),
  },
  {
    name: 'keeps-the-failed',
    sentence: 'Connections of a server that is taken out go on, and a reset is declared.',
    breaks: 'PRISM-HC-07',
    options: servicesAs((each) => ({ ...each, departed: 'keep' })),
  },
  {
    name: 'counts-probes',
    sentence: 'Each probe takes a turn.',
    breaks: 'PRISM-HC-08',
    wrap: countingProbes,
  },
  {
    name: 'asks-nothing',
    sentence: 'A connection is enough where an answer is asked for.',
    breaks: 'PRISM-HC-09',
    checks: checksAs((check) => ({ ...check, probe: { kind: 'connect' } })),
  },
  {
    name: 'probes-elsewhere',
    sentence: 'With direct return servers are probed at their own addresses.',
    breaks: 'PRISM-HC-10',
    checks: checksAs((check) => ({ ...check, at: 'server' })),
  },
];

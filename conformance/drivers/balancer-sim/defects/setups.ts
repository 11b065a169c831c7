/** Server switches that do not do what they are told. */
import type { BalancerOptions } from '../../../../reference/balancer/config.ts';
import type { Process } from '../../../../reference/sim/network/process.ts';
import { rememberingDenied } from './connections.ts';
import { servicesAs, type BalancerDefect, type Configure } from './defect.ts';

function accessAs(
  edit: (rules: NonNullable<BalancerOptions['access']>['rules']) => typeof rules,
): Configure {
  return (options) => {
    const { access } = options;
    if (access === undefined) throw new Error('the access rules are always said');
    return { ...options, access: { ...access, rules: edit(access.rules) } };
  };
}

/** Says nothing in ARP. */
function silentInArp(process: Process): Process {
  const isArp = (octets: Uint8Array): boolean => octets[12] === 0x08 && octets[13] === 0x06;
  return {
    nextAtNs: process.nextAtNs,
    step: (event, nowNs) =>
      process.step(event, nowNs).filter((each) => each.kind !== 'frame' || !isArp(each.octets)),
  };
}

/** What is wrong with what it is told. */
export const SETUP_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'stays-in-the-middle',
    sentence: 'Where direct return is asked for, servers answer through the switch.',
    breaks: 'PRISM-DSR-02',
    options: servicesAs((each) => ({ ...each, mode: 'nat' })),
  },
  {
    name: 'is-silent-in-arp',
    sentence: 'Nobody answers for a virtual address.',
    breaks: 'PRISM-DSR-03',
    wrap: () => silentInArp,
  },
  {
    name: 'takes-what-cannot-be',
    sentence: 'With direct return another port is ignored.',
    breaks: 'PRISM-DSR-04',
    options: servicesAs((each) => ({
      ...each,
      servers: each.servers.map((server) => ({ ...server, port: undefined })),
    })),
  },
  {
    name: 'lets-all-in',
    sentence: 'There are no access rules.',
    breaks: 'PRISM-ACL-01',
    options: accessAs(() => []),
  },
  {
    name: 'remembers-denied',
    sentence: 'A denied SYN makes a connection known.',
    breaks: 'PRISM-ACL-02',
    wrap: rememberingDenied,
  },
  {
    name: 'serves-every-port',
    sentence: 'Every port of a virtual address leads to its servers.',
    breaks: 'PRISM-ACL-03',
    options: servicesAs((each) => ({ ...each, ports: { first: 1, last: 65_535 } })),
  },
  {
    name: 'takes-the-last-rule',
    sentence: 'Of several access rules the last that fits counts.',
    breaks: 'PRISM-ACL-04',
    options: accessAs((rules) => rules.toReversed()),
  },
  {
    name: 'has-one-pool',
    sentence: 'All services have the servers of the first.',
    breaks: 'PRISM-VIP-01',
    options: servicesAs((each, [first]) => ({ ...each, servers: (first ?? each).servers })),
  },
  {
    name: 'keeps-the-departed',
    sentence: 'Connections of a service that is taken away go on, and a reset is declared.',
    breaks: 'PRISM-VIP-02',
    options: servicesAs((each) => ({ ...each, departed: 'keep' })),
  },
];

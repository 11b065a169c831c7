/** Server switches that do to packets what they must not. */
import { TCP_FLAG, type TcpOption } from 'scapy-ts';
import { SERVER_HOSTS } from '../../virtual-bed/hosts.ts';
import { changing, leaving, VIRTUAL } from './around.ts';
import type { BalancerDefect } from './defect.ts';

const MSS = 1400;
const CHECKSUM_AT = 16;

function withMss(options: readonly TcpOption[]): readonly TcpOption[] {
  return options.map((each) => (each.kind === 'mss' ? { ...each, mss: MSS } : each));
}

/** A TCP checksum that is off by one bit. */
function miscounted(octets: Uint8Array, headerOctets: number): Uint8Array {
  const copy = octets.slice();
  const at = 14 + headerOctets + CHECKSUM_AT;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** What is wrong with translation and tunnels. */
export const PACKET_DEFECTS: readonly BalancerDefect[] = [
  {
    name: 'lowers-window',
    sentence: 'The window of what clients send is less by one.',
    breaks: 'PRISM-SLB-02',
    wrap: changing('inbound', ({ tcp }) => tcp && { tcp: { window: Math.max(0, tcp.window - 1) } }),
  },
  {
    name: 'keeps-ttl',
    sentence: 'TTL is what it was, and another is declared.',
    breaks: 'PRISM-SLB-02',
    options: (options) => ({ ...options, hops: 0 }),
  },
  {
    name: 'leaks-server',
    sentence: 'The FIN of a server comes from its own address.',
    breaks: 'PRISM-SLB-03',
    wrap: changing('outbound', ({ tcp }) => {
      const [first] = SERVER_HOSTS;
      const isFin = tcp !== undefined && (tcp.flags & TCP_FLAG.FIN) !== 0;
      return isFin && first !== undefined ? { ip: { src: first.address } } : undefined;
    }),
  },
  {
    name: 'miscounts-odd-segments',
    sentence: 'The TCP checksum of packets with an odd number of octets is wrong.',
    breaks: 'PRISM-SLB-04',
    wrap: () =>
      leaving(({ octets, ip, tcp }) => {
        const isOdd = tcp !== undefined && ip.totalLength % 2 === 1;
        return isOdd ? miscounted(octets, ip.ihl * 4) : octets;
      }),
  },
  {
    name: 'leaves-quotes',
    sentence: 'What an ICMP error quotes is not translated.',
    breaks: 'PRISM-SLB-11',
    wrap: changing('inbound', ({ icmp }) => icmp && { ip: { src: VIRTUAL } }),
  },
  {
    name: 'drops-fragments',
    sentence: 'Fragments are dropped, and declared to be carried.',
    breaks: 'PRISM-SLB-12',
    options: (options) => ({ ...options, fragments: 'drop' }),
  },
  {
    name: 'carries-options',
    sentence: 'Packets with IP options are carried, and declared to be dropped.',
    breaks: 'PRISM-SLB-12',
    options: (options) => ({ ...options, ipOptions: 'forward' }),
  },
  {
    name: 'clamps-mss',
    sentence: 'A SYN offers an MSS of 1400.',
    breaks: 'PRISM-SLB-13',
    wrap: changing('inbound', ({ tcp }) => tcp && { tcp: { options: withMss(tcp.options) } }),
  },
  {
    name: 'leaks-server-port',
    sentence: 'What servers say comes from the port at which they listen.',
    breaks: 'PRISM-SLB-14',
    wrap: changing('outbound', ({ tcp }) => tcp && { tcp: { srcPort: 8080 } }),
  },
  {
    name: 'routes-what-it-bridges',
    sentence: 'With direct return TTL is less by one.',
    breaks: 'PRISM-DSR-01',
    wrap: changing('inbound', ({ ip }) => ({ ip: { ttl: ip.ttl - 1 } })),
  },
  {
    name: 'sends-what-is-too-long',
    sentence: 'A packet in a tunnel may be longer than the link carries.',
    breaks: 'PRISM-DSR-06',
    options: (options) => ({ ...options, tunnelMtu: 9000 }),
  },
  {
    name: 'rewrites-in-the-tunnel',
    sentence: 'What is in a tunnel has another IP identification.',
    breaks: 'PRISM-DSR-07',
    wrap: changing('inbound', ({ ip }) => ({ ip: { id: (ip.id + 1) & 0xffff } })),
  },
  {
    name: 'clears-ecn',
    sentence: 'ECN is set to zero.',
    breaks: 'PRISM-QOS-01',
    wrap: changing('outbound', () => ({ ip: { ecn: 0 } })),
  },
  {
    name: 'ignores-pings',
    sentence: 'Echo requests are not answered.',
    breaks: 'PRISM-VIP-03',
    wrap: () => leaving(({ octets, icmp }) => (icmp === undefined ? octets : undefined)),
  },
];

/** PRISM-DSR: servers answer clients directly. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group DSR. */
export const dsr: RequirementGroup = {
  id: 'DSR',
  title: 'Direct server return',
  summary: 'A server switch that servers do not answer through.',
  requirements: [
    must('PRISM-DSR-01', 'With direct return only MAC addresses MUST change.', {
      sources: [{ ref: 'Chase', note: 'return traffic' }],
      needs: ['DSR'],
      scope: 'balancer',
      observed: 'Captures on both sides, octet for octet.',
    }),
    must('PRISM-DSR-02', 'With direct return the answers of servers MUST NOT pass the switch.', {
      sources: [{ ref: 'Chase', note: 'return traffic' }],
      needs: ['DSR'],
      scope: 'balancer',
      observed: 'MAC addresses at clients and servers; whole answers from the virtual endpoint.',
    }),
    must('PRISM-DSR-03', 'The switch, and no server, MUST answer ARP for a virtual address.', {
      sources: ['RFC826', { ref: 'Chase', note: 'return traffic' }],
      needs: ['DSR'],
      scope: 'balancer',
      observed: 'One question, one answer; the servers have the address too.',
      note: 'IPv6 neighbour discovery is not judged: the test bed has no IPv6.',
    }),
    must(
      'PRISM-DSR-04',
      'A setup with direct return or a tunnel and another port at the servers MUST be refused.',
      {
        sources: ['derived'],
        needs: ['DSR'],
        scope: 'balancer',
        observed: 'A setup that cannot work.',
        note: 'The port is in the packet, and the packet must not change.',
      },
    ),
    must(
      'PRISM-DSR-05',
      'With direct return a connection MUST be forgotten when it was silent for twice as long as ' +
        'declared, whatever its server has said meanwhile, and not before its time.',
      {
        sources: ['derived'],
        needs: ['DSR'],
        scope: 'balancer',
        observed: 'A server resets its connection; a segment just before its time, and one after.',
        note: 'The reset does not pass the switch: only time can tell it.',
      },
    ),
    should(
      'PRISM-DSR-06',
      'A packet that is too long for a tunnel SHOULD arrive whole or in fragments, or its sender ' +
        'be told what is not.',
      {
        sources: ['RFC2003/4', 'RFC1191/4'],
        needs: ['IPIP'],
        scope: 'balancer',
        observed: 'A segment of 1500 octets with DF, on a link that carries no more.',
      },
    ),
    must(
      'PRISM-DSR-07',
      'In a tunnel the packet of the client MUST be whole and unchanged but for TTL, and the ' +
        'outer packet be addressed to the server, with a right checksum.',
      {
        sources: ['RFC2003/3.1'],
        needs: ['IPIP'],
        scope: 'balancer',
        observed: 'What is in the tunnel, octet for octet.',
        note:
          'RFC 2003 has the TTL of the inner packet decremented where it is forwarded into the ' +
          'tunnel, and not where its host sends it; which of both is declared.',
      },
    ),
  ],
};

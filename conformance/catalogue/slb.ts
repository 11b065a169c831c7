/** PRISM-SLB: a server switch that chooses on the SYN and translates. */
import type { RequirementGroup } from './requirement.ts';
import { must } from './requirement.ts';

/** The group SLB. */
export const slb: RequirementGroup = {
  id: 'SLB',
  title: 'Server switching',
  summary:
    'What a server switch, which chooses a server for each connection itself, does to its packets.',
  requirements: [
    must(
      'PRISM-SLB-01',
      'The server of a connection MUST be chosen on its SYN, and every later segment of the ' +
        'connection reach that server.',
      {
        sources: [{ ref: 'Chase', note: 'mechanics 1 to 5' }],
        scope: 'balancer',
        observed: 'Connections side by side, captured at all servers.',
      },
    ),
    must(
      'PRISM-SLB-02',
      'Under NAT, towards the server, nothing but destination address and port, MAC ' +
        'addresses, TTL and checksums MUST change.',
      {
        sources: [{ ref: 'Chase', note: 'mechanics 5' }],
        needs: ['NAT'],
        scope: 'balancer',
        observed: 'Captures on both sides, octet for octet.',
        note: 'What TTL loses is declared: nothing, or 1 as at any router.',
      },
    ),
    must(
      'PRISM-SLB-03',
      'Under NAT, towards the client, the source MUST become the virtual endpoint, and nothing ' +
        'else change but MAC addresses, TTL and checksums.',
      {
        sources: [{ ref: 'Chase', note: 'mechanics 6' }],
        needs: ['NAT'],
        scope: 'balancer',
        observed: 'Captures on both sides; the client sees no address of a server.',
      },
    ),
    must('PRISM-SLB-04', 'Every packet that leaves MUST have right checksums.', {
      sources: ['RFC1624/3', 'RFC9293/3.1'],
      scope: 'balancer',
      observed: 'Whatever hosts receive, with checksums computed in full.',
    }),
    must(
      'PRISM-SLB-05',
      'Connections that differ in address or port of the client, or in the virtual endpoint, ' +
        'MUST be kept apart.',
      {
        sources: [{ ref: 'Chase', note: 'mechanics 4' }],
        scope: 'balancer',
        observed: 'One port of two clients, two ports of one, one port to two services.',
        note: 'The protocol, also part of the key, is not varied: the servers speak TCP alone.',
      },
    ),
    must('PRISM-SLB-06', 'A SYN that comes again MUST reach the same server.', {
      sources: [{ ref: 'Chase', note: 'mechanics 4' }, 'RFC9293/3.8.1'],
      scope: 'balancer',
      observed: 'The same SYN twice, another connection between.',
    }),
    must(
      'PRISM-SLB-07',
      'A segment that belongs to no connection and opens none MUST be dealt with as declared: ' +
        'dropped, answered with RST, or sent where all of its connection are sent.',
      {
        sources: [{ ref: 'Chase', note: 'the key point' }, 'RFC9293/3.5.2'],
        scope: 'balancer',
        observed: 'Several segments of several connections that nobody has opened.',
      },
    ),
    must(
      'PRISM-SLB-08',
      'A connection MUST be known until its last FIN can have come again, and for as long as ' +
        'declared where both sides are silent.',
      {
        sources: ['RFC9293/3.6', { ref: 'RFC5382/5', note: 'REQ-5' }],
        scope: 'balancer',
        observed: 'A FIN again; a request just before the declared time is over.',
        note:
          'RFC 5382 demands 2 h 4 min of a NAT in front of clients; it cannot bind a server ' +
          'switch, which may declare less.',
      },
    ),
    must(
      'PRISM-SLB-09',
      'A SYN from the same port after a connection has ended MUST open a new connection, for ' +
        'which a server is chosen anew.',
      {
        sources: [{ ref: 'Chase', note: 'mechanics 4' }, 'RFC6191'],
        scope: 'balancer',
        observed: 'A port used twice, round robin.',
      },
    ),
    must(
      'PRISM-SLB-10',
      'Half-open connections beyond the declared number MUST NOT harm established ones, nor ' +
        'keep out new ones.',
      {
        sources: ['RFC4987/3.4'],
        scope: 'balancer',
        observed: 'Four times as many SYNs of clients that do not exist, then requests.',
        note:
          'The starting catalogue left the effect on new connections to the product; a product ' +
          'that lets them in only when time is over is not judged here yet.',
      },
    ),
    must(
      'PRISM-SLB-11',
      'An ICMP error about a packet of a connection MUST reach who sent that packet, with the ' +
        'quoted header as it was sent.',
      {
        sources: [{ ref: 'RFC5508/4', note: 'REQ-4, REQ-5' }],
        needs: ['NAT'],
        scope: 'balancer',
        observed: 'Fragmentation needed, from the side of the client and of the server.',
      },
    ),
    must(
      'PRISM-SLB-12',
      'Fragments and packets with IP options MUST be dropped or carried as declared, and never ' +
        'reach another server than that of their connection.',
      {
        sources: ['derived'],
        scope: 'balancer',
        observed: 'Both, on an open connection with three servers.',
        note: 'That they are counted is not judged: there is no way to ask for counters.',
      },
    ),
    must('PRISM-SLB-13', 'Options of SYN segments MUST NOT change.', {
      sources: [{ ref: 'Chase', note: 'NAT' }],
      scope: 'balancer',
      observed: 'SYNs with and without MSS, window scale, SACK and timestamps.',
    }),
    must(
      'PRISM-SLB-14',
      'Where servers listen at another port, it MUST be put in place towards the server and ' +
        'taken back towards the client.',
      {
        sources: [{ ref: 'Chase', note: 'NAT' }],
        needs: ['NAT'],
        scope: 'balancer',
        observed: 'Port 80 to 8080, and 80 to 80.',
      },
    ),
  ],
};

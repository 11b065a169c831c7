/** PRISM-REW: what the device does to one packet of a ruled connection. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group REW. */
export const rew: RequirementGroup = {
  id: 'REW',
  title: 'Rewriting',
  summary: 'What the device does to one packet of a ruled connection.',
  requirements: [
    must(
      'PRISM-REW-01',
      'A segment from the client that matches an unlocked rule MUST leave the device ' +
        "exactly once, towards the owner, with the owner's MAC address, IP address and port " +
        'as its destination.',
      {
        sources: [{ ref: 'code', note: 'bpf:415-443' }],
        observed:
          "Inject at the client's port: exactly one frame at the owner's port, none " +
          'elsewhere.',
      },
    ),
    must(
      'PRISM-REW-02',
      'A segment from the owner MUST leave the device exactly once, towards the client, ' +
        "with the virtual endpoint's address and port as its source.",
      {
        sources: ['P17', { ref: 'code', note: 'bpf:375-392' }],
        needs: ['REVERSE'],
        observed:
          "Inject at the owner's port: exactly one frame at the client's port, none " +
          'elsewhere.',
      },
    ),
    must(
      'PRISM-REW-03',
      'Every field and octet that the rule does not name MUST leave as it arrived.',
      {
        sources: ['derived'],
        observed:
          'Compare octet by octet, except for the masks: TTL (REW-14), source MAC address, ' +
          'Ethernet padding, and the acknowledgment number and TSecr of a segment without ' +
          'ACK.',
      },
    ),
    must(
      'PRISM-REW-04',
      'The IPv4 header checksum of a translated packet MUST verify if it verified on arrival.',
      {
        sources: ['RFC1071/1', 'RFC791/3.1'],
        observed: 'Sum the header: 0xFFFF; a checksum of 0xFFFF counts as 0x0000 here (REW-06).',
        note:
          'The condition is new: the starting sentence asked for a good checksum on every ' +
          'packet, which REW-08 forbids for a packet that arrived with a bad one.',
      },
    ),
    must(
      'PRISM-REW-05',
      'The TCP checksum of a translated segment MUST verify, over the translated ' +
        'pseudo-header, if it verified on arrival.',
      {
        sources: [{ ref: 'RFC9293/3.1', note: 'MUST-2, MUST-3' }],
        observed:
          'Sum pseudo-header and segment: 0xFFFF; a checksum of 0xFFFF counts as 0x0000 here.',
        note: 'The condition is new, as in REW-04: REW-07 forbids repairing a bad checksum.',
      },
    ),
    should(
      'PRISM-REW-06',
      'A checksum that the device has updated SHOULD be the value of a full computation, ' +
        'which is never 0xFFFF.',
      {
        sources: [{ ref: 'RFC1624/3', note: 'equation 3' }, 'RFC1071'],
        observed:
          'Directed vectors, because random packets rarely meet the case: 192.0.2.10:40000 ' +
          'to 198.51.100.1:80, owner 10.0.0.21:8080, total length 42, TTL 64, DF, PSH+ACK, ' +
          'window 0xFAF0, seq 0xFFFFFFF0, ack 0x00000010. IPv4 ID 0x6EAF (checksum before ' +
          '0xDFDF); payload 0x2CE9 (TCP before 0xFF1F); with deltas 0x89ABCDEF and ' +
          '0x7654FEDC payload 0x601D (before 0xCBEB). Reverse: ID 0x4E8F (before 0x2020), ' +
          "payload 0x2C09 (before 0x00E0). Each result is 0x0000; RFC 1141's arithmetic " +
          'gives 0xFFFF.',
        note:
          'Judged only when the arriving checksum was itself the value of a full ' +
          'computation: 0xFFFF on arrival may stay on a device that changes no covered ' +
          'field.',
      },
    ),
    must('PRISM-REW-07', 'The device MUST NOT turn an invalid TCP checksum into a valid one.', {
      sources: [{ ref: 'derived', note: 'end-to-end argument' }],
      observed:
        'Flip one payload bit so that the sum changes: no frame, or a frame whose ' +
        'checksum is still invalid.',
    }),
    must(
      'PRISM-REW-08',
      'The device MUST NOT turn an invalid IPv4 header checksum into a valid one.',
      {
        sources: ['RFC1812/4.2.2.5', 'RFC1812/5.2.2'],
        observed:
          'Flip one header bit that is not rewritten: no frame, or a frame whose checksum ' +
          'is still invalid.',
        note:
          'RFC 1812 binds routers, which MUST discard such a packet; a switch that is no ' +
          'router may also forward it, still invalid.',
      },
    ),
    must('PRISM-REW-09', 'Segments with an odd number of octets MUST get a correct checksum.', {
      sources: ['RFC1071/1', 'RFC9293/3.1'],
      observed: 'Payloads of 1, 3, 5 … octets.',
    }),
    must(
      'PRISM-REW-10',
      'Ethernet padding MUST be treated as no part of the IP packet, whatever its octets are.',
      {
        sources: ['RFC894'],
        observed: 'A frame of 60 octets with non-zero padding.',
      },
    ),
    must(
      'PRISM-REW-11',
      'Segments with a TCP header of 5 to 15 words MUST be translated, and their options ' +
        'MUST leave unchanged when all deltas are 0.',
      {
        sources: ['RFC9293/3.1'],
        observed: 'Sweep the data offset from 5 to 15.',
        note: 'The data offset is specified in section 3.1, not 3.2.',
      },
    ),
    must(
      'PRISM-REW-12',
      'A packet of a ruled connection that has IPv4 options MUST NOT reach the ' +
        'controller, the client or an owner untranslated: the device translates it, drops ' +
        'it, or punts it if it declares PUNT, and it translates it if it declares IPOPT.',
      {
        sources: ['derived', { ref: 'code', note: 'bpf:523' }],
        observed:
          'Sweep the IPv4 header length from 6 to 15 words, in both directions; a punted ' +
          'frame is recognised as one.',
        note:
          'Punting is new: a device that cannot parse options may hand the packet to the ' +
          'controller as an exception, which is not the same as forwarding it there as ' +
          'ordinary traffic.',
      },
    ),
    must(
      'PRISM-REW-13',
      'DSCP, DF, the ECN field and the IPv4 identification MUST leave as they arrived, ' +
        'except that a congested device may set CE, and that a device which declares so may ' +
        'give packets without DF a new identification.',
      {
        sources: ['RFC3168/5', 'RFC6864/5.3.1', 'RFC791/3.1'],
        observed: 'Sweep all 256 values of the traffic class octet, DF, and the identification.',
        note:
          'Two exceptions are new: RFC 3168 lets a router change ECT to CE, and RFC 6864 ' +
          'makes a device that rewrites addresses responsible for unique identifications of ' +
          'packets that may be fragmented.',
      },
    ),
    must(
      'PRISM-REW-14',
      'The TTL MUST leave unchanged, or less by exactly one if the device declares L3, ' +
        'and never as 0.',
      {
        sources: ['derived', 'RFC1812/5.3.1'],
        observed: 'TTL 64, 2 and 1; the difference is the same throughout a run.',
        note:
          'Made explicit: a router drops a packet that arrives with TTL 1, so no frame is a ' +
          'pass there.',
      },
    ),
    must(
      'PRISM-REW-15',
      'All TCP flags with ECE, CWR and AE, the reserved bits, the urgent pointer, and the ' +
        'window of a rule without window shift MUST leave as they arrived.',
      {
        sources: ['RFC9293/3.1', { ref: 'RFC9768/3.2.2', note: 'AE, formerly reserved' }],
        observed: 'Sweep all 4096 values of flags and reserved bits.',
        note:
          'The window is excepted where the rule has a window shift (SEQ-12); the starting ' +
          'sentence contradicted it. AE comes from RFC 9768, not RFC 9293.',
      },
    ),
    must(
      'PRISM-REW-16',
      'Packets of every size from 40 octets to the declared MTU MUST be translated.',
      {
        sources: ['P17', 'RFC791/3.1'],
        observed: 'Sweep the size; a device that declares JUMBO has an MTU of 9000 or more.',
        note: 'One level: SHOULD 9000 became part of what JUMBO declares.',
      },
    ),
    must(
      'PRISM-REW-17',
      'Translating a segment to the owner and its mirror image back to the client MUST ' +
        'give the original segment.',
      {
        sources: ['derived'],
        needs: ['REVERSE'],
        observed:
          'Property over random segments and rules: swap the endpoints of the result and ' +
          'send it back.',
        note: 'Excepted are the masks of REW-03 and a shifted window, whose rounding loses bits.',
      },
    ),
    must(
      'PRISM-REW-18',
      'Over IPv6 the TCP checksum MUST be correct over the IPv6 pseudo-header, and ' +
        'extension headers before TCP MUST be skipped or the packet be dropped, never ' +
        'misread.',
      {
        sources: ['RFC8200/8.1', 'RFC8200/4'],
        needs: ['V6'],
        observed: 'IPv6 with and without hop-by-hop, destination, routing and fragment headers.',
        note:
          'With a routing header the pseudo-header holds the final destination: dropping ' +
          'such a packet is a pass.',
      },
    ),
  ],
};

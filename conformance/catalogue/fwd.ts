/** PRISM-FWD: traffic that no rule matches, fragments, ICMP, VLAN and layer 2. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group FWD. */
export const fwd: RequirementGroup = {
  id: 'FWD',
  title: 'Forwarding of everything else',
  summary: 'Traffic that no rule matches, fragments, ICMP, VLAN and layer 2.',
  requirements: [
    must(
      'PRISM-FWD-01',
      'A frame that no rule matches MUST be forwarded unchanged, apart from TTL, its ' +
        'checksum and MAC addresses on a device that declares L3.',
      {
        sources: [{ ref: 'code', note: 'bpf:485' }],
        needs: ['BRIDGE'],
        observed: 'Compare.',
      },
    ),
    must('PRISM-FWD-02', 'ARP MUST pass unmodified, also for virtual addresses.', {
      sources: ['derived'],
      needs: ['BRIDGE'],
      observed: 'Request and reply.',
    }),
    must(
      'PRISM-FWD-03',
      'Packets of UDP and of other protocols MUST NOT be rewritten by a rule whose ' +
        'addresses and ports they carry.',
      {
        sources: ['derived'],
        needs: ['MATCH'],
        observed: 'A UDP twin of a ruled segment.',
      },
    ),
    must('PRISM-FWD-04', 'A fragment whose offset is not 0 MUST NOT be read as a TCP header.', {
      sources: ['RFC791/3.2'],
      observed: 'A later fragment whose payload looks like a segment of the connection.',
    }),
    must(
      'PRISM-FWD-05',
      'A fragmented datagram MUST NOT be translated in part: the fragments that leave ' +
        'are all translated alike, or all unchanged.',
      {
        sources: ['RFC3022/6.3', 'derived'],
        observed:
          'In order and out of order: compare every fragment that leaves, and with FRAG ' +
          'reassemble the full translation.',
        note:
          'Section 6.3 of RFC 3022 only describes the problem, so the rule is derived. ' +
          'Fragments may be dropped, all or some: what is lost is sent again, what is ' +
          'mixed is corrupt.',
      },
    ),
    should(
      'PRISM-FWD-06',
      'An ICMP error about a translated packet SHOULD reach the sender of that packet, ' +
        'with the outer destination and the quoted addresses, ports and sequence number ' +
        'translated back, the ICMP and both IPv4 checksums correct, and type, code and MTU ' +
        'unchanged.',
      {
        sources: [
          { ref: 'RFC5508/4.2', note: 'REQ-4, REQ-5' },
          { ref: 'RFC5382/7.3', note: 'REQ-9' },
          { ref: 'RFC9293/3.9.2.2', note: 'MUST-54' },
        ],
        needs: ['ICMP'],
        observed:
          'Type 3 code 4 about a segment of the owner, quoting 8 octets of TCP, and quoting all.',
        note:
          'The quoted TCP checksum is not judged: 8 quoted octets (RFC 792) do not contain ' +
          'it, and RFC 5508 REQ-3 advises against validating it.',
      },
    ),
    must('PRISM-FWD-07', 'An ICMP message MUST NOT remove or change a rule.', {
      sources: [{ ref: 'RFC5382/7.3', note: 'REQ-10' }],
      needs: ['MATCH'],
      observed: 'Errors of every code, then data.',
    }),
    must(
      'PRISM-FWD-08',
      'The outer and the quoted headers of an ICMP error MUST be translated together or ' +
        'not at all.',
      {
        sources: [{ ref: 'RFC5508/4.2', note: 'REQ-4' }],
        needs: ['MATCH'],
        observed: 'Compare.',
      },
    ),
    must(
      'PRISM-FWD-09',
      'Frames of a class that the device does not declare, such as VLAN or IPv6, MUST be ' +
        'dropped, translated entirely or left unchanged, and VLAN tags MUST be kept.',
      {
        sources: ['derived', { ref: 'code', note: 'bpf:512' }],
        needs: ['MATCH'],
        observed: 'Tagged and IPv6 twins of a ruled segment.',
      },
    ),
    must('PRISM-FWD-10', 'Rules MUST match tagged frames, and the tag MUST be kept.', {
      sources: ['derived'],
      needs: ['VLAN'],
      observed: '802.1Q and QinQ; untagged twins beside them.',
    }),
    must(
      'PRISM-FWD-11',
      'A frame MUST leave at most once at each port, and in steady state frames of one ' +
        'connection should keep their order.',
      {
        sources: ['derived'],
        observed: '10^5 numbered frames, or fewer where the device is slow.',
        note:
          'Per port, because flooding sends copies to several ports. Order is reported, not ' +
          'failed: it was SHOULD.',
      },
    ),
    must('PRISM-FWD-12', 'MAC learning MUST NOT be poisoned by rewriting.', {
      sources: [{ ref: 'code', note: 'bpf:448-479' }],
      needs: ['BRIDGE'],
      observed:
        'After ruled traffic, client, controller and owner are still reached at their own ' +
        'ports.',
    }),
    must(
      'PRISM-FWD-13',
      "A rule whose owner has the virtual endpoint's address and port MUST change MAC " +
        'addresses only (direct server return).',
      {
        sources: ['Chase'],
        observed: 'Client to owner: IP and TCP octets unchanged.',
      },
    ),
  ],
};

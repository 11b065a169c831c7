/** PRISM-SEC: hostile and malformed input. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group SEC. */
export const sec: RequirementGroup = {
  id: 'SEC',
  title: 'Security',
  summary: 'Hostile and malformed input.',
  requirements: [
    must(
      'PRISM-SEC-01',
      'Control messages from data ports or unauthorised peers MUST have no effect.',
      {
        sources: ['derived'],
        needs: ['RULES', 'INBAND'],
        observed: "Inject valid commands at the client's and the backend's port.",
      },
    ),
    must(
      'PRISM-SEC-02',
      'Truncated, damaged, unknown or oversized control messages MUST get an error or ' +
        'silence, and have no effect.',
      {
        sources: [{ ref: 'code', note: 'bpf:349' }, 'RFC1122/4.1.3.4'],
        needs: ['RULES', 'INBAND'],
        observed: 'Mutated commands.',
        note:
          'Damaged is what a host throws away: a wrong IPv4 or UDP checksum, a datagram of ' +
          'which fragments are missing. A device whose commands do not come in UDP is not ' +
          'asked.',
      },
    ),
    should(
      'PRISM-SEC-03',
      'Impossible rules SHOULD be refused: port 0, an IP or MAC address of no single host, ' +
        'endpoints of one connection in two IP versions, a shift count above 14, a number ' +
        'that its field cannot hold, an owner that is the client, and two rules with the same ' +
        'sockets of client and owner.',
      {
        sources: ['RFC1122/3.2.1.3', 'RFC4291/2.5', 'RFC7323/2.3', 'derived'],
        needs: ['RULES'],
        observed: 'Add each.',
        note:
          'No single host has an unspecified, loopback, multicast or broadcast address. Two ' +
          "rules with the same sockets of client and owner would be one connection to the owner's " +
          'TCP, and what it sends could not be told apart.',
      },
    ),
    must(
      'PRISM-SEC-04',
      'A packet with a wrong version, total length, IPv4 header length or data offset ' +
        'MUST NOT be changed beyond its end, nor make the device crash.',
      {
        sources: ['RFC1812/5.2.2', 'RFC9293/3.1'],
        observed:
          'Version not 4, header length below 5 words, total length below the headers or ' +
          'beyond the frame, data offset below 5 words or past the end; then a good segment ' +
          'passes.',
      },
    ),
    must('PRISM-SEC-05', 'SYN segments alone MUST NOT consume rules.', {
      sources: ['derived'],
      needs: ['RULES'],
      observed: 'A flood, then get.',
    }),
    must(
      'PRISM-SEC-06',
      'A packet MUST be rewritten at most once in one pass through the device, and MUST ' +
        'NOT loop.',
      {
        sources: ['derived'],
        needs: ['RULES'],
        observed:
          'Source equal to destination (LAND); an owner that is the virtual endpoint of ' +
          'another rule.',
      },
    ),
    should(
      'PRISM-SEC-07',
      "While a rule exists, packets of its connection SHOULD NOT show the backend's " +
        'address to the client.',
      {
        sources: ['derived'],
        needs: ['REVERSE'],
        observed: "Scan the client's trace for the address in IP headers and ICMP quotes.",
        note:
          'Limited to packets of the connection: ARP and other traffic of a backend on the ' +
          "client's segment must pass (FWD-01, FWD-02).",
      },
    ),
    must('PRISM-SEC-08', 'The device MUST survive fuzzed frames with its rules unchanged.', {
      sources: ['derived'],
      needs: ['MATCH'],
      observed:
        'Valid, mutated and truncated frames, a million or as many as the run asks for; ' +
        'then every rule still translates, and get shows no change.',
      note: 'The number of frames is a parameter of the run, not part of the requirement.',
    }),
    should(
      'PRISM-SEC-09',
      'Backends SHOULD authenticate the peers that hand connections to them.',
      {
        sources: ['derived', { ref: 'code', note: 'hos:162' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A stranger connects.',
      },
    ),
  ],
};

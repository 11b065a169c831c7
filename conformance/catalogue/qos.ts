/** PRISM-QOS: how packets are to be treated on their way. */
import type { RequirementGroup } from './requirement.ts';
import { must } from './requirement.ts';

/** The group QOS. */
export const qos: RequirementGroup = {
  id: 'QOS',
  title: 'Quality of service',
  summary: 'What a server switch does to the marks of packets.',
  requirements: [
    must(
      'PRISM-QOS-01',
      'DSCP and ECN MUST be kept both ways, and be copied to the outer packet of a tunnel.',
      {
        sources: ['RFC3168/9.1', 'RFC6040/4.1', 'RFC2983'],
        scope: 'balancer',
        observed: 'Marks of every ECN codepoint.',
        note:
          'RFC 2983 lets a tunnel set another DSCP outside by policy; none is configured here. ' +
          'RFC 6040 copies ECN in its normal mode.',
      },
    ),
  ],
};

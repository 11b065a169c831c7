/** PRISM-VIP: several virtual endpoints, changed at run time. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group VIP. */
export const vip: RequirementGroup = {
  id: 'VIP',
  title: 'Virtual endpoints',
  summary: 'A server switch with several services, which come and go.',
  requirements: [
    must('PRISM-VIP-01', 'Every virtual endpoint MUST have a pool and a policy of its own.', {
      sources: [{ ref: 'Chase', note: 'virtual services' }],
      scope: 'balancer',
      observed: 'Two addresses, and two ports of one, with other servers and policies.',
    }),
    must(
      'PRISM-VIP-02',
      'That a service is added, changed or taken away MUST NOT disturb connections of another, ' +
        'and those of one that is taken away be kept or reset as declared.',
      {
        sources: [{ ref: 'Chase', note: 'virtual services' }],
        scope: 'balancer',
        observed: 'Changes while connections are open.',
      },
    ),
    should('PRISM-VIP-03', 'The switch SHOULD answer pings of a virtual address itself.', {
      sources: ['RFC1122/3.2.2.6'],
      scope: 'balancer',
      observed: 'An echo request.',
      note: 'RFC 1122 binds hosts; the switch stands for one.',
    }),
  ],
};

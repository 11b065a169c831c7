/** PRISM-LARD: requests are given to who has served their target, as long as loads permit. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group LARD. */
export const lard: RequirementGroup = {
  id: 'LARD',
  title: 'Locality-aware request distribution',
  summary: 'A server switch that keeps targets where they are in memory, and moves them by load.',
  requirements: [
    must(
      'PRISM-LARD-01',
      'A target that no server has MUST go to a server with the fewest active connections, and ' +
        'stay there.',
      {
        sources: [{ ref: 'LARD', note: 'basic LARD' }],
        needs: ['HTTP', 'LARD'],
        scope: 'balancer',
        observed: 'Targets asked for the first and the second time while others are being served.',
        note: 'Which of several with equally many is free.',
      },
    ),
    must(
      'PRISM-LARD-02',
      'A target MUST leave its server if that has more active connections than the upper threshold ' +
        'and another fewer than the lower one, or if it has twice the upper one, and else stay.',
      {
        sources: [{ ref: 'LARD', note: 'basic LARD' }],
        needs: ['HTTP', 'LARD'],
        scope: 'balancer',
        observed: 'Loads at each threshold, and one beside it.',
      },
    ),
    must(
      'PRISM-LARD-03',
      'With replication a target whose servers have too much to do MUST get another one beside ' +
        'them, and lose one when its servers have not changed for the configured time.',
      {
        sources: [{ ref: 'LARD', note: 'LARD with replication' }],
        needs: ['HTTP', 'LARD'],
        scope: 'balancer',
        observed: 'A target with two servers, asked for before and after that time.',
        note: 'Whether a server goes in the same step in which one comes is free.',
      },
    ),
    should(
      'PRISM-LARD-04',
      'All servers together SHOULD NOT have more active connections than one lower threshold and, ' +
        'for each server but one, the upper one, less one.',
      {
        sources: [{ ref: 'LARD', note: 'basic LARD' }],
        needs: ['HTTP', 'LARD'],
        scope: 'balancer',
        observed: 'More clients at once than that; who is not served waits, or gets 503.',
      },
    ),
    must(
      'PRISM-LARD-05',
      'No more targets than declared MUST be remembered, and the one asked for longest ago be ' +
        'forgotten first.',
      {
        sources: [{ ref: 'LARD', note: 'discussion' }],
        needs: ['HTTP', 'LARD'],
        scope: 'balancer',
        observed: 'As many other targets as are remembered, and one more; then the first again.',
      },
    ),
    must('PRISM-LARD-06', 'A server that is found to be down MUST lose its targets.', {
      sources: [
        { ref: 'LARD', note: 'discussion' },
        { ref: 'Chase', note: 'server failures' },
      ],
      needs: ['HTTP', 'LARD', 'CHECK'],
      scope: 'balancer',
      observed: 'A target asked for before its server dies, and after that is back.',
    }),
    must(
      'PRISM-LARD-10',
      'A connection that is handed to a server MUST go on without a FIN, a RST or a gap that its ' +
        "client could see, and its client's segments reach that server.",
      {
        sources: [{ ref: 'PHTTP', note: 'multiple handoff' }],
        needs: ['HTTP', 'HANDOFF'],
        scope: 'balancer',
        observed: 'Long answers, the captures of the client and of its server.',
      },
    ),
    should(
      'PRISM-LARD-11',
      'A connection SHOULD be handed on to another server between requests that came together.',
      {
        sources: [{ ref: 'PHTTP', note: 'multiple handoff' }],
        needs: ['HTTP', 'HANDOFF'],
        scope: 'balancer',
        observed: "Requests at once for several servers; the client's segments at more than one.",
      },
    ),
  ],
};

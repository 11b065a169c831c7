/** PRISM-PERF: ratios that are reported and never decide. */
import type { RequirementGroup } from './requirement.ts';
import { should } from './requirement.ts';

/** The group PERF. */
export const perf: RequirementGroup = {
  id: 'PERF',
  title: 'Performance',
  summary: 'Reported as ratios, never part of pass or fail.',
  requirements: [
    should(
      'PRISM-PERF-01',
      "The rewriting rate SHOULD be at least 0.8 of the same device's plain L2 rate at " +
        '1514 octets.',
      {
        sources: ['P17'],
        scope: 'performance',
        observed: 'Both rates on one device.',
      },
    ),
    should('PRISM-PERF-02', 'Two cores SHOULD reach at least 1.8 times the rate of one.', {
      sources: [{ ref: 'P17', note: '2.0 in the paper' }],
      scope: 'performance',
      observed: 'Both rates on one device.',
    }),
    should(
      'PRISM-PERF-03',
      "With two clients and two backends the total SHOULD exceed the controller's link " +
        "from objects of 2 MB on, and reach 0.9 of the backends' sum.",
      {
        sources: ['P17'],
        scope: 'performance',
        observed: 'Objects of growing size.',
      },
    ),
    should('PRISM-PERF-04', 'The p50 and p99 of a hand-off SHOULD be reported.', {
      sources: [{ ref: 'N21', note: '232 microseconds' }],
      scope: 'performance',
      observed: 'Time from lock to unlock.',
    }),
    should(
      'PRISM-PERF-05',
      'The rate of rule commands SHOULD be at least (2n + 1)/n times the rate of ' +
        'transactions, for n transactions a connection.',
      {
        sources: ['code'],
        scope: 'performance',
        observed: 'Both rates.',
      },
    ),
    should(
      'PRISM-PERF-06',
      'Other connections SHOULD lose no packet during changes or holds of rules.',
      {
        sources: ['derived'],
        scope: 'performance',
        observed: 'Numbered streams beside rule changes.',
      },
    ),
  ],
};

/** PRISM-HC: how a server switch finds out which servers work, and what it does about it. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group HC. */
export const hc: RequirementGroup = {
  id: 'HC',
  title: 'Health checks',
  summary: 'How a server switch finds out which servers work, and what it does about it.',
  requirements: [
    must(
      'PRISM-HC-01',
      'A server MUST NOT be chosen that refuses connections, or, where it is asked by HTTP, ' +
        'answers with another status than 2xx.',
      {
        sources: [{ ref: 'Chase', note: 'server failures' }],
        needs: ['CHECK'],
        scope: 'balancer',
        observed: 'A server that is gone, and one that is sick, under both kinds of check.',
      },
    ),
    must(
      'PRISM-HC-02',
      'As many bad results in a row as declared, and no fewer, MUST take a server out, and as ' +
        'many good ones bring it back; the opposite result MUST begin the count anew.',
      {
        sources: [{ ref: 'HAProxy', note: 'fall and rise' }],
        needs: ['CHECK'],
        scope: 'balancer',
        observed: 'A server that is sick for less than that, twice, with a good result between.',
      },
    ),
    must(
      'PRISM-HC-03',
      'A server that fails MUST be out after (fall − 1) intervals at the earliest and fall ' +
        'intervals and a timeout at the latest; one that works again, back likewise by rise.',
      {
        sources: [{ ref: 'HAProxy', note: 'inter, fall and rise' }],
        needs: ['CHECK'],
        scope: 'balancer',
        observed: 'Who answers clients that come all the time; 300 ms are given beside.',
      },
    ),
    must(
      'PRISM-HC-04',
      'A server that fails its checks and still answers MUST be taken out without an error for a ' +
        'client.',
      {
        sources: [{ ref: 'HAProxy', note: 'option httpchk' }],
        needs: ['HTTP', 'CHECK'],
        scope: 'balancer',
        observed: 'Clients that come all the time while a server begins to be sick.',
      },
    ),
    should(
      'PRISM-HC-05',
      'Where a server refuses a connection, another SHOULD be tried before a client sees an error.',
      {
        sources: ['RFC9110/9.2.2', { ref: 'Chase', note: 'server failures' }],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'A server that has died, and is not checked; GET and POST.',
        note: 'Nothing of a request has been sent where a connection is refused.',
      },
    ),
    must(
      'PRISM-HC-06',
      'A request that is not idempotent MUST NOT be sent to another server once it was sent to one.',
      {
        sources: ['RFC9110/9.2.2'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'A server that dies while it carries out a POST.',
        note: 'RFC 9110 lets who knows that the method is harmless here repeat it; nobody does.',
      },
    ),
    must(
      'PRISM-HC-07',
      'Connections of a server that is taken out MUST be kept, or reset, as declared.',
      {
        sources: [{ ref: 'Chase', note: 'failover' }],
        needs: ['CHECK'],
        scope: 'balancer',
        observed: 'A request before its server fails its checks, and one after.',
      },
    ),
    must('PRISM-HC-08', 'Checks MUST NOT count as load, nor take turns.', {
      sources: ['derived'],
      needs: ['CHECK'],
      scope: 'balancer',
      observed: 'Round robin while servers are checked more often than clients come.',
    }),
    should('PRISM-HC-09', 'A server that accepts connections and is silent SHOULD be found out.', {
      sources: [{ ref: 'Chase', note: 'server failures' }],
      needs: ['CHECK'],
      scope: 'balancer',
      observed: 'A server that is stopped, checked by HTTP.',
    }),
    should('PRISM-HC-10', 'With direct return servers SHOULD be probed at the virtual address.', {
      sources: ['derived'],
      needs: ['CHECK', 'DSR'],
      scope: 'balancer',
      observed: 'Where what reaches a server, and no client has sent, is addressed to.',
      note: 'A server that has lost the virtual address would answer at its own.',
    }),
  ],
};

/** PRISM-HA: what connections live through. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group HA. */
export const ha: RequirementGroup = {
  id: 'HA',
  title: 'Availability',
  summary: 'What becomes of connections where servers come and go, or a switch is lost.',
  requirements: [
    must(
      'PRISM-HA-01',
      'That a server is added, or another one taken away, MUST NOT move a connection.',
      {
        sources: ['SilkRoad', 'Cheetah'],
        scope: 'balancer',
        observed: 'Connections at all servers while servers come and go.',
        note:
          'Whoever reads requests may close a connection on which nothing is asked (RFC 9112 ' +
          'section 9.6); an answer that is under way must come.',
      },
    ),
    must(
      'PRISM-HA-02',
      'Two switches with one setup MUST choose the same server for a connection where a hash ' +
        'chooses, and what was open when the active one is lost be kept, or lost, as declared.',
      {
        sources: [{ ref: 'Maglev', note: 'section 3.4' }],
        needs: ['PAIR'],
        scope: 'balancer',
        observed: 'The same ports again after a takeover; requests on connections that were open.',
        note:
          'The starting catalogue wants open connections kept; a table that the other switch has ' +
          'not cannot be asked of everybody, and a hash keeps them as long as the pool is the same.',
      },
    ),
    must(
      'PRISM-HA-03',
      'One of two switches at a time MUST answer for the virtual addresses, and whoever takes over ' +
        'announce each of them within four intervals.',
      {
        sources: [
          { ref: 'RFC9568/6.4', note: 'ARP in the states Backup and Active' },
          { ref: 'RFC9568/6.1', note: 'Active_Down_Interval' },
          { ref: 'RFC5227/3', note: 'what gratuitous ARP looks like' },
        ],
        needs: ['PAIR'],
        scope: 'balancer',
        observed: 'ARP at a client: questions all the time, and what is announced.',
        note:
          'The starting catalogue has SHOULD, but RFC 9568 makes each part of it a MUST. Three ' +
          'intervals and a skew depend on a priority that nobody sees; the skew is less than an ' +
          'interval; where time is real, a second is added. Whether the first preempts is declared; of two switches with one MAC address ' +
          'it shows in what they announce.',
      },
    ),
    should('PRISM-HA-05', 'Whoever takes over SHOULD have the servers that were told last.', {
      sources: ['Chase'],
      needs: ['PAIR'],
      scope: 'balancer',
      observed: 'Two changes shortly after one another, then the loss of the active switch.',
      note:
        'The starting catalogue has all switches apply changes in one order: from outside, the ' +
        'last one is what shows. HA-04 and HA-06, which nobody need claim, have no scenario.',
    }),
  ],
};

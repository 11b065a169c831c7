/** PRISM-FIN: FIN segments, half-closed connections and what is left afterwards. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group FIN. */
export const fin: RequirementGroup = {
  id: 'FIN',
  title: 'Closing',
  summary: 'FIN segments, half-closed connections and what is left afterwards.',
  requirements: [
    must('PRISM-FIN-01', 'A FIN, with or without data, MUST pass in both directions, translated.', {
      sources: ['RFC9293/3.6'],
      needs: ['REVERSE'],
      observed: 'Both directions.',
    }),
    must('PRISM-FIN-02', "After the client's FIN response data MUST still flow.", {
      sources: ['RFC9293/3.6.1'],
      needs: ['REVERSE'],
      observed: 'FIN of the client, then data of the owner and their acknowledgments.',
    }),
    must(
      'PRISM-FIN-03',
      'A rule MUST NOT be dropped, by switch or owner, before both FINs are acknowledged.',
      {
        sources: ['Z', 'RFC9293/3.6'],
        needs: ['REVERSE'],
        observed: 'Lose the last acknowledgment; the retransmitted FIN still passes.',
      },
    ),
    should(
      'PRISM-FIN-04',
      'A rule SHOULD be kept long enough for a retransmitted FIN to meet the owner.',
      {
        sources: [
          { ref: 'defect', note: '10' },
          { ref: 'RFC9293/3.6.1', note: 'MUST-13' },
        ],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Replay the FIN.',
      },
    ),
    must('PRISM-FIN-05', 'A FIN that is lost in a lock MUST be handled after its retransmission.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'FIN during the lock.',
    }),
    must('PRISM-FIN-06', 'Simultaneous close and a close by the server first MUST work.', {
      sources: [{ ref: 'RFC9293/3.6', note: 'Figure 13' }],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'Both.',
    }),
    must('PRISM-FIN-07', 'Closed connections MUST leave no rule behind.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: '1000 connections, then an empty get.',
    }),
    must('PRISM-FIN-08', 'A FIN before a complete request MUST NOT lead to a hand-off.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'A partial header, then FIN.',
      note: 'Written as MUST NOT; it was a MUST without a verb.',
    }),
    must(
      'PRISM-FIN-09',
      'A SYN on the addresses and ports of a rule in linger MUST get one consistent ' +
        'answer, a SYN-ACK, a challenge ACK or a RST, and never a wrongly shifted one.',
      {
        sources: ['RFC6191/2', { ref: 'RFC9293/3.6.1', note: 'MAY-2' }, 'RFC5961/4.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'SYN.',
      },
    ),
  ],
};

/** PRISM-RST: RST segments and challenge acknowledgments. */
import type { RequirementGroup } from './requirement.ts';
import { must } from './requirement.ts';

/** The group RST. */
export const rst: RequirementGroup = {
  id: 'RST',
  title: 'Resets',
  summary: 'RST segments and challenge acknowledgments.',
  requirements: [
    must(
      'PRISM-RST-01',
      'A RST of the client MUST arrive at the owner with its sequence number exactly ' +
        'translated.',
      {
        sources: ['RFC5961/3.2', 'RFC7857/2.2'],
        observed: 'Client to owner, deltas 0 and, with SPLICE, not 0.',
      },
    ),
    must('PRISM-RST-02', 'A RST MUST be forwarded before it removes anything.', {
      sources: ['derived', 'RFC7857/2.2'],
      observed: 'One RST: it arrives.',
    }),
    must('PRISM-RST-03', 'A RST outside the receive window MUST NOT remove or change a rule.', {
      sources: ['RFC5961/3.2'],
      observed: 'A blind RST, then data.',
      note:
        'A switch that does not follow the window must remove nothing on RST; RST-07 ' +
        'covers a RST inside the window.',
    }),
    must(
      'PRISM-RST-04',
      'A RST of the owner MUST reach the client from the virtual endpoint, with sequence ' +
        'number and, with ACK, acknowledgment number translated.',
      {
        sources: ['RFC9293/3.5.2'],
        needs: ['REVERSE'],
        observed: 'Owner to client, with and without ACK.',
      },
    ),
    must(
      'PRISM-RST-05',
      'After a RST before the lock is confirmed no rule MUST be left beyond the declared bound.',
      {
        sources: ['P17'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Get.',
      },
    ),
    must(
      'PRISM-RST-06',
      'When a RST was lost in a lock, connection and rule MUST end within the declared ' +
        'bound after the client answers data with RST.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'End to end.',
      },
    ),
    must('PRISM-RST-07', 'Challenge acknowledgments MUST pass, translated.', {
      sources: ['RFC5961/3.2', 'RFC5961/4.2'],
      needs: ['REVERSE'],
      observed:
        "A RST inside the window but not at its left edge, then the owner's " +
        'acknowledgment; the same for SYN.',
      note: 'Section 4.2 (SYN) is new.',
    }),
    must(
      'PRISM-RST-08',
      'After the rule is gone a new SYN on the same addresses and ports MUST reach the ' +
        'controller.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Reconnect.',
      },
    ),
    must(
      'PRISM-RST-09',
      'A RST of an old owner MUST NOT reach the client from the virtual endpoint while ' +
        'the rule is locked or another owner is active.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'LOCKBOTH', 'REVERSE'],
        observed: 'Inject.',
        note:
          'Needs LOCKBOTH like RULE-12; without it RULE-04 still forbids it once the new ' +
          'owner is active.',
      },
    ),
    must(
      'PRISM-RST-10',
      'A RST with payload and a RST without ACK MUST be translated like any segment.',
      {
        sources: [{ ref: 'RFC9293/3.5.3', note: 'SHLD-2' }, 'RFC9293/3.5.2'],
        observed: 'Variants; without ACK the acknowledgment number is not judged.',
        note: 'SHLD-2 is in section 3.5.3 and speaks to the receiver; RST without ACK is 3.5.2.',
      },
    ),
  ],
};

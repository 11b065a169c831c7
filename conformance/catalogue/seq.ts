/** PRISM-SEQ: rules whose deltas are not 0, timestamps and windows. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group SEQ. */
export const seq: RequirementGroup = {
  id: 'SEQ',
  title: 'Sequence numbers and options',
  summary: 'Rules whose deltas are not 0 (SPLICE), timestamps and windows.',
  requirements: [
    must(
      'PRISM-SEQ-01',
      'A spliced segment MUST leave with seq + Δc and ack + Δs towards the owner, and ' +
        'with seq − Δs and ack − Δc towards the client, modulo 2^32.',
      {
        sources: ['card', 'nf', 'RFC9293/3.4'],
        needs: ['SPLICE'],
        observed:
          'Property over segments and deltas; towards the client where REVERSE is declared. ' +
          'Without ACK the acknowledgment number is not judged.',
      },
    ),
    must(
      'PRISM-SEQ-02',
      'The translation MUST be correct wherever sequence number, acknowledgment number or ' +
        'delta wraps around 2^32.',
      {
        sources: ['RFC9293/3.4'],
        needs: ['SPLICE'],
        observed:
          'seq, ack and delta from 0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF and carries ' +
          'between the 16-bit halves; segments that cross 0.',
      },
    ),
    must(
      'PRISM-SEQ-03',
      'With deltas 0 the sequence number, the acknowledgment number and SACK blocks MUST ' +
        'leave unchanged.',
      {
        sources: ['code'],
        observed: 'Compare.',
      },
    ),
    must(
      'PRISM-SEQ-04',
      'Every edge of every SACK block MUST be shifted exactly as the acknowledgment number is.',
      {
        sources: ['RFC2018/3'],
        needs: ['SPLICE'],
        observed: '1 to 4 blocks (3 beside timestamps) in any order, in segments with ACK.',
        note:
          'Limited to segments with ACK: SACK reports go with acknowledgments, and seqadj ' +
          'leaves SACK alone without ACK.',
      },
    ),
    must(
      'PRISM-SEQ-05',
      'A D-SACK block, which lies below the acknowledgment number or inside another ' +
        'block, MUST be shifted like any other and not dropped or corrected.',
      {
        sources: ['RFC2883/4'],
        needs: ['SPLICE'],
        observed: 'First block below the acknowledgment number; first block inside the second.',
        note: 'D-SACK inside the second block (RFC 2883 section 4, guideline 4) is new.',
      },
    ),
    must(
      'PRISM-SEQ-06',
      'A SACK option MUST be shifted at every alignment, with a correct TCP checksum.',
      {
        sources: [{ ref: 'RFC9293/3.2', note: 'MUST-64' }],
        needs: ['SPLICE'],
        observed: '0 to 3 NOPs before the option, and options of odd length.',
        note: 'MUST-64 is in section 3.2; it says that options need not begin on a word boundary.',
      },
    ),
    must(
      'PRISM-SEQ-07',
      'Options that the device does not rewrite MUST be skipped by their length and leave ' +
        'unchanged, and nothing after an end-of-list option may be changed.',
      {
        sources: [{ ref: 'RFC9293/3.1', note: 'MUST-6, MUST-68' }, 'RFC9293/3.2'],
        needs: ['SPLICE'],
        observed:
          'Every kind from 2 to 255 except 5 (SACK) and 8 (timestamps), before a SACK option.',
        note:
          'Kinds 5 and 8 are not unknown: the starting sweep of 5 to 255 contradicted ' +
          'SEQ-04 and SEQ-10.',
      },
    ),
    must(
      'PRISM-SEQ-08',
      'An option of length 0 or 1, or one that runs past the header, MUST NOT make the device ' +
        'hang, read past the packet or change anything from that option on, and a SACK option ' +
        'whose length is not 2 + 8n MUST leave unchanged.',
      {
        sources: [{ ref: 'RFC9293/3.1', note: 'MUST-7' }, 'nf'],
        observed:
          'Malformed options: the frame is dropped, punted as declared, or leaves with the ' +
          'options before translated and the rest unchanged; then a good segment passes.',
        note:
          'No capability needed: a device that leaves options alone passes. The accepted ' +
          'results are now written down.',
      },
    ),
    must(
      'PRISM-SEQ-09',
      'The urgent pointer MUST leave unchanged, because it is relative to the sequence number.',
      {
        sources: ['RFC9293/3.1'],
        needs: ['SPLICE'],
        observed: 'URG with urgent pointers 0, 1, 0xFFFF.',
      },
    ),
    must(
      'PRISM-SEQ-10',
      "TSval and TSecr MUST be shifted by the rule's timestamp deltas, and leave " +
        'unchanged when these are 0.',
      {
        sources: ['RFC7323/3.2'],
        needs: ['TS'],
        observed: 'Property; TSecr is judged only with ACK and when it is not 0.',
        note:
          'RFC 7323 section 3.2: TSecr is valid only with ACK. It gives 0 no special ' +
          'meaning, but Linux echoes 0 after an import, so that leaving 0 alone and ' +
          'shifting it are both accepted.',
      },
    ),
    must(
      'PRISM-SEQ-11',
      'Across a change of owner the client MUST NOT see TSval go backwards, modulo 2^32, ' +
        'in the order in which segments were sent.',
      {
        sources: ['RFC7323/5.3', 'RFC7323/4.1'],
        needs: ['RULES', 'LOCK', 'REVERSE', 'TS'],
        scope: 'system',
        observed: "The client's trace, RST segments left out.",
        note:
          'RST is excepted: RFC 7323 section 5.2 exempts it from PAWS. Order of sending, ' +
          'since the network may reorder.',
      },
    ),
    must(
      'PRISM-SEQ-12',
      'The window MUST leave as min(65535, floor((window × 2^s_in) / 2^s_out)) for the ' +
        'two window scales of the rule, and unchanged in a segment with SYN.',
      {
        sources: ['RFC7323/2.2', 'RFC7323/2.3'],
        needs: ['WS'],
        observed: 'Sweep window and both scales from 0 to 14; SYN and SYN-ACK.',
        note: 'Scales end at 14 (RFC 7323 section 2.3).',
      },
    ),
    must(
      'PRISM-SEQ-13',
      'The device MUST NOT advertise more octets of window than the receiver did.',
      {
        sources: ['derived'],
        needs: ['WS'],
        observed: 'Inequality over the sweep of SEQ-12.',
        note: 'Needs WS: without it REW-15 forbids every change of the window.',
      },
    ),
    should(
      'PRISM-SEQ-14',
      'The right edge of the window, ack + window, SHOULD NOT move to the left across a ' +
        'migration.',
      {
        sources: [{ ref: 'RFC9293/3.8.6', note: 'SHLD-14' }, 'RFC7323/2.4'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: "The client's trace.",
        note:
          'RFC 7323 section 2.4: with window scaling a retraction below one unit of the ' +
          'scale cannot always be avoided, and is not judged.',
      },
    ),
    must(
      'PRISM-SEQ-15',
      "The new owner's first new octet MUST have the sequence number that the client " +
        'expects next.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: "The client's trace: no gap, no overlap with other octets.",
      },
    ),
    must(
      'PRISM-SEQ-16',
      'After its rule was deleted, a SYN or SYN-ACK of a new connection on the same ' +
        'addresses and ports MUST NOT be shifted by the old deltas.',
      {
        sources: ['derived', 'RFC9293/3.4.1'],
        needs: ['SPLICE', 'RULES'],
        observed: 'Delete, then SYN.',
        note:
          'Limited to after DELETE: while the rule exists a switch cannot know a new ' +
          'incarnation, and shifting both directions alike is consistent (FIN-09).',
      },
    ),
    should('PRISM-SEQ-17', 'A connection that uses TCP-MD5 or TCP-AO SHOULD NOT be handed off.', {
      sources: ['RFC5925/5.1', 'RFC5925/9.2', 'RFC2385/2.0'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'SYN with option kind 19 or 29: the controller proxies.',
    }),
  ],
};

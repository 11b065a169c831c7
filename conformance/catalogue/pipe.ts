/** PRISM-PIPE: requests that arrive before the previous one is answered. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group PIPE. */
export const pipe: RequirementGroup = {
  id: 'PIPE',
  title: 'Pipelining',
  summary:
    'Requests that arrive before the previous one is answered. Everywhere a device may ' +
    'instead answer a prefix of the requests and close cleanly without executing the rest ' +
    '(RFC 9112 section 9.6).',
  requirements: [
    must(
      'PRISM-PIPE-01',
      'Requests that were received together before the export MUST each be answered once, ' +
        'in order.',
      {
        sources: ['RFC9112/9.3.2', { ref: 'defect', note: '7' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: '2 to 20 GETs in one segment.',
      },
    ),
    must(
      'PRISM-PIPE-02',
      'Octets that arrive between the lock command and its reply MUST be in the exported state.',
      {
        sources: ['measured'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Delay the reply.',
      },
    ),
    must(
      'PRISM-PIPE-03',
      'Octets that arrive while the rule is locked MUST be delivered once, later.',
      {
        sources: ['P17'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed:
          'Inject during export, import and chown; the client retransmits what was dropped.',
      },
    ),
    must(
      'PRISM-PIPE-04',
      'Octets that arrive during a response MUST wait, and the responses keep the order ' +
        'of the requests.',
      {
        sources: ['RFC9112/9.3.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A slow backend.',
      },
    ),
    must(
      'PRISM-PIPE-05',
      'A request split over the migration MUST be reassembled at every split point.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Property over split points.',
      },
    ),
    must(
      'PRISM-PIPE-06',
      'Responses of alternating backends MUST keep the order of the requests.',
      {
        sources: ['derived', 'RFC9112/9.3.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: '/a and /b in turn.',
      },
    ),
    must(
      'PRISM-PIPE-07',
      'A POST MUST NOT be executed twice, nor any request after `Connection: close` was sent.',
      {
        sources: ['RFC9110/9.2.2', 'RFC9112/9.6'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A counter at the backends.',
      },
    ),
    must('PRISM-PIPE-08', 'A body that a pipelined request follows MUST be cut exactly.', {
      sources: ['RFC9112/6.3', 'RFC9112/7.1', { ref: 'code', note: 'srv:238' }],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'Content-Length and chunked.',
      note: 'Chunked framing is section 7.1.',
    }),
    must(
      'PRISM-PIPE-09',
      'A request MUST NOT be answered by a backend that the policy did not choose.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Bodies with a marker.',
      },
    ),
    should(
      'PRISM-PIPE-10',
      'A client with unread response octets SHOULD NOT be reset by a close.',
      {
        sources: ['RFC9112/9.6'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'No RST before the client has read all.',
      },
    ),
  ],
};

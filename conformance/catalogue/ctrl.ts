/** PRISM-CTRL: the proxy that accepts connections, reads requests and commands the switch. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group CTRL. */
export const ctrl: RequirementGroup = {
  id: 'CTRL',
  title: 'Controller',
  summary: 'The proxy that accepts connections, reads requests and commands the switch.',
  requirements: [
    must(
      'PRISM-CTRL-01',
      'The controller MUST complete the handshake itself, and in HANDOFF no SYN reaches a ' +
        'backend.',
      {
        sources: ['P17'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'The backend is quiet.',
      },
    ),
    must(
      'PRISM-CTRL-02',
      'The controller MUST NOT decide before the header ends, however it is segmented.',
      {
        sources: ['RFC9112/2.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Segments of one octet.',
      },
    ),
    must(
      'PRISM-CTRL-03',
      'The backend MUST be the one that the policy names for URL, Host and cookie.',
      {
        sources: ['Chase'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Markers.',
      },
    ),
    must(
      'PRISM-CTRL-04',
      "After the hand-off no response payload MUST cross the controller's port.",
      {
        sources: ['P17'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Count at the controller.',
      },
    ),
    must(
      'PRISM-CTRL-05',
      'An HTTP/1.1 request without Host, and any request with several or an invalid one, ' +
        'MUST be answered with 400.',
      {
        sources: ['RFC9112/3.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'The controller answers.',
        note: 'HTTP/1.0 may lack Host.',
      },
    ),
    must(
      'PRISM-CTRL-06',
      'A request of ambiguous framing MUST NOT be handed off: Content-Length with ' +
        'Transfer-Encoding is refused, or read by Transfer-Encoding alone and the ' +
        'connection closed after the answer; differing Content-Length values get 400 and a ' +
        'close.',
      {
        sources: ['RFC9112/6.1', 'RFC9112/6.3', 'RFC9112/11.2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A corpus.',
        note:
          'RFC 9112 section 6.3 lets a recipient accept a list of identical Content-Length ' +
          'values: not judged.',
      },
    ),
    must('PRISM-CTRL-07', 'A space before the colon of a header field MUST be answered with 400.', {
      sources: ['RFC9112/5.1'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'A corpus.',
    }),
    must(
      'PRISM-CTRL-08',
      'With `Expect: 100-continue` the current owner MUST send 100 or a final status, ' +
        'without deadlock.',
      {
        sources: ['RFC9110/10.1.1'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'End to end.',
        note: 'A server may omit 100 once body octets have arrived: that is no failure.',
      },
    ),
    must(
      'PRISM-CTRL-09',
      'After 101, or 2xx to CONNECT, octets MUST NOT be parsed as HTTP or handed back.',
      {
        sources: ['RFC9110/7.8', 'RFC9110/9.3.6'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Tunnel octets.',
      },
    ),
    must(
      'PRISM-CTRL-10',
      'After `Connection: close`, and by default with HTTP/1.0, the connection MUST be ' +
        'closed after the response.',
      {
        sources: ['RFC9112/9.3', 'RFC9112/9.6'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'FIN.',
      },
    ),
    must('PRISM-CTRL-11', 'Responses to HEAD and with 204 or 304 MUST end without a body.', {
      sources: ['RFC9112/6.3'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'The next request works.',
    }),
    should('PRISM-CTRL-12', 'One empty line before a request SHOULD be ignored.', {
      sources: ['RFC9112/2.2'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'CRLF, then GET.',
      note: 'The RFC says at least one.',
    }),
    must(
      'PRISM-CTRL-13',
      'Over-long headers MUST be answered with 4xx or a close, in bounded memory.',
      {
        sources: [
          { ref: 'RFC9112/3', note: '414 for the request target' },
          'RFC9110/5.4',
          { ref: 'RFC6585/5', note: '431' },
        ],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A header of 1 MB.',
        note:
          'RFC 9112 section 3 covers only the request line; header fields are RFC 9110 ' +
          'section 5.4.',
      },
    ),
    must(
      'PRISM-CTRL-14',
      'Without a backend the client MUST get 5xx or a close within the declared bound.',
      {
        sources: ['RFC9110/15.6'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'All backends down.',
      },
    ),
    must(
      'PRISM-CTRL-15',
      'Lost replies of the switch MUST be retried with the same meaning, and boundedly.',
      {
        sources: [{ ref: 'defect', note: '1, 2' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Drop replies at the control port.',
      },
    ),
    should('PRISM-CTRL-16', 'A crash of the controller SHOULD NOT stop active transfers.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'End the controller.',
    }),
    should(
      'PRISM-CTRL-17',
      "After a backend's crash the client SHOULD be reset or answered within the declared " +
        'bound of its next segment, and the rule be removed.',
      {
        sources: ['RFC9293/3.5.1'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'End the backend.',
      },
    ),
  ],
};

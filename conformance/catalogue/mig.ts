/** PRISM-MIG: moving a live connection from one owner to the next. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group MIG. */
export const mig: RequirementGroup = {
  id: 'MIG',
  title: 'Migration',
  summary: 'Moving a live connection from one owner to the next.',
  requirements: [
    must(
      'PRISM-MIG-01',
      'The client MUST receive the exact octet stream, over any number of migrations.',
      {
        sources: ['P17'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Reassemble at the client.',
      },
    ),
    must('PRISM-MIG-02', 'Each octet of the client MUST be consumed by exactly one owner.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'Logs of the controller and the backends.',
    }),
    must(
      'PRISM-MIG-03',
      'A lock MUST take effect before the snapshot, so that until the new owner speaks no ' +
        'acknowledgment at the client exceeds the exported RCV.NXT.',
      {
        sources: ['measured'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: "The client's trace.",
      },
    ),
    must(
      'PRISM-MIG-04',
      'Segments of the old owner, RST above all, MUST NOT reach the client after lock.',
      {
        sources: ['measured'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Inject a late packet of the controller.',
      },
    ),
    must('PRISM-MIG-05', 'The new owner MUST NOT acknowledge less than was already acknowledged.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: "The client's trace, in the order of sending.",
    }),
    must(
      'PRISM-MIG-06',
      'Octets that were acknowledged but not yet read MUST survive the migration.',
      {
        sources: ['measured', { ref: 'defect', note: '6' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'A request split around the snapshot.',
      },
    ),
    must(
      'PRISM-MIG-07',
      'Unacknowledged response octets MUST stay retransmittable after a change of owner.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed:
          'Withhold the acknowledgment, send the next request; waiting for it and exporting ' +
          'the queue are both right.',
      },
    ),
    must(
      'PRISM-MIG-08',
      'The new owner MUST use only options that were negotiated, keep timestamps if they ' +
        'were, and keep the window scale of the SYN-ACK.',
      {
        sources: ['RFC7323/3.2', 'RFC7323/2.3', 'RFC2018/2'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Variants of SYN.',
        note:
          'Sections split up: timestamps are 3.2, window scale 2.3, SACK-permitted RFC 2018 ' +
          'section 2.',
      },
    ),
    must(
      'PRISM-MIG-09',
      "The new owner MUST NOT send segments larger than the client's MSS allows.",
      {
        sources: [{ ref: 'RFC9293/3.7.1', note: 'MUST-16' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'MSS 536.',
      },
    ),
    should('PRISM-MIG-10', 'The new owner SHOULD NOT send payload before its chown is confirmed.', {
      sources: [{ ref: 'code', note: 'imp:16-33' }],
      needs: ['RULES', 'LOCK', 'REVERSE'],
      scope: 'system',
      observed: 'No gap of a retransmission timeout.',
    }),
    must(
      'PRISM-MIG-11',
      'After a refusal or silence of a backend the connection MUST be resumed elsewhere, ' +
        'answered with 5xx or reset within the declared bound, and never stay locked.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Mute the backend.',
      },
    ),
    must(
      'PRISM-MIG-12',
      'A second transaction MUST be able to use another backend on the same connection.',
      {
        sources: ['P17', 'A21'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: '/a to the first, /b to the second backend.',
      },
    ),
    must(
      'PRISM-MIG-13',
      'Client packets of the second transaction MUST NOT be delivered to the first backend.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'The first backend stays quiet.',
      },
    ),
    must(
      'PRISM-MIG-14',
      'A client MUST NOT fail because the controller cannot export a state such as ' +
        'CLOSE-WAIT: the controller proxies instead.',
      {
        sources: ['N21', { ref: 'defect', note: '8' }],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Request and FIN together: a full response.',
      },
    ),
    must(
      'PRISM-MIG-15',
      'A request that is retransmitted across the hand-off MUST be executed once.',
      {
        sources: ['derived'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Duplicate the segment.',
      },
    ),
    should(
      'PRISM-MIG-16',
      "A migration SHOULD finish within the client's retransmission timeout.",
      {
        sources: ['RFC6298/2.4'],
        needs: ['RULES', 'LOCK', 'REVERSE'],
        scope: 'system',
        observed: 'Time from the last packet of the old to the first of the new owner.',
        note:
          "One second is the RFC's floor for every timeout (2.4), not only the initial " +
          'value (2.1), and Linux uses 200 ms: report the time, judge against 1 s.',
      },
    ),
    must(
      'PRISM-MIG-17',
      'With TLS the record sequence numbers and keys MUST continue without reuse of a nonce.',
      {
        sources: ['A21', { ref: 'code', note: 'exp:136-142' }],
        needs: ['RULES', 'LOCK', 'REVERSE', 'TLS'],
        scope: 'system',
        observed: 'The client decrypts.',
      },
    ),
  ],
};

/** PRISM-URL: a server switch that reads requests. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group URL. */
export const url: RequirementGroup = {
  id: 'URL',
  title: 'URL switching',
  summary: 'A server switch that chooses by what a request says, and passes on what it says.',
  requirements: [
    must(
      'PRISM-URL-01',
      'Nothing MUST reach a server of a request whose head is not whole, and a client that does ' +
        'not complete it be given up after the declared time.',
      {
        sources: [{ ref: 'Chase', note: 'delayed binding' }, 'RFC9112/9.5'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Half a head; then the rest of it, or nothing.',
        note: 'With status 408 or without an answer: RFC 9112 lets a server end what is silent.',
      },
    ),
    must('PRISM-URL-02', 'How a request is cut into segments MUST NOT change where it goes.', {
      sources: [{ ref: 'Chase', note: 'delayed binding' }, 'RFC9112/2.2'],
      needs: ['HTTP'],
      scope: 'balancer',
      observed: 'Requests cut once at each octet, and anywhere several times.',
    }),
    must(
      'PRISM-URL-03',
      'A host MUST be found whatever its case, and a path only in the case that it has.',
      {
        sources: ['RFC9110/4.2.3'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Requests that differ in case from the text of a route.',
      },
    ),
    must(
      'PRISM-URL-04',
      'The texts of routes MUST be looked for in the path alone, or in the query too where that ' +
        'is declared.',
      {
        sources: ['RFC3986/3.3', { ref: 'Chase', note: 'URL switching' }],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Prefix, suffix and substring of a route before and behind the question mark.',
      },
    ),
    must('PRISM-URL-05', 'Of several routes that fit, the one that is declared MUST count.', {
      sources: [{ ref: 'Chase', note: 'URL switching' }],
      needs: ['HTTP'],
      scope: 'balancer',
      observed: 'Requests that two routes fit.',
      note: 'Products differ: the first in the list, or the longest prefix, or patterns first.',
    }),
    must(
      'PRISM-URL-06',
      'Path and host MUST be compared as declared: as they were sent, or in which normal form.',
      {
        sources: ['RFC3986/6.2.2', 'RFC9110/4.2.3'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Escapes, dot segments, slashes, ports and final dots.',
        note:
          'No RFC demands a normal form of who routes; a difference between switch and server is ' +
          'how requests come to servers that were not meant.',
      },
    ),
    must(
      'PRISM-URL-07',
      'A request of HTTP/1.1 without Host, with two, or with one that names no host MUST be ' +
        'answered with status 400.',
      {
        sources: ['RFC9112/3.2'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Such requests, and one of HTTP/1.0 without Host, which is right.',
      },
    ),
    must(
      'PRISM-URL-08',
      'The host of a target in absolute-form MUST count, whatever the Host field says, which is ' +
        'replaced by it on the way to the server.',
      {
        sources: ['RFC9112/3.2.2'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: "Targets with the same host as the field, and with another; the server's log.",
        note:
          'Whoever refuses what names two hosts is careful, and breaks the RFC, which has the ' +
          'received field ignored. A server that gets the target in absolute-form finds the host ' +
          'in it; only where it gets another form the field is looked at.',
      },
    ),
    must(
      'PRISM-URL-09',
      'A request with Content-Length and Transfer-Encoding MUST be refused with 400, or be passed ' +
        'on without Content-Length, and the connection be closed after the answer.',
      {
        sources: ['RFC9112/6.1', 'RFC9112/6.3'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Such a request with another one behind it, which nobody may answer.',
      },
    ),
    should('PRISM-URL-10', 'A request line of 8000 octets SHOULD be read.', {
      sources: ['RFC9112/3'],
      needs: ['HTTP'],
      scope: 'balancer',
      observed: 'A request line of 8000 octets, CRLF not counted.',
      note: 'What becomes of longer ones is PRISM-URL-17, which is no SHOULD in RFC 9112.',
    }),
    should(
      'PRISM-URL-11',
      'Where the server chosen cannot be reached, another of its pool SHOULD be chosen before the ' +
        'client hears of it.',
      {
        sources: [{ ref: 'Chase', note: 'server failures' }],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'A server that dies while clients are connected and have not asked yet.',
      },
    ),
    must(
      'PRISM-URL-12',
      'With a URL hash the same URL MUST go to the same server as long as the pool is the same, ' +
        'and by the declared input and function.',
      {
        sources: [{ ref: 'Chase', note: 'URL hashing' }],
        needs: ['HTTP', 'URLHASH'],
        scope: 'balancer',
        observed: 'URLs asked for again by others, with and without queries.',
        note: "A function of the device's own is not computed; all else is judged all the same.",
      },
    ),
    must(
      'PRISM-URL-14',
      'Requests that come together MUST be answered in order, each by its own pool, or all by that ' +
        'of the first where a connection has one pool.',
      {
        sources: ['RFC9112/9.3.2', { ref: 'Chase', note: 'HTTP/1.1 session locality' }],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: 'Three requests at once for three pools, the first of them slow.',
        note: 'Where a connection cannot be kept to one pool, that half is not applicable.',
      },
    ),
    must(
      'PRISM-URL-15',
      'What a client receives MUST be one TCP connection from SYN to end: every octet at one ' +
        'sequence number, nothing acknowledged that was not sent, and timestamps that do not go ' +
        'back.',
      {
        sources: [{ ref: 'Chase', note: 'delayed binding' }, 'RFC9293/3.4', 'RFC7323/5'],
        needs: ['HTTP'],
        scope: 'balancer',
        observed: "The client's capture, over answers of several servers on one connection.",
        note:
          'The starting catalogue asked for sums of sequence numbers, which only some switches ' +
          'have inside; this is what they are for, and holds for all.',
      },
    ),
    should(
      'PRISM-URL-16',
      'A stored answer that is fresh SHOULD be given again without a server hearing of it.',
      {
        sources: ['RFC9111/4', { ref: 'Chase', note: 'front-end caches' }],
        needs: ['HTTP', 'CACHE'],
        scope: 'balancer',
        observed: 'One target asked for by several clients, and what servers carry out of it.',
        note:
          'Nobody has to store chunks or long answers. What must not be given again is ' +
          'PRISM-URL-18, which is no SHOULD in RFC 9111.',
      },
    ),
    must('PRISM-URL-17', 'A request line longer than is read MUST be answered with status 414.', {
      sources: ['RFC9112/3'],
      needs: ['HTTP'],
      scope: 'balancer',
      observed: 'A target twice as long as the declared request line.',
      note: 'Not in the starting catalogue, which had it in PRISM-URL-10 as a SHOULD.',
    }),
    must(
      'PRISM-URL-18',
      'What is private, not to be stored, stale, or another request MUST NOT be answered from a ' +
        'store.',
      {
        sources: ['RFC9111/3', 'RFC9111/3.5', 'RFC9111/4', 'RFC9111/4.2.4'],
        needs: ['HTTP', 'CACHE'],
        scope: 'balancer',
        observed: 'Targets asked for twice that servers have to carry out twice.',
        note: 'Not in the starting catalogue, which had it in PRISM-URL-16 as a SHOULD.',
      },
    ),
  ],
};

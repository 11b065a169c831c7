/** PRISM-SES: clients that stay with their server. */
import type { RequirementGroup } from './requirement.ts';
import { must } from './requirement.ts';

/** The group SES. */
export const ses: RequirementGroup = {
  id: 'SES',
  title: 'Sessions',
  summary: 'A server switch that brings a client back to the server that knows it.',
  requirements: [
    must(
      'PRISM-SES-01',
      'A client MUST come to the server that it had last, as long as its address is remembered, ' +
        'and be chosen for anew when it is not.',
      {
        sources: [{ ref: 'Chase', note: 'source affinity' }],
        needs: ['STICKY'],
        scope: 'balancer',
        observed: 'Clients that come again in another order, before they are forgotten and after.',
        note: 'That what is remembered is bounded is not judged: the test bed has 100 addresses.',
      },
    ),
    must(
      'PRISM-SES-02',
      'A cookie of the switch MUST keep a client with its server from whatever addresses it comes.',
      {
        sources: [{ ref: 'Chase', note: 'mega-proxies' }],
        needs: ['HTTP', 'COOKIE'],
        scope: 'balancer',
        observed: 'One cookie from several addresses.',
      },
    ),
    must('PRISM-SES-03', 'A cookie that names a server MUST lead to that server.', {
      sources: [{ ref: 'Chase', note: 'cookie switching' }],
      needs: ['HTTP', 'COOKIE'],
      scope: 'balancer',
      observed: 'The cookie of each server, in an order that no policy has.',
      note: 'What the cookie says is the own affair of a switch: the suite learns it beforehand.',
    }),
    must(
      'PRISM-SES-04',
      'A cookie MUST be set, with the server that answers, if a request has none that names a ' +
        'server, and no cookie of another server be set if it has.',
      {
        sources: ['RFC6265/3.1', { ref: 'Chase', note: 'cookie switching' }],
        needs: ['HTTP', 'COOKIE'],
        scope: 'balancer',
        observed: 'Requests without a cookie, with a right one, and with a forged one.',
        note: 'The starting catalogue forbade to set the same cookie again, which does no harm.',
      },
    ),
    must(
      'PRISM-SES-05',
      'A cookie of a server that is down MUST be dealt with as declared: another server answers, ' +
        'with its own cookie, or nobody does.',
      {
        sources: [{ ref: 'Chase', note: 'server failures' }],
        needs: ['HTTP', 'COOKIE'],
        scope: 'balancer',
        observed: 'The cookie of a server that has died.',
      },
    ),
    must(
      'PRISM-SES-06',
      'With a cookie hash the same cookie MUST lead to the same server, and no more than the ' +
        'declared share move when another server is taken away.',
      {
        sources: [{ ref: 'Chase', note: 'cookie hashing' }],
        needs: ['HTTP', 'COOKIEHASH'],
        scope: 'balancer',
        observed: 'Many cookies, each twice, and once more with a server less.',
      },
    ),
    must(
      'PRISM-SES-07',
      'A cookie MUST be found by its whole name, in its case, wherever it stands among others.',
      {
        sources: ['RFC6265/4.2', 'RFC6265/5.4'],
        needs: ['HTTP', 'COOKIE'],
        scope: 'balancer',
        observed:
          'Names that begin, end or sound alike; a cookie before, between and behind others.',
      },
    ),
  ],
};

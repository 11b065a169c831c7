/** PRISM-POL: which server takes what is new. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group POL. */
export const pol: RequirementGroup = {
  id: 'POL',
  title: 'Choosing',
  summary: 'How a server switch chooses a server for each connection, or for each request.',
  requirements: [
    must('PRISM-POL-01', 'Round robin MUST give each of N servers one of every N connections.', {
      sources: [{ ref: 'Chase', note: 'round robin' }],
      scope: 'balancer',
      observed: 'Connections one after the other, in groups of N.',
    }),
    must(
      'PRISM-POL-02',
      'Weighted round robin MUST give each server turns in proportion to its weight, in every ' +
        'cycle of as many turns as the weights are together, what divides them all left out.',
      {
        sources: [{ ref: 'Chase', note: 'weighted round robin' }],
        needs: ['WEIGHTS'],
        scope: 'balancer',
        observed: 'Weights 5, 1, 1; 3, 2, 1; 4, 2; in whole cycles.',
        note:
          'HAProxy 2.6 has some weights (5, 13, 14) in proportion only from its second cycle on; ' +
          'none such are asked for.',
      },
    ),
    should('PRISM-POL-03', 'Weighted turns SHOULD come in the order that is declared.', {
      sources: ['measured'],
      needs: ['WEIGHTS'],
      scope: 'balancer',
      observed: 'Two cycles, from wherever in a cycle they begin.',
      note: 'There is no right order: nginx, HAProxy and Linux have four different ones.',
    }),
    must('PRISM-POL-04', 'A server of weight 0 MUST take nothing new, and answer what it has.', {
      sources: [{ ref: 'Chase', note: 'draining' }],
      needs: ['WEIGHTS'],
      scope: 'balancer',
      observed: 'A weight that becomes 0 while a server works on an answer.',
    }),
    must(
      'PRISM-POL-05',
      'Least connections MUST choose a server that has the fewest active ones for its weight, of ' +
        'several the declared one; what has ended, in whatever way, MUST NOT count any more.',
      {
        sources: [{ ref: 'Chase', note: 'least connections' }],
        needs: ['LEAST'],
        scope: 'balancer',
        observed: 'Slow and quick answers; then connections that were closed, broken off, lost.',
        note:
          'What is active is a connection to a switch that knows no more, and a request to one ' +
          'that does: each connection has one request here, and lasts as long. With unequal ' +
          'weights what a server would have with one more may count, as in HAProxy.',
      },
    ),
    must(
      'PRISM-POL-06',
      'A random choice MUST be in proportion to weights, and of no choice before.',
      {
        sources: [{ ref: 'Chase', note: 'random' }],
        needs: ['RANDOM'],
        scope: 'balancer',
        observed: '300 connections: chi squared of the servers, and of pairs of them, at 0.0001.',
      },
    ),
    must(
      'PRISM-POL-08',
      'Where no server of a service works, its clients MUST be refused, and none of its servers ' +
        'be chosen.',
      {
        sources: [{ ref: 'Chase', note: 'server failures' }],
        needs: ['CHECK'],
        scope: 'balancer',
        observed: 'All servers fail their checks, and would answer.',
        note:
          'By RST, by an HTTP answer of 500 and above, or by the end of the connection; without ' +
          'a word where that is declared for ports without a service.',
      },
    ),
    must('PRISM-POL-09', 'Other weights MUST have an effect on what is new, and on nothing else.', {
      sources: [{ ref: 'Chase', note: 'mechanics' }],
      needs: ['WEIGHTS'],
      scope: 'balancer',
      observed: 'Weights change while all servers work on answers.',
    }),
    must('PRISM-POL-10', 'Maglev MUST give servers of equal weight equal shares.', {
      sources: [{ ref: 'Maglev', note: 'section 3.4' }],
      needs: ['MAGLEV'],
      scope: 'balancer',
      observed: 'Which servers answer 300 connections: chi squared at 0.000001.',
      note:
        'A table cannot be seen from outside. Shares of its entries differ by less than 1 % ' +
        'where it has 100 times as many as there are servers; that is below what is seen here.',
    }),
    must('PRISM-POL-11', 'Maglev MUST NOT depend on the order in which servers are listed.', {
      sources: [{ ref: 'Maglev', note: 'section 3.4' }],
      needs: ['MAGLEV'],
      scope: 'balancer',
      observed: 'The same connections before the list is turned round, and after.',
    }),
    should(
      'PRISM-POL-13',
      'Where a server leaves, Maglev SHOULD move few connections of the others.',
      {
        sources: [{ ref: 'Maglev', note: 'section 5.3' }],
        needs: ['MAGLEV'],
        scope: 'balancer',
        observed: '200 connections to four servers, and again to three: at most 1 of 5 moves.',
        note:
          'The starting catalogue has at most 1 % for a table with 100 entries a server; that ' +
          'size bounds how shares differ, and not what moves: with four servers and 503 entries ' +
          'up to 3 % do, with 65537 about 0.1 %.',
      },
    ),
    should('PRISM-POL-14', 'Maglev SHOULD give servers shares in proportion to their weights.', {
      sources: ['measured'],
      needs: ['MAGLEV', 'WEIGHTS'],
      scope: 'balancer',
      observed: 'Weights 2, 1, 1: chi squared of 300 connections at 0.000001.',
      note:
        'The starting catalogue has "within 2 entries" of a share; public weighted variants ' +
        'are further from it than that, and from outside nobody sees it.',
    }),
  ],
};

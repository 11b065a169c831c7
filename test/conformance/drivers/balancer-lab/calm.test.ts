/** When a story in real time is over. */
import test from 'ava';
import { isStill, type Calm } from '../../../../conformance/drivers/balancer-lab/calm.ts';

const AT_WORK = { areDone: false, areOver: false };
const DONE = { areDone: true, areOver: true };
const OVER = { areDone: false, areOver: true };

function last(told: Partial<Calm>): Calm {
  return { happened: 0, heard: 0, client: 0, anybody: 0, ...told };
}

test('a story of which all is done is over when clients have been still for a while', (t) => {
  t.true(isStill(301, last({}), DONE));
  t.false(isStill(300, last({}), DONE));
  t.false(isStill(500, last({ client: 400 }), DONE));
  // Probes of servers go on for ever.
  t.true(isStill(5000, last({ client: 400, anybody: 4999 }), DONE));
});

test('what the story has just had happen is waited for, whoever is done', (t) => {
  t.false(isStill(600, last({ happened: 500 }), DONE));
  t.true(isStill(801, last({ happened: 500 }), DONE));
  t.false(isStill(2400, last({ happened: 500 }), OVER));
  t.false(isStill(9000, last({ happened: 1500 }), AT_WORK));
});

test('where connections stay open, nobody must have said anything for longer', (t) => {
  t.false(isStill(1900, last({}), OVER));
  t.true(isStill(2001, last({}), OVER));
  t.false(isStill(5000, last({ anybody: 4000 }), OVER));
});

test('who is never heard asks in vain, and whoever is heard now and then does not', (t) => {
  t.false(isStill(7900, last({ client: 7000 }), AT_WORK));
  t.true(isStill(8001, last({ client: 7000, anybody: 7900 }), AT_WORK));
  t.false(isStill(60_000, last({ heard: 59_000 }), AT_WORK));
});

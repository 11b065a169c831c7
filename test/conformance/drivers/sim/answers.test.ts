import test from 'ava';
import fc from 'fast-check';
import { createAnswers } from '../../../../conformance/drivers/sim/answers.ts';
import { octetsOf, readAsks } from '../../../../conformance/system/request.ts';
import { concat } from '../../../../conformance/traffic/octets.ts';
import { answerTo } from '../../../../conformance/traffic/site.ts';

const WORDS = ['GET /a/30', 'HEAD /a/30', 'GET /a/2000?chunked', 'POST /b/9 with 20 octets'];

test('a response is counted when its last octet has come, however it is cut', (t) => {
  const words = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(words, fc.infiniteStream(fc.integer({ min: 1, max: 400 })), (told, cuts) => {
      const asks = readAsks(told.join(', '));
      const whole = asks.map(({ method, target }) => answerTo('s1', method, target));
      const octets = concat(...whole);
      const answers = createAnswers();
      answers.asked(octetsOf(asks));
      let at = 0;
      while (at < octets.length) {
        const to = Math.min(octets.length, at + cuts.next().value);
        const count = answers.told(octets.subarray(at, to));
        at = to;
        const ends = whole.map((_, nth) => concat(...whole.slice(0, nth + 1)).length);
        t.is(count, ends.filter((end) => end <= at).length);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('what comes before it is asked for, or is no response, is not counted', (t) => {
  t.is(createAnswers().told(answerTo('s1', 'GET', '/a/3')), 0);
  const answers = createAnswers();
  answers.asked(octetsOf(readAsks('GET /a/3')));
  t.is(answers.told(new TextEncoder().encode('HTTP/1.1 100 Continue\r\n\r\n')), 0);
  t.is(answers.told(answerTo('s1', 'GET', '/a/3')), 1);
});

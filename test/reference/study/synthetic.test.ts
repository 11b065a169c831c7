import test from 'ava';
import { behindProxies } from '../../../reference/study/proxies.ts';
import { synthesise } from '../../../reference/study/synthetic.ts';
import { MEBIBYTE, summarise, topShareOf } from '../../../reference/study/trace.ts';
import { traceOf } from './bed.ts';

test('a seed is a trace, and another seed another one', (t) => {
  const trace = synthesise({ requests: 20_000, seed: 7 });
  t.deepEqual(synthesise({ requests: 20_000, seed: 7 }), trace);
  t.notDeepEqual(synthesise({ requests: 20_000, seed: 8 }).requests, trace.requests);
  t.notDeepEqual(synthesise({ requests: 20_000, seed: 8 }).sizes, trace.sizes);
});

test('more requests begin with the requests of fewer', (t) => {
  const long = synthesise({ requests: 5000, seed: 3 });
  const short = synthesise({ requests: 1000, seed: 3 });
  t.deepEqual(long.requests.subarray(0, 1000), short.requests);
  t.deepEqual(long.sizes, short.sizes);
});

test('a synthetic trace is as popular as Zipf and Mandelbrot say, and as large as it is told', (t) => {
  const files = 2000;
  const trace = synthesise({ requests: 400_000, seed: 1, files, octets: 100 * MEBIBYTE });
  const { octets, topShare } = summarise(trace);
  t.true(Math.abs(octets / MEBIBYTE - 100) < 1, String(octets));
  const weights = Array.from({ length: files }, (_, rank) => (rank + 21) ** -1.3);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const counts = new Uint32Array(files);
  for (const file of trace.requests) counts[file] = (counts[file] ?? 0) + 1;
  const shares = counts.toSorted((a, b) => b - a);
  // Sums over ranks, so that neighbours that changed places do not count.
  for (const ranks of [10, 100, 1000]) {
    const seen = shares.subarray(0, ranks).reduce((sum, count) => sum + count, 0) / 400_000;
    const expected = weights.slice(0, ranks).reduce((sum, weight) => sum + weight, 0) / total;
    t.true(Math.abs(seen - expected) < 0.01, `${ranks}: ${seen} and not ${expected}`);
  }
  t.true(Math.abs(topShare - (weights[0] ?? 0) / total) < 0.003);
});

test('the figures of a trace are those that counting gives', (t) => {
  // File 1 has 98 of 100 requests, file 0 one, file 3 one; nobody asks for file 2.
  const requests = [...Array.from({ length: 98 }, () => 1), 0, 3];
  const trace = traceOf(requests, [10, 1000, 5, 100]);
  t.deepEqual(summarise(trace), {
    requests: 100,
    files: 3,
    octets: 1110,
    sentOctets: 98_110,
    topShare: 0.98,
    coverage: [
      { share: 0.97, octets: 1000 },
      { share: 0.98, octets: 1000 },
      { share: 0.99, octets: 1010 },
    ],
  });
  t.is(topShareOf(traceOf([], [])), 0);
});

test('what proxies have seen does not pass again, but once for each of them', (t) => {
  const trace = traceOf(
    Array.from({ length: 1000 }, (_, at) => at % 2),
    [10, 200],
  );
  const passed = [...behindProxies(trace, 100).requests];
  t.is(passed.filter((file) => file === 0).length, 4);
  t.is(passed.filter((file) => file === 1).length, 500, 'too large for any proxy');
  t.is(behindProxies(trace, 0).requests, trace.requests);
});

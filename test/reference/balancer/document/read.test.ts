import { readFileSync } from 'node:fs';
import test from 'ava';
import { formatIpv4, type Result } from 'scapy-ts';
import { createBalancer } from '../../../../reference/balancer/balancer.ts';
import { completeConfig } from '../../../../reference/balancer/config.ts';
import {
  formatDocumentFault,
  type DocumentFault,
} from '../../../../reference/balancer/document/fault.ts';
import { readDocument } from '../../../../reference/balancer/document/read.ts';
import type { SwitchPlan } from '../../../../reference/balancer/document/schema.ts';
import { TEXT_MAX } from '../../../../reference/balancer/document/source.ts';
import { targetsOf } from '../../../../reference/health/target.ts';
import { said, SMALL } from './small.ts';

const EXAMPLE = readFileSync(
  new URL('../../../../reference/balancer/document/example.yaml', import.meta.url),
  'utf8',
);

function planOf(read: Result<SwitchPlan, readonly DocumentFault[]>): SwitchPlan {
  if (read.ok) return read.value;
  throw new Error(read.error.map((fault) => formatDocumentFault(fault, 'a.yaml')).join('\n'));
}

test('the example is a server switch, with its services, checks and limits', (t) => {
  const { options, checks } = planOf(readDocument(EXAMPLE));
  const { services, timers, limits, redundancy } = createBalancer(options, () => 0).config;
  t.deepEqual(
    services.map(({ name, protocol, ports, mode }) => [name, protocol, ports.last, mode]),
    [
      ['web', 'tcp', 80, 'nat'],
      ['media', 'tcp', 8100, 'dsr'],
      ['names', 'udp', 53, 'nat'],
    ],
  );
  t.deepEqual(
    services[0]?.servers.map(({ weight, isDrained }) => [weight, isDrained]),
    [
      [5, false],
      [2, false],
      [1, true],
    ],
  );
  t.deepEqual([timers.opening, timers.established], [60_000, 7_440_000]);
  t.deepEqual([limits.connections, limits.frameOctets], [200_000, 1514]);
  t.is(redundancy?.priority, 200);
  t.deepEqual(
    targetsOf(services, checks).map(({ server, way }) => `${server} ${formatIpv4(way.address)}`),
    [
      'web-1 10.0.0.21',
      'web-2 10.0.0.22',
      'web-3 10.0.0.23',
      'media-1 198.51.100.2',
      'media-2 198.51.100.2',
    ],
  );
});

test('what is left out is as in a configuration of which nothing else is said', (t) => {
  const { options } = planOf(readDocument(SMALL));
  const { services, mac, ports, addresses = [], limits } = options;
  t.deepEqual(completeConfig(options), {
    ...completeConfig({ services, mac, ports, addresses }),
    ...(limits === undefined ? {} : { limits }),
  });
  t.deepEqual(Object.keys(options).toSorted(), ['addresses', 'limits', 'mac', 'ports', 'services']);
});

test('all faults are told, in the order of the text', (t) => {
  const places = said(
    ['[0, 1]', '[0, -1]'],
    ['web\n', '"web"\n    color: red\n'],
    ['ports: 80\n', 'ports: none\n'],
    ['10.0.0.21', 'ten'],
    ['10.0.0.22', 'eleven'],
  ).map((line) => line.replace(/: found.*/u, ''));
  t.deepEqual(places, [
    'a.yaml:1:12 ports[1]',
    'a.yaml:8:5 services[0].color',
    'a.yaml:10:12 services[0].ports',
    'a.yaml:15:29 services[0].servers[0].address',
    'a.yaml:16:29 services[0].servers[1].address',
  ]);
});

test('all that does not go together is told, too', (t) => {
  const other = SMALL.slice(SMALL.indexOf('  - name: web'))
    .replace('ports: 80', 'ports: 70-90')
    .replace('web', 'shop')
    .replace('name: b', 'name: a');
  const places = said(
    ['[0, 1]', '[1, 1]'],
    ['[10.0.0.254]', '[10.0.0.254, 127.0.0.1]'],
    ['path: /', 'path: no'],
    ['21, port: 8080', '21, port: 8080, weight: 0'],
    ['02:00:00:00:00:22, port: 8080 }\n', `01:00:00:00:00:22, port: 8080 }\n${other}`],
  ).map((line) => line.replace(/: found.*/u, ''));
  t.deepEqual(places, [
    'a.yaml:1:8 ports',
    'a.yaml:3:25 addresses[1]',
    'a.yaml:9:12 services[0].ports',
    'a.yaml:12:41 services[0].check.probe.path',
    'a.yaml:15:45 services[0].servers[1].mac',
    'a.yaml:24:17 services[1].servers[1].name',
  ]);
});

test('of a text that is not YAML the first error of each line is told, where it is', (t) => {
  const places = said(['nat\n    policy: {', 'nat\n } policy: {']).map((line) =>
    line.replace(/: found.*/su, ''),
  );
  t.is(places[0], 'a.yaml:11:2');
  t.is(new Set(places.map((place) => place.split(':')[1])).size, places.length);
});

test('each service whose ports another one has is told, the one that begins first but', (t) => {
  const whole = SMALL.slice(SMALL.indexOf('  - name: web'));
  const others = ['70-90', '85', '91'].map((ports, index) =>
    whole.replace('ports: 80', `ports: ${ports}`).replace('web', `s${index}`),
  );
  const read = readDocument(SMALL + others.join(''));
  t.deepEqual(read.ok ? [] : read.error.map(({ field, expected }) => `${field}: ${expected}`), [
    'services[0].ports: tcp ports of 198.51.100.1 that service s0 has not',
    'services[2].ports: tcp ports of 198.51.100.1 that service s0 has not',
  ]);
});

test('two services of one name are told, and where the second is', (t) => {
  const other = SMALL.slice(SMALL.indexOf('  - name: web')).replace('ports: 80', 'ports: 81');
  t.deepEqual(said(['00:22, port: 8080 }\n', `00:22, port: 8080 }\n${other}`]), [
    'a.yaml:16:11 services[1].name: found "web", expected a name of its own; rename it',
  ]);
});

for (const [name, text] of [
  ['nothing', ''],
  ['a list', '- 1\n'],
  ['a number', '7'],
  ['two documents', `${SMALL}---\n${SMALL}`],
  ['an unknown tag', SMALL.replace('mode: nat', 'mode: !x nat')],
  ['a field twice', SMALL.replace('mode: nat', 'mode: nat\n    mode: nat')],
  ['the prototype', SMALL.replace('limits', '__proto__')],
] as const) {
  test(`a document that is ${name} is refused, and the reader goes on`, (t) => {
    const read = readDocument(text);
    t.false(read.ok);
    if (!read.ok) t.true(read.error.length > 0 && read.error.every(({ line }) => line > 0));
  });
}

for (const [name, text] of [
  ['lists without end', '['.repeat(100_000)],
  ['lists that end', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['records', `${'{a: '.repeat(20_000)}${'}'.repeat(20_000)}`],
  ['items', '- '.repeat(20_000)],
  ['names', '? '.repeat(20_000)],
  ['values', 'a: '.repeat(20_000)],
] as const) {
  test(`a document of ${name} in one another is refused before anything is made of it`, (t) => {
    t.deepEqual(readDocument(text), {
      ok: false,
      error: [
        {
          line: 1,
          column: 1,
          field: '',
          found: 'much in one another',
          expected: '64 levels at most',
          advice: 'close what is open',
        },
      ],
    });
  });
}

test('a document that is too long is refused for that, whatever it says', (t) => {
  const read = readDocument(`${SMALL}#${' '.repeat(TEXT_MAX - SMALL.length)}`);
  t.deepEqual(read.ok ? [] : read.error.map(({ expected }) => expected), ['16777216 at most']);
});

test('of two faults of one value the first is told', (t) => {
  const redundancy =
    'redundancy: { group: 1, priority: 9, intervalMs: 5, source: 10.0.0.1, preempts: true }';
  t.deepEqual(said(['limits:', `${redundancy}\nlimits:`]), [
    'a.yaml:4:50 redundancy.intervalMs: found 5, expected a multiple of 10 from 10 to 40950; replace it',
  ]);
});

test('the example of the how-to is a document', (t) => {
  const page = readFileSync('docs/howto/server-switch.md', 'utf8');
  const [, example = ''] = /```yaml\n(.*?)```/su.exec(page) ?? [];
  const read = readDocument(example);
  t.deepEqual(read.ok && read.value.options.services.map(({ name }) => name), ['web']);
});

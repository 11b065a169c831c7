/** Active connections: each is counted where it is bound, and nowhere else, whatever happens. */
import test from 'ava';
import fc from 'fast-check';
import { boundTo } from '../../../reference/controller/bound.ts';
import type { ControllerEvent } from '../../../reference/controller/event.ts';
import { keyText } from '../../../reference/rules/rule.ts';
import { runs } from '../../runs.ts';
import { poolOf, siteFor, siteOver } from '../policy/sites.ts';
import { EMPTY_SNAPSHOT } from './bed.ts';
import { createCrowd, keyOfClient, type Crowd } from './crowd.ts';

const LEAST = { policy: 'least-connections', tie: 'first' } as const;
const REQUEST = new TextEncoder().encode('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
const ANSWER = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const CUT = new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no');

/** Something that happens, seen from one client; epochs are those of the moment. */
type Chance =
  | 'opened'
  | 'request'
  | 'peer-finished'
  | 'reset'
  | 'ended'
  | 'exported'
  | 'export-failed'
  | 'replied'
  | 'refused'
  | 'upstream-opened'
  | 'upstream-failed'
  | 'upstream-finished'
  | 'answer'
  | 'cut'
  | 'timeout'
  | 'imported'
  | 'committed'
  | 'move'
  | 'closed';

const CHANCES: readonly Chance[] = [
  'opened',
  'request',
  'request',
  'peer-finished',
  'reset',
  'ended',
  'exported',
  'export-failed',
  'replied',
  'replied',
  'refused',
  'upstream-opened',
  'upstream-failed',
  'upstream-finished',
  'answer',
  'cut',
  'timeout',
  'imported',
  'committed',
  'move',
  'closed',
];

/** How many connections each backend has, counted one by one. */
function recount({ state }: Crowd): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { phase } of state.connections.values()) {
    const name = boundTo(phase);
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function eventOf(crowd: Crowd, client: number, chance: Chance, from: string): ControllerEvent {
  const key = keyOfClient(client);
  const connection = crowd.state.connections.get(keyText(key));
  const phase = connection?.phase;
  const epoch = phase !== undefined && 'epoch' in phase ? phase.epoch : 0;
  const request = { method: 'GET', path: '/b', host: 'a', cookie: '' };
  const last = connection?.epoch ?? 0;
  switch (chance) {
    case 'request':
      return { kind: 'received', key, octets: REQUEST };
    case 'answer':
    case 'cut':
      return { kind: 'upstream-received', key, octets: chance === 'cut' ? CUT : ANSWER };
    case 'exported':
      return { kind: 'exported', key, snapshot: EMPTY_SNAPSHOT };
    case 'export-failed':
      return { kind: 'export-failed', key, reason: 'it cannot' };
    case 'replied':
      return { kind: 'replied', key, epoch: last };
    case 'refused':
      return { kind: 'replied', key, epoch: last, error: 'full' };
    case 'imported':
      return { kind: 'message', from, message: { kind: 'imported', key, epoch, instance: 7 } };
    case 'committed':
      return { kind: 'message', from, message: { kind: 'committed', key, epoch } };
    case 'move':
      return {
        kind: 'message',
        from,
        message: { kind: 'move', key, epoch, ask: 1, request, served: [] },
      };
    case 'closed':
      return {
        kind: 'message',
        from,
        message: { kind: 'closed', key, epoch, how: 'reset', served: [] },
      };
    default:
      return { kind: chance, key };
  }
}

const step = fc.record({
  client: fc.integer({ min: 1, max: 4 }),
  chance: fc.constantFrom(...CHANCES),
  from: fc.constantFrom('b1', 'b2', 'b3'),
});
const whole = fc.oneof(
  fc.constant<ControllerEvent>({ kind: 'heartbeat' }),
  fc.record({
    kind: fc.constant('health' as const),
    backend: fc.constantFrom('b1', 'b2', 'b3'),
    isUp: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('message' as const),
    from: fc.constantFrom('b1', 'b2'),
    message: fc.record({
      kind: fc.constant('pong' as const),
      count: fc.constant(1),
      instance: fc.integer({ min: 7, max: 9 }),
    }),
  }),
  fc
    .record({
      departed: fc.constantFrom('keep', 'reset'),
      servers: fc.subarray(['b1', 'b2', 'b3']),
    })
    .map(({ departed, servers }): ControllerEvent => {
      return {
        kind: 'configure',
        site: siteOver({ ...poolOf('all', LEAST, ...servers), departed }),
      };
    }),
);

test('POL-5 the counts are those of a recount, and 0 when nobody is there', (t) => {
  let most = 0;
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(['b1'], ['b1', 'b2']),
      fc.array(fc.oneof({ weight: 30, arbitrary: step }, whole), { minLength: 20, maxLength: 80 }),
      (isHandedOver, servers, events) => {
        const crowd = createCrowd(siteFor(LEAST, ...servers), {
          handOffFromOctets: isHandedOver ? 0 : 1000,
          triesMax: 2,
          missedMax: 2,
        });
        for (const each of events) {
          crowd.tell('chance' in each ? eventOf(crowd, each.client, each.chance, each.from) : each);
          t.deepEqual(Object.fromEntries(crowd.state.active), recount(crowd));
          most = Math.max(most, ...crowd.state.active.values());
        }
      },
    ),
    runs(1500),
  );
  t.true(most >= 2, `${most}`);
});

test('POL-5 a client that uses its port again is not counted twice', (t) => {
  const crowd = createCrowd(siteFor(LEAST, 'b1'));
  for (let count = 0; count < 3; count += 1) {
    crowd.open(1);
    t.is(crowd.ask(1, '/'), 'b1');
    t.deepEqual(Object.fromEntries(crowd.state.active), { b1: 1 });
  }
});

import test from 'ava';
import { step } from '../../../reference/balancer/balancer.ts';
import type { BalancerOptions, Service } from '../../../reference/balancer/config.ts';
import { targetsOf } from '../../../reference/health/target.ts';
import {
  createBed,
  DATAGRAMS,
  DIRECT,
  nextServers,
  optionsOf,
  SERVERS,
  SERVICE,
  TUNNEL,
  VIRTUAL,
} from '../balancer/bed.ts';
import type { Clinic } from './bed.ts';
import { changesOf, CLOSED, HTTP, open, targetOf, WELL } from './bed.ts';

function brokenFor(clinicMs: number): Clinic {
  const clinic = open([targetOf('a'), targetOf('b')], () => CLOSED);
  clinic.pass(clinicMs);
  return clinic;
}

test('a target that stays goes on: its probe is not given up, what was counted counts', (t) => {
  const clinic = open([targetOf('a')], () => CLOSED);
  clinic.pass(1500);
  clinic.tell({ kind: 'configure', targets: [targetOf('b'), targetOf('a')] });
  clinic.pass(1000);
  t.deepEqual(changesOf(clinic), ['a down at 2001']);
});

test('a probe of a server that is taken away is given up, and what comes of it is nobody’s', (t) => {
  const clinic = open([targetOf('a', { fall: 1 })], () => 'silent');
  clinic.pass(100);
  const effects = clinic.tell({ kind: 'configure', targets: [] });
  t.deepEqual(effects, [{ kind: 'give-up', probe: 0 }]);
  clinic.tell({ kind: 'outcome', probe: 0, outcome: { kind: 'refused' } });
  clinic.pass(5000);
  t.deepEqual(changesOf(clinic), []);
});

test('who is down when its check ends is up again, for nobody else would bring it back', (t) => {
  const clinic = brokenFor(2500);
  const effects = clinic.tell({ kind: 'configure', targets: [targetOf('b')] });
  t.deepEqual(effects, [
    { kind: 'health', service: 'web', server: 'a', isUp: true },
    { kind: 'health', service: 'web', server: 'b', isUp: false },
  ]);
});

test('who is only checked otherwise stays down, with nothing counted', (t) => {
  const clinic = brokenFor(2500);
  const effects = clinic.tell({
    kind: 'configure',
    targets: [targetOf('a', { rise: 1 }), targetOf('b', { fall: 9 })],
  });
  const health = effects.filter(({ kind }) => kind === 'health');
  t.deepEqual(health.at(-2), { kind: 'health', service: 'web', server: 'a', isUp: false });
  t.deepEqual(health.at(-1), { kind: 'health', service: 'web', server: 'b', isUp: false });
  clinic.pass(900);
  t.is(changesOf(clinic).at(-1), 'b down at 2500');
});

test('who has moved is another server, and up until a check says otherwise', (t) => {
  const clinic = brokenFor(2500);
  const moved = { ...targetOf('a'), way: { ...targetOf('a').way, port: 8081 } };
  const effects = clinic.tell({ kind: 'configure', targets: [moved, targetOf('b')] });
  t.deepEqual(
    effects.filter(({ kind }) => kind === 'health'),
    [
      { kind: 'health', service: 'web', server: 'a', isUp: true },
      { kind: 'health', service: 'web', server: 'b', isUp: false },
    ],
  );
});

test('PRISM-HC-10 under direct server return the virtual address is probed at each server', (t) => {
  const ways = (service: Service): readonly object[] =>
    targetsOf([service], new Map([[service.name, { probe: HTTP }]])).map(({ way }) => way);
  const [server] = SERVERS;
  const common = { mac: server?.mac, tunnel: undefined };
  t.deepEqual(ways(SERVICE)[0], { ...common, address: server?.address, port: 8080 });
  t.deepEqual(ways(DIRECT)[0], { ...common, address: VIRTUAL.address, port: 80 });
  t.deepEqual(ways(TUNNEL)[0], {
    ...common,
    address: VIRTUAL.address,
    port: 80,
    tunnel: server?.address,
  });
  t.is(new Set(ways(DIRECT).map((way) => JSON.stringify(way))).size, SERVERS.length);
});

test('a service without a check is not checked, and a check may have a port of its own', (t) => {
  const targets = targetsOf(
    [SERVICE, DATAGRAMS],
    new Map([['names', { probe: { kind: 'connect' as const }, port: 9000 }]]),
  );
  t.deepEqual(
    targets.map(({ service, server, way }) => [service, server, way.port]),
    [
      ['names', 'a', 9000],
      ['names', 'b', 9000],
      ['names', 'c', 9000],
    ],
  );
});

test('PRISM-POL-8 PRISM-HC-8 a balancer told by checks gives nothing new to who is down, and no probe is load', (t) => {
  const options: BalancerOptions = optionsOf(SERVICE);
  const { state, ...rest } = createBed(options);
  const checks = new Map([[SERVICE.name, { probe: HTTP, intervalMs: 1000, jitterMs: 0 }]]);
  const clinic = open(targetsOf(options.services, checks), (server, nowMs) =>
    server === 'b' && nowMs < 5000 ? CLOSED : WELL,
  );
  const apply = (): void => {
    for (const { effect } of clinic.said.splice(0)) {
      if (effect.kind === 'health' || effect.kind === 'load') step(state, effect);
    }
  };
  clinic.pass(3000);
  apply();
  const members = (): readonly number[] =>
    state.services.byName.get(SERVICE.name)?.members.map(({ active }) => active) ?? [];
  t.deepEqual(members(), [0, 0, 0]);
  t.deepEqual(new Set(nextServers({ state, ...rest }, 6)), new Set(['a', 'c']));
  clinic.pass(4000);
  apply();
  t.true(nextServers({ state, ...rest }, 3, 6).includes('b'));
});

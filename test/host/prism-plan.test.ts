/** Plans: what is read, and what is said of one that is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { ipv4Address, ipv6Address, mac } from 'scapy-ts';
import { stringify } from 'yaml';
import { siteOf } from '../../reference/policy/site.ts';
import { NGINX_URLS, RFC3986_URLS } from '../../reference/policy/url-profile.ts';
import {
  backendOf,
  parseChannel,
  parseEndpoint,
  readPlan,
  type Plan,
} from '../../reference/host/prism/plan.ts';

const GOOD = {
  keyFile: 'key',
  virtual: '10.0.0.1:80',
  controller: { mac: '02:00:00:00:00:01', settings: { lingerMs: 7 } },
  switch: { channel: '/run/s', devices: { 'to-b1': ['02:00:00:00:00:21'] } },
  backends: [
    { name: 'b1', owner: '10.0.0.21:8080', mac: '02:00:00:00:00:21', channel: '10.1.0.21:7000' },
    { name: 'b2', owner: '[2001:db8::2]:80', mac: '02:00:00:00:00:22', splice: true },
  ],
  policy: [{ pathPrefix: '/a', backends: ['b1'] }],
};

/** Reads it from a file, beside which is a key of 32 octets. */
function read(t: ExecutionContext, plan: unknown): Plan {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key'), new Uint8Array(32));
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
  return readPlan(join(folder, 'plan.json'));
}

test('a plan is read', (t) => {
  const plan = read(t, GOOD);
  t.deepEqual(plan.virtual, { address: ipv4Address('10.0.0.1'), port: 80 });
  t.deepEqual(plan.config, {
    lingerMs: 7,
    mac: mac('02:00:00:00:00:01'),
    site: siteOf(GOOD.policy),
    backends: [
      {
        name: 'b1',
        owner: { address: ipv4Address('10.0.0.21'), port: 8080, mac: mac('02:00:00:00:00:21') },
        hasAgent: true,
        isSpliced: false,
      },
      {
        name: 'b2',
        owner: { address: ipv6Address('2001:db8::2'), port: 80, mac: mac('02:00:00:00:00:22') },
        hasAgent: false,
        isSpliced: true,
      },
    ],
  });
  t.deepEqual(
    plan.channels,
    new Map([
      ['switch', { path: '/run/s' }],
      ['b1', { host: '10.1.0.21', port: 7000 }],
    ]),
  );
  t.deepEqual(plan.devices, new Map([['to-b1', [mac('02:00:00:00:00:21')]]]));
  t.like(backendOf(plan, 'b1'), { name: 'b1', owner: { port: 8080 } });
  t.throws(() => backendOf(plan, 'b3'), { message: 'the plan has no backend "b3"' });
});

test('its policy may be a whole site', (t) => {
  const policy = { policy: 'lard', input: 'path', replicated: true, targets: 9 };
  const pool = { name: 'all', policy, servers: [{ name: 'b1', weight: 3 }, { name: 'b2' }] };
  const site = { urls: {}, pools: [pool], otherwise: 'all' };
  t.deepEqual(read(t, { ...GOOD, policy: site }).config.site, {
    urls: { profile: RFC3986_URLS, precedence: 'first', locality: 'request', routes: [] },
    pools: [
      {
        name: 'all',
        servers: [
          { name: 'b1', weight: 3, isDrained: false },
          { name: 'b2', weight: 1, isDrained: false },
        ],
        policy,
        departed: 'keep',
      },
    ],
    otherwise: 'all',
  });
  const urls = { profile: 'nginx', routes: [{ suffix: '.php', pool: 'all' }] };
  t.like(read(t, { ...GOOD, policy: { ...site, urls } }).config.site.urls, { profile: NGINX_URLS });
});

test('a plan may be YAML', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key'), new Uint8Array(32));
  writeFileSync(join(folder, 'plan.yaml'), stringify(GOOD));
  t.deepEqual(readPlan(join(folder, 'plan.yaml')).config.site, siteOf(GOOD.policy));
});

const WRONG: readonly [string, unknown, RegExp][] = [
  ['an address without port', { ...GOOD, virtual: '10.0.0.1' }, /virtual/u],
  ['port 0', { ...GOOD, virtual: '10.0.0.1:0' }, /"10\.0\.0\.1:0" is not an address with a port/u],
  ['a MAC address that is none', { ...GOOD, controller: { mac: '02:00' } }, /controller\.mac/u],
  ['a name that is not known', { ...GOOD, polity: [] }, /polity/u],
  [
    'a setting that is not known',
    { ...GOOD, controller: { ...GOOD.controller, settings: { lingerMS: 7 } } },
    /lingerMS/u,
  ],
  [
    'a spliced backend with an agent',
    { ...GOOD, backends: [{ ...GOOD.backends[0], splice: true }] },
    /a backend with a channel is not spliced/u,
  ],
  ['a route without backends', { ...GOOD, policy: [{ backends: [] }] }, /policy\[0\]\.backends/u],
  [
    'a site with a word that is not known',
    { ...GOOD, policy: { urls: { precedense: 'first' }, pools: [] } },
    /precedense.*policy\.urls/su,
  ],
  [
    'a backend that there is not',
    { ...GOOD, policy: [{ backends: ['b9'] }] },
    /policy: pool 0: there is no backend b9/u,
  ],
];
for (const [what, plan, message] of WRONG) {
  test(`${what}: the message says where`, (t) => {
    t.throws(() => read(t, plan), { message });
  });
}

test('endpoints are read strictly', (t) => {
  t.deepEqual(parseEndpoint('[::1]:65535'), { address: ipv6Address('::1'), port: 65_535 });
  for (const text of ['', '10.0.0.1:', '10.0.0.1:65536', '::1:80', '[10.0.0.1]:80', 'x:80']) {
    t.is(parseEndpoint(text), undefined, text);
  }
});

test('channels are paths, or hosts with ports', (t) => {
  t.deepEqual(parseChannel('/run/x'), { path: '/run/x' });
  t.deepEqual(parseChannel('b1.example:7000'), { host: 'b1.example', port: 7000 });
  t.deepEqual(parseChannel('[::1]:7000'), { host: '::1', port: 7000 });
  for (const text of ['', 'run/x', ':7000', 'b1.example'])
    t.is(parseChannel(text), undefined, text);
});

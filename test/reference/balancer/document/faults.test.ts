import test from 'ava';
import { said } from './small.ts';

/** One change of SMALL, and all that is said of it then. */
const FAULTS: readonly (readonly [was: string, is: string, ...faults: readonly string[]])[] = [
  [
    '198.51.100.1',
    '198.51.100',
    '8:14 services[0].address: found "198.51.100", expected an IPv4 address such as 192.0.2.1; replace it',
  ],
  [
    'mac: 02:00:00:00:00:fe\n',
    '',
    '1:1 mac: found nothing, expected a MAC address such as 02:00:00:00:00:01; add it',
  ],
  ['name: web', 'name: 7', '7:11 services[0].name: found 7, expected a text; put it in quotes'],
  [
    'mode: nat',
    'mode: snat',
    '10:11 services[0].mode: found "snat", expected one of nat, dsr, ipip; replace it',
  ],
  [
    'limits',
    'limit',
    '4:1 limit: found the field "limit", expected one of ports, mac, addresses, services, access, strays, refusal, ipOptions, fragments, others, hops, tunnelMtu, timers, limits, redundancy; write limits',
  ],
  [
    'halfOpen: 100',
    'HalfOpen: 100',
    '4:30 limits.HalfOpen: found the field "HalfOpen", expected one of connections, halfOpen, stations, datagrams, answersPerSecond, frameOctets; write halfOpen',
  ],
  [
    'ports: 80',
    'ports: 90-80',
    '9:12 services[0].ports: found "90-80", expected a port from 1 to 65535, or a range such as 8000-8100; replace it',
  ],
  [
    'port: 8080',
    'port: 8080, weight: 257',
    '14:84 services[0].servers[0].weight: found 257, expected a whole number from 0 to 256; replace it',
  ],
  [
    'policy: round-robin',
    'policy: round-robbing',
    '11:23 services[0].policy.policy: found "round-robbing", expected one of random, round-robin, weighted-round-robin, least-connections, lightest-load, connection-hash, source-hash, url-hash, cookie-hash, lard, cookie-insert, cookie-learn, source-affinity, tls-session; replace it',
  ],
  [
    '{ policy: round-robin }',
    '{ policy: connection-hash, placement: { kind: maglev, variant: envoy, size: 100 } }',
    '11:89 services[0].policy.placement.size: found 100, expected a prime number; write one such as 65537',
  ],
  [
    '{ policy: round-robin }',
    '{ policy: url-hash, input: path, placement: { kind: nginx } }',
    '11:13 services[0].policy: found fields, expected a policy that looks at the connection alone, for there is no request yet; write another policy',
  ],
  [
    'statuses: [200]',
    'statuses: [200, 99]',
    '12:60 services[0].check.probe.statuses[1]: found 99, expected a status from 100 to 599, or a range such as 200-299; replace it',
  ],
  [
    'path: /,',
    'path: health,',
    '12:41 services[0].check.probe.path: found "health", expected a path that begins with / and has visible ASCII only, 8000 octets at most; replace it',
  ],
  [
    'name: b',
    'name: a',
    '15:17 services[0].servers[1].name: found "a", expected a name of its own; rename it',
  ],
  [
    '10.0.0.22',
    '198.51.100.1',
    '15:29 services[0].servers[1].address: found "198.51.100.1", expected an address that is not virtual; write its own address',
  ],
  [
    '10.0.0.22',
    '224.0.0.1',
    '15:29 services[0].servers[1].address: found "224.0.0.1", expected a unicast address; write its own address',
  ],
  [
    'mode: nat',
    'mode: dsr',
    '10:11 services[0].mode: found "dsr", expected servers without another port, for only NAT can map one; leave the servers’ ports out',
  ],
  [
    'halfOpen: 100',
    'halfOpen: 1001',
    '4:9 limits: found fields, expected no more half-open connections than connections; make one smaller, or the other greater',
  ],
  [
    '[10.0.0.254]',
    '[10.0.0.254, 198.51.100.1]',
    '8:14 services[0].address: found "198.51.100.1", expected a unicast address that is not the switch’s own; write an address that no host has',
  ],
  [
    'limits:',
    'strays: hash\nlimits:',
    '12:13 services[0].policy: found fields, expected a policy that only hashes, for strays are hashed; write another policy',
  ],
  [
    'limits:',
    'access: { otherwise: deny, established: keep, rules: [{ action: permit, source: 192.0.2.1/24 }] }\nlimits:',
    '4:81 access.rules[0].source: found "192.0.2.1/24", expected an IPv4 prefix such as 192.0.2.0/24, with no bit set after its length; replace it',
  ],
  [
    'limits:',
    'redundancy: { group: 1, priority: 9, intervalMs: 100, source: 10.0.0.254, preempts: true }\nlimits:',
    '4:13 redundancy: found fields, expected for an election: a group, priority and interval, 1 to 255 addresses, and one of its own; give the switch addresses, and another one to it as source',
  ],
  [
    'policy: { policy: round-robin }',
    'policy: &p { policy: round-robin }\n    other: *p',
    '12:12: found the alias *p, expected no aliases; write out what it stands for',
  ],
];

for (const [index, [was, is, ...faults]] of FAULTS.entries()) {
  test(`fault ${index} of a document is told with its line: ${is.slice(0, 40).trim()}`, (t) => {
    t.deepEqual(
      said([was, is]),
      faults.map((fault) => `a.yaml:${fault}`),
    );
  });
}

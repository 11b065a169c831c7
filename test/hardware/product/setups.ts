/** Setups in which each word of `conformance/driver/balancer.ts` is met that products have. */
import type { Setup, VirtualService } from '../../../conformance/driver/balancer.ts';
import type { SetupFile } from '../../../hardware/product/setup-file.ts';

/** A service that reads requests, at 10.1.0.201:80 to s1 and s2 by turns but for what is told. */
export function service(told: Partial<VirtualService> = {}): VirtualService {
  return {
    name: '10.1.0.201:80',
    address: '10.1.0.201',
    port: 80,
    mode: 'http',
    servers: ['s1', 's2'],
    choosing: 'round-robin',
    ...told,
  };
}

/** The file that tells of such services. */
export function fileOf(
  services: readonly VirtualService[],
  access: Setup['access'] = [],
): SetupFile {
  const servers = ['s1', 's2', 's3', 's4'].map((name, nth) => {
    return { name, address: `10.2.0.${nth + 1}`, mac: `02:00:00:00:02:0${nth + 1}` };
  });
  return { setup: { services, access }, device: 'lo', mac: '02:00:00:00:00:01', servers };
}

/** The lines of `text` without their indent, from `first` to the last before `end`. */
export function linesBetween(text: string, first: string, end: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const from = lines.indexOf(first);
  const length = lines.slice(from).indexOf(end);
  return lines.slice(from, length === -1 ? undefined : from + length);
}

/** All words at once that both products have, with texts that mean something to them. */
export const RICH: SetupFile = fileOf(
  [
    service({
      weights: { s1: 256, s2: 0 },
      routes: [
        { host: 'A.example', pool: { servers: ['s3'], choosing: 'random' } },
        { prefix: '/a b#\'"\\{}$;', pool: { servers: ['s3'], choosing: 'source-hash' } },
        { prefix: '/i/', suffix: '.(p+h?p*', pool: { servers: ['s4'], choosing: 'url-hash' } },
        { substring: '-i %[path]', pool: { servers: ['s4'], choosing: 'least-connections' } },
        {
          host: 'b.example',
          prefix: '/c/',
          pool: { servers: ['s1'], choosing: { kind: 'cookie-hash', cookie: 'SID' } },
        },
      ],
    }),
    service({
      name: 'other',
      port: 81,
      serverPort: 8080,
      locality: 'request',
      cache: { octets: 2 ** 21 },
    }),
  ],
  [
    { action: 'permit', source: '10.1.0.3/32' },
    { action: 'deny', source: '10.1.0.0/24' },
  ],
);

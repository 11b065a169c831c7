/** URL switches that read requests in a wrong way. */
import { build, ether, ipv4, tcp } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { BALANCER_ADDRESSES, BALANCER_MAC, SERVER_HOSTS } from '../../virtual-bed/hosts.ts';
import { blank, fromClients, texts, toClients, type Around, type Edit } from './around.ts';
import { urlsAs, type UrlSwitchDefect } from './defect.ts';

const HOST = /(?<=\r\nHost: )[^\r]*/gu;
const REQUEST = /[A-Z]+ [^ ]+ HTTP\/1\.1\r\n[^]*?\r\n\r\n/gu;
const LINE_MAX = 4096;

/** Connects to a server as soon as anything has come of a request. */
const connectingEarly: Around = () => (part, process) =>
  part === 'switch' ? withEarlySyn(process) : process;

function withEarlySyn(process: Process): Process {
  const [server] = SERVER_HOSTS;
  const [, source] = BALANCER_ADDRESSES;
  return {
    nextAtNs: process.nextAtNs,
    step(event, nowNs) {
      const isHalf =
        event.kind === 'frame' &&
        new TextDecoder('latin1').decode(event.octets).includes('GET ') &&
        !new TextDecoder('latin1').decode(event.octets).includes('\r\n\r\n');
      const effects = process.step(event, nowNs);
      if (!isHalf || server === undefined) return effects;
      const syn = build([
        ether({ src: BALANCER_MAC, dst: server.mac }),
        ipv4({ src: source, dst: server.address, ttl: 64 }),
        tcp({ srcPort: 1024, dstPort: 80, flags: 'S', window: 65_535 }),
      ]);
      const early: ProcessEffect = { kind: 'frame', port: server.port, octets: syn };
      return [...effects, early];
    },
  };
}

/** Who has not said a whole request line in the first segment is understood as somebody else. */
function needingWholeLines(): Edit {
  const known = new Set<string>();
  return ({ client, text }) => {
    if (text === '' || known.has(client)) return {};
    known.add(client);
    return text.includes('\r\n') ? {} : { text: text.replace('/static', '/xtatic') };
  };
}

/** Requests that come together, the last of them first. */
function lastFirst(text: string): string {
  const requests = text.match(REQUEST) ?? [];
  return requests.join('') === text ? requests.toReversed().join('') : text;
}

/** The clock of timestamps is ahead until a request has been answered. */
function timestampsGoingBack(): Edit {
  const answered = new Set<string>();
  return ({ client, tcp: { options }, text }) => {
    const isAhead = !answered.has(client);
    if (text !== '') answered.add(client);
    if (!isAhead) return {};
    const ahead = options.map((option) =>
      option.kind === 'timestamps' ? { ...option, value: (option.value + 1000) % 2 ** 32 } : option,
    );
    return { tcp: { options: ahead } };
  };
}

/** What is wrong with requests. */
export const REQUEST_DEFECTS: readonly UrlSwitchDefect[] = [
  {
    name: 'connects-early',
    sentence: 'A server hears of a client whose head is not whole.',
    breaks: 'PRISM-URL-01',
    wrap: connectingEarly,
  },
  {
    name: 'waits-for-ever',
    sentence: 'A head may take a day.',
    breaks: 'PRISM-URL-01',
    controller: { headMs: 86_400_000 },
  },
  {
    name: 'needs-whole-lines',
    sentence: 'A request line in two segments is understood as another.',
    breaks: 'PRISM-URL-02',
    wrap: fromClients(needingWholeLines),
  },
  {
    name: 'hosts-have-case',
    sentence: 'A host in capitals is none that has a route.',
    breaks: 'PRISM-URL-03',
    wrap: fromClients(
      texts((text) => text.replace(HOST, (host) => host.replaceAll(/[A-Z]/gu, 'x'))),
    ),
  },
  {
    name: 'paths-have-no-case',
    sentence: 'A path in capitals fits a route in small letters.',
    breaks: 'PRISM-URL-03',
    wrap: fromClients(texts((text) => text.replaceAll(/ \/\S*/gu, (path) => path.toLowerCase()))),
  },
  {
    name: 'looks-into-queries',
    sentence: 'Routes are looked for in the query too.',
    breaks: 'PRISM-URL-04',
    site: urlsAs(({ profile }) => ({ profile: { ...profile, query: 'matched' } })),
  },
  {
    name: 'takes-the-first-route',
    sentence: 'The first route in the list counts, and the longest prefix is declared.',
    breaks: 'PRISM-URL-05',
    site: urlsAs(() => ({ precedence: 'first' })),
  },
  {
    name: 'compares-what-came',
    sentence: 'Paths are compared as they came, and another form is declared.',
    breaks: 'PRISM-URL-06',
    site: urlsAs(({ profile }) => ({ profile: { ...profile, escapes: 'raw', dots: 'keep' } })),
  },
  {
    name: 'sees-no-ports',
    sentence: 'The port of a host is ignored, whatever it is.',
    breaks: 'PRISM-URL-06',
    site: urlsAs(({ profile }) => ({ profile: { ...profile, port: 'ignored' } })),
  },
  {
    name: 'takes-two-hosts',
    sentence: 'Of two hosts the first counts.',
    breaks: 'PRISM-URL-07',
    wrap: fromClients(texts((text) => text.replace(/(?<=\r\nHost: [^\r]*\r\n)Host:/u, 'Most:'))),
  },
  {
    name: 'prefers-the-field',
    sentence: 'The Host field counts, whatever host the target has.',
    breaks: 'PRISM-URL-08',
    site: urlsAs(({ profile }) => ({ profile: { ...profile, absolute: 'field' } })),
  },
  {
    name: 'believes-the-length',
    sentence: 'Of two lengths the one in a field counts, and the message goes on with both.',
    breaks: 'PRISM-URL-09',
    wrap: fromClients(texts((text) => blank(text, 'Transfer-Encoding'))),
  },
  {
    name: 'reads-short-lines',
    sentence: 'A request line of more than 4096 octets is never read.',
    breaks: 'PRISM-URL-10',
    wrap: fromClients(() => {
      const octets = new Map<string, number>();
      return ({ client, text }) => {
        octets.set(client, (octets.get(client) ?? 0) + text.length);
        return (octets.get(client) ?? 0) > LINE_MAX && !/ HTTP\/1/u.test(text) ? 'lost' : {};
      };
    }),
  },
  {
    name: 'calls-it-bad',
    sentence: 'A request line that is too long is answered with status 400.',
    breaks: 'PRISM-URL-17',
    wrap: toClients(texts((text) => text.replace('HTTP/1.1 414', 'HTTP/1.1 400'))),
  },
  {
    name: 'answers-the-last-first',
    sentence: 'Of requests that come together the last is answered first.',
    breaks: 'PRISM-URL-14',
    wrap: fromClients(texts(lastFirst)),
  },
  {
    name: 'has-one-pool-a-connection',
    sentence: 'All requests of a connection have the pool of the first.',
    breaks: 'PRISM-URL-14',
    site: urlsAs(() => ({ locality: 'connection' })),
  },
  {
    name: 'has-a-pool-a-request',
    sentence: 'Each request has its own pool, where a connection was to have one.',
    breaks: 'PRISM-URL-14',
    site: urlsAs(() => ({ locality: 'request' })),
  },
  {
    name: 'has-two-clocks',
    sentence: 'Timestamps go back when a server has the connection.',
    breaks: 'PRISM-URL-15',
    wrap: toClients(timestampsGoingBack),
  },
];

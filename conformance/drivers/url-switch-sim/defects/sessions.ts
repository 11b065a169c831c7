/** URL switches that hash something else, or forget who has which server. */
import { blank, fromClients, texts, toClients } from './around.ts';
import { policies, type UrlSwitchDefect } from './defect.ts';

/** Who may use a cookie: the first client that was seen with it. */
function cookiesOfAddresses(text: string, client: string, owners: Map<string, string>): string {
  const cookie = /SRV=[^;\r]*/u.exec(text)?.[0];
  if (cookie === undefined) return text;
  const address = client.split(':')[0] ?? '';
  const owner = owners.get(cookie) ?? address;
  owners.set(cookie, owner);
  return owner === address ? text : blank(text, 'SRV');
}

/** What is wrong with URL hashes, and sessions. */
export const SESSION_DEFECTS: readonly UrlSwitchDefect[] = [
  {
    name: 'hashes-queries',
    sentence: 'The query is hashed, and the path alone is declared.',
    breaks: 'PRISM-URL-12',
    site: policies('url-hash', (policy) => ({ ...policy, input: 'path-and-query' })),
  },
  {
    name: 'hashes-otherwise',
    sentence: 'URLs are hashed by another function than the declared one.',
    breaks: 'PRISM-URL-12',
    site: policies('url-hash', (policy) => {
      return { ...policy, placement: { kind: 'modulo', hash: 'crc32' } };
    }),
  },
  {
    name: 'chooses-urls-by-chance',
    sentence: 'A URL goes to any server.',
    breaks: 'PRISM-URL-12',
    site: policies('url-hash', () => ({ policy: 'random' })),
  },
  {
    name: 'forgets-addresses',
    sentence: 'A client that comes again is a new one.',
    breaks: 'PRISM-SES-01',
    site: policies('source-affinity', ({ otherwise }) => otherwise),
  },
  {
    name: 'binds-cookies-to-addresses',
    sentence: 'A cookie counts only from the address that had it first.',
    breaks: 'PRISM-SES-02',
    wrap: fromClients(() => {
      const owners = new Map<string, string>();
      return ({ client, text }) => {
        const other = cookiesOfAddresses(text, client, owners);
        return other === text ? {} : { text: other };
      };
    }),
  },
  {
    name: 'knows-no-cookies',
    sentence: 'A cookie leads nowhere, and the turn of a server is what counts.',
    breaks: 'PRISM-SES-03',
    wrap: fromClients(texts((text) => blank(text, 'SRV'))),
  },
  {
    name: 'sets-no-cookie-on-chunks',
    sentence: 'An answer in chunks has no cookie.',
    breaks: 'PRISM-SES-04',
    wrap: toClients(
      texts((text) => (/^transfer-encoding/imu.test(text) ? blank(text, 'Set-Cookie') : text)),
    ),
  },
  {
    name: 'refuses-the-dead',
    sentence: 'A cookie of a dead server is refused, and another server is declared.',
    breaks: 'PRISM-SES-05',
    site: policies('cookie-insert', (policy) => ({ ...policy, dead: 'refuse' })),
  },
  {
    name: 'moves-all-cookies',
    sentence: 'Cookies are hashed modulo the servers that there are.',
    breaks: 'PRISM-SES-06',
    site: policies('cookie-hash', (policy) => {
      return { ...policy, placement: { kind: 'modulo', hash: 'crc32' } };
    }),
  },
  {
    name: 'hashes-no-cookie',
    sentence: 'Where a cookie is to be hashed, servers have turns.',
    breaks: 'PRISM-SES-06',
    site: policies('cookie-hash', () => ({ policy: 'random' })),
  },
  {
    name: 'finds-the-end-of-names',
    sentence: 'A cookie is found by the end of its name.',
    breaks: 'PRISM-SES-07',
    wrap: fromClients(texts((text) => text.replaceAll('XSRV=', ' SRV='))),
  },
  {
    name: 'hears-names-in-any-case',
    sentence: 'A cookie is found whatever the case of its name.',
    breaks: 'PRISM-SES-07',
    wrap: fromClients(texts((text) => text.replaceAll('srv=', 'SRV='))),
  },
];

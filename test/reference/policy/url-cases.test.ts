import test from 'ava';
import { octetsOf } from '../../../reference/policy/octets.ts';
import type { UrlDeclaration } from '../../../reference/policy/url-switch.ts';
import { cut } from '../http/bed.ts';
import { outcomesOf } from './url-bed.ts';
import { DECLARATIONS, URL_CASES, type Peer } from './url-cases.ts';

const PEERS: readonly Peer[] = ['haproxy', 'nginx'];

/** What a declaration says of a stream. */
function saidOf(declaration: UrlDeclaration, text: string): string {
  return outcomesOf(declaration, [octetsOf(text)]);
}

for (const { name, text, raw, rfc3986 } of URL_CASES) {
  test(`URL-6 ${name}`, (t) => {
    t.is(outcomesOf(DECLARATIONS.raw, [octetsOf(text)]), raw, 'raw');
    t.is(outcomesOf(DECLARATIONS.rfc3986, [octetsOf(text)]), rfc3986, 'RFC 3986');
  });
}

for (const peer of PEERS) {
  test(`URL-6 the declaration of ${peer} says what it was seen to do`, (t) => {
    for (const { name, text, readOtherwise, ...seen } of URL_CASES) {
      const said = saidOf(DECLARATIONS[peer], text);
      if (readOtherwise.includes(peer)) t.not(said, seen[peer], name);
      else t.is(said, seen[peer], name);
    }
  });
}

test('the names of the cases are all different', (t) => {
  t.is(new Set(URL_CASES.map(({ name }) => name)).size, URL_CASES.length);
});

test('URL-2 each case, cut anywhere and octet by octet, comes to the same pools', (t) => {
  for (const { name, text } of URL_CASES) {
    const octets = octetsOf(text);
    const whole = outcomesOf(DECLARATIONS.rfc3986, [octets]);
    const each = [...octets.keys()];
    t.is(outcomesOf(DECLARATIONS.rfc3986, cut(octets, each)), whole, name);
    if (octets.length > 1000) continue;
    for (const at of each) {
      t.is(outcomesOf(DECLARATIONS.rfc3986, cut(octets, [at])), whole, `${name}, at ${at}`);
    }
  }
});

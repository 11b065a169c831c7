import test from 'ava';
import fc from 'fast-check';
import {
  cookieOf,
  isCookieName,
  isCookieValue,
  setCookieOf,
} from '../../../reference/policy/cookie.ts';
import { runs } from '../../runs.ts';

const FIELDS: readonly (readonly [string, string | undefined])[] = [
  ['SRV=a', 'a'],
  ['XSRV=b; SRV=a', 'a'],
  ['SRV=a; XSRV=b', 'a'],
  ['XSRV=a', undefined],
  ['SRVX=a', undefined],
  ['srv=a', undefined],
  ['a=SRV=b', undefined],
  ['SRV', undefined],
  ['x;SRV=b', 'b'],
  ['SRV=', ''],
  ['SRV=a=b', 'a=b'],
  ['SRV="a"', '"a"'],
  ['SRV=a; SRV=b', 'a'],
  [' SRV =\ta ;', 'a'],
  ['\u00a0SRV=a', undefined],
  ['SRV=a\u00a0', 'a\u00a0'],
  ['', undefined],
];

for (const [field, value] of FIELDS) {
  test(`SES-7 in the field «${field}» SRV is ${value === undefined ? 'not there' : JSON.stringify(value)}`, (t) => {
    t.is(cookieOf(field, 'SRV'), value);
  });
}

test('SES-7 a cookie is found by its very name, wherever it stands', (t) => {
  const name = fc.string({
    unit: fc.constantFrom(...'SRVsrvX_-1'.split('')),
    minLength: 1,
    maxLength: 4,
  });
  const value = fc.string({ unit: fc.constantFrom(...'ab01/-'.split('')), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), name, (pairs, wanted) => {
      const field = pairs.map((pair) => pair.join('=')).join('; ');
      t.is(cookieOf(field, wanted), pairs.find(([each]) => each === wanted)?.[1]);
    }),
    runs(300),
  );
});

test('of a Set-Cookie field the first pair is the cookie, the rest are attributes', (t) => {
  t.is(setCookieOf('SID=31d4; Path=/; HttpOnly', 'SID'), '31d4');
  t.is(setCookieOf('SID=31d4; Path=/', 'Path'), undefined);
  t.is(setCookieOf('Other=1', 'SID'), undefined);
});

test('names are tokens, values are what RFC 6265 lets them be', (t) => {
  t.true(isCookieName('__Host-SRV'));
  for (const name of ['', 'a b', 'a=b', 'a;b', 'é']) t.false(isCookieName(name), name);
  t.true(isCookieValue('10.0.0.1:80'));
  for (const value of ['a b', 'a,b', 'a;b', '"a"', 'a\\b', 'é'])
    t.false(isCookieValue(value), value);
});

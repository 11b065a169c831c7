/** A route and the pattern that nginx gets for it: they fit the same paths. */
import test from 'ava';
import fc from 'fast-check';
import { locationLines } from '../../../hardware/nginx/locations.ts';
import { runs } from '../../runs.ts';

/** Letters that mean something to a pattern or to a configuration, and few others. */
const text = fc
  .array(fc.constantFrom(...Array.from(String.raw`ab/.\"'$^*+?()[]{}|;#% `), '\n'), {
    maxLength: 4,
  })
  .map((letters) => letters.join(''));

/** The pattern of a line, as this language writes it: the quotation undone, PCRE's signs replaced. */
function patternIn(line: string): RegExp {
  const quoted = /^location ~ "(.*)" \{ proxy_pass http:\/\/pool; \}$/su.exec(line)?.[1] ?? '';
  const pcre = quoted.replaceAll(/\\([\\"])/gu, '$1');
  return new RegExp(pcre.replace('(?s)', '').replaceAll(String.raw`\z`, '$'), 's');
}

test('a pattern fits what begins, ends and has in it what its route says', (t) => {
  fc.assert(
    fc.property(text, text, text, text, (prefix, suffix, substring, other) => {
      const route = {
        prefix,
        suffix,
        substring,
        pool: { servers: [], choosing: 'random' },
      } as const;
      const [line = ''] = locationLines([{ route, upstream: 'pool' }], 'others');
      const pattern = patternIn(line);
      const paths = [
        prefix + substring + suffix,
        prefix + other + substring + other + suffix,
        prefix,
        suffix,
        other,
        `${prefix}${suffix}${other}`,
        `${prefix}${suffix}\n`,
      ];
      return paths.every((path) => {
        const fits = path.startsWith(prefix) && path.endsWith(suffix) && path.includes(substring);
        return pattern.test(path) === fits;
      });
    }),
    runs(300),
  );
  t.pass();
});

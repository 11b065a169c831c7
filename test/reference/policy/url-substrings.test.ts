import test from 'ava';
import fc from 'fast-check';
import { createSubstringDictionary } from '../../../reference/policy/url-substrings.ts';
import { runs } from '../../runs.ts';

function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom('a', 'b'), minLength, maxLength });
}

test('the texts that are present are those that are somewhere in one of the others', (t) => {
  const known = fc.array(text(1, 7), { maxLength: 20 });
  const others = fc.array(text(0, 14), { maxLength: 3 });
  fc.assert(
    fc.property(known, others, (texts, longer) => {
      const dictionary = createSubstringDictionary();
      for (const each of texts) dictionary.add(each);
      const expected = texts.filter((each) => longer.some((other) => other.includes(each)));
      t.deepEqual([...dictionary.presentIn(longer)].toSorted(), [...new Set(expected)].toSorted());
    }),
    runs(2000),
  );
});

/** ICMP errors by the words of scenarios: which there are, who reports them, what they quote. */
import { defineParameterType } from '@cucumber/cucumber';
import { pattern } from '../../conformance/traffic/segment.ts';
import type { ErrorWords, Quote, Reporter, Sender } from '../../conformance/observe/icmp-error.ts';

/** The second 32 bits of the errors that use them: octets 2 and 3 are an MTU. RFC 1191 section 4. */
const MTU = 1400;
/** Types and the codes of each that a host or a router sends. IANA "ICMP Type Numbers". */
const ERRORS_V4: readonly (readonly [number, number])[] = [
  [3, 15],
  [11, 1],
  [12, 2],
];
const ERRORS_V6: readonly (readonly [number, number])[] = [
  [1, 6],
  [2, 0],
  [3, 1],
  [4, 2],
];
/** Source quench and redirect quote a segment too; nobody has to translate them. RFC 6633. */
const OTHERS_V4: readonly (readonly [number, number])[] = [
  [4, 0],
  [5, 3],
];

function restOf(version: 4 | 6, type: number, code: number): number {
  if (version === 6) return type === 2 ? MTU : type === 4 ? 40 : 0;
  if (type === 3 && code === 4) return MTU;
  return type === 12 ? 0x14_00_00_00 : 0;
}

/** Every error of one IP version, also those that nobody has to translate if `others`. */
export function everyError(version: 4 | 6, others: boolean): readonly ErrorWords[] {
  const types = version === 6 ? ERRORS_V6 : [...ERRORS_V4, ...(others ? OTHERS_V4 : [])];
  return types.flatMap(([type, last]) =>
    Array.from({ length: last + 1 }, (_, code): ErrorWords => {
      return { type, code, rest: restOf(version, type, code) };
    }),
  );
}

/** Quotes by the words of scenarios; 8 octets of TCP are what RFC 792 asks for. */
const QUOTES: Readonly<Record<string, Quote>> = {
  '8 octets': { fields: {}, octets: 8 },
  'the whole header': { fields: {}, octets: 20 },
  'the header and 500 octets': { fields: { payload: pattern(1400) }, octets: 520 },
  'a header with options': {
    fields: {
      options: [{ kind: 'nop' }, { kind: 'nop' }, { kind: 'timestamps', value: 1, echo: 2 }],
      payload: pattern(33),
    },
    octets: 65,
  },
};

/** Who reports an error, and about whose segment. */
export interface Report {
  readonly sender: Sender;
  readonly reporter: Reporter;
}

const REPORTS: Readonly<Record<string, Report>> = {
  'the client': { sender: 'owner', reporter: 'host' },
  'a router near the client': { sender: 'owner', reporter: 'router' },
  'the owner': { sender: 'client', reporter: 'host' },
  'a router near the owner': { sender: 'client', reporter: 'router' },
  'a router in between': { sender: 'client', reporter: 'neighbour' },
};

defineParameterType({
  name: 'reporter',
  regexp:
    /a router near the client|a router near the owner|a router in between|the client|the owner/u,
  useForSnippets: false,
  transformer: (words: string): Report => {
    const report = REPORTS[words];
    if (report === undefined) throw new Error(`nobody who reports is called ${words}`);
    return report;
  },
});

/** The quote that a scenario calls `words`. */
export function quoteByWords(words: string): Quote {
  const quote = QUOTES[words];
  if (quote === undefined) throw new Error(`no quote is called ${words}`);
  return quote;
}

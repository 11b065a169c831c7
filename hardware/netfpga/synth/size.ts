/** The sizes of the core that have a budget. */

/** Parameters of `prism_core`, by their names in Verilog. */
export type Parameters = Readonly<Record<string, number>>;

/** A core to be synthesised. */
export interface Size {
  readonly name: string;
  readonly parameters: Parameters;
}

/** Eight rows for each rule, which has two flows, and a host or two. */
const FLOWS_PER_RULE_LOG2 = 3;
/** Four ways, of which each has 16 bits of the hash. */
const FLOWS_LOG2_MAX = 18;
/** As `prism_core` has it. */
const STATIONS_LOG2 = 12;

function sizeOf(rulesLog2: number, width: number): Size {
  const flowsLog2 = Math.min(rulesLog2 + FLOWS_PER_RULE_LOG2, FLOWS_LOG2_MAX);
  return {
    name: `${2 ** (rulesLog2 - 10)}k-${width}`,
    parameters: {
      DATA_WIDTH: width,
      RULES_LOG2: rulesLog2,
      FLOWS_LOG2: flowsLog2,
      STATIONS_LOG2,
    },
  };
}

/** By rules and bits of a word: SUME has 256 bits, PLUS 512 as it comes and 1024 as built. */
export const SIZES: readonly Size[] = [
  sizeOf(10, 256),
  sizeOf(14, 256),
  sizeOf(16, 256),
  sizeOf(14, 512),
  sizeOf(14, 1024),
];

/** A size that has no budget, for `NAME=NUMBER` words; Error where a word is something else. */
export function sizeOfWords(words: readonly string[]): Size {
  const parameters = words.map((word) => {
    const [, name, value] = /^([A-Z0-9_]+)=(\d+)$/u.exec(word) ?? [];
    if (name === undefined) throw new Error(`${word}: expected NAME=NUMBER`);
    return [name, Number(value)] as const;
  });
  return { name: words.join(' '), parameters: Object.fromEntries(parameters) };
}

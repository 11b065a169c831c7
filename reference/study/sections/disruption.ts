/** What of Maglev's table moves when servers fail, and how other hashes compare. */
import { needlessShare, peakOverMean, survivors } from '../consistency/disruption.ts';
import {
  drawHashes,
  ownersInTable,
  ownersOnRing,
  ringOf,
  spreadByMaglev,
  spreadByModulo,
} from '../consistency/spread.ts';
import { ratioText, type Chart, type Finding, type Section, type Table } from '../passage.ts';

/** Sizes of Maglev's table, both prime. */
const SMALL = 65_537;
const LARGE = 655_373;
const SIZES = [SMALL, LARGE] as const;
const MANY_SERVERS = 1000;
const FAILURES = [1, 10, 50, 100] as const;
/** How many servers the hashes are compared with. */
const FEW_SERVERS = 100;
/** What one server's loss may move where the table has 100 entries for each server. */
const MOST_NEEDLESS = 0.01;

/** What some failures move in a table of one size, as shares of what need not move. */
interface Loss {
  readonly size: number;
  readonly failures: number;
  readonly entries: number;
  readonly keys: number;
}

/** What one failure moves under one hash, and how even the shares of keys are before it. */
interface Rival {
  readonly name: string;
  readonly needless: number;
  readonly peak: number;
}

function lossesOf(size: number, hashes: Uint32Array, seed: number): readonly Loss[] {
  const spread = spreadByMaglev(size);
  const before = spread(survivors(MANY_SERVERS, 0, seed));
  const keysBefore = ownersInTable(before, hashes);
  return FAILURES.map((failures) => {
    const weights = survivors(MANY_SERVERS, failures, seed);
    const after = spread(weights);
    return {
      size,
      failures,
      entries: needlessShare(before, after, weights),
      keys: needlessShare(keysBefore, ownersInTable(after, hashes), weights),
    };
  });
}

function rivalsOf(hashes: Uint32Array, seed: number): readonly Rival[] {
  const maglev = spreadByMaglev(SMALL);
  const owners: Readonly<Record<string, (weights: readonly number[]) => Uint16Array>> = {
    'mod N': (weights) => ownersInTable(spreadByModulo(weights), hashes),
    [`Maglev, M = ${SMALL}`]: (weights) => ownersInTable(maglev(weights), hashes),
    'ring, 160 points': (weights) => ownersOnRing(ringOf(weights), hashes),
  };
  const weights = survivors(FEW_SERVERS, 1, seed);
  return Object.entries(owners).map(([name, ownersFor]) => {
    const before = ownersFor(survivors(FEW_SERVERS, 0, seed));
    const needless = needlessShare(before, ownersFor(weights), weights);
    return { name, needless, peak: peakOverMean(before, FEW_SERVERS) };
  });
}

/** A share of 0 … 1 in per cent, fine enough for what Maglev moves. */
function fineText(share: number): string {
  return (100 * share).toFixed(2);
}

function lossTable(losses: readonly Loss[]): Table {
  const at = (size: number, failures: number): readonly string[] =>
    losses
      .filter((loss) => loss.size === size && loss.failures === failures)
      .flatMap(({ entries, keys }) => [fineText(entries), fineText(keys)]);
  return {
    title: `Moved though they need not, %, of ${MANY_SERVERS} servers`,
    head: ['failed', ...SIZES.flatMap((size) => [`entries, M = ${size}`, `keys, M = ${size}`])],
    rows: FAILURES.map((count) => [String(count), ...SIZES.flatMap((size) => at(size, count))]),
  };
}

function rivalTable(rivals: readonly Rival[]): Table {
  return {
    title: `One of ${FEW_SERVERS} servers fails`,
    head: ['hash', 'keys moved though they need not, %', 'most keys / mean'],
    rows: rivals.map(({ name, needless, peak }) => [name, fineText(needless), ratioText(peak, 1)]),
  };
}

function lossChart(losses: readonly Loss[]): Chart {
  return {
    title: 'Entries that move though they need not',
    kind: 'curve',
    categories: FAILURES.map(String),
    categoryName: `failed servers of ${MANY_SERVERS}`,
    valueName: '% of what need not move',
    series: SIZES.map((size) => ({
      name: `M = ${size}`,
      values: losses
        .filter((loss) => loss.size === size)
        .map(({ entries }) => Number(fineText(entries))),
    })),
  };
}

function findingsOf(losses: readonly Loss[], rivals: readonly Rival[]): readonly Finding[] {
  const entries = (size: number): readonly number[] =>
    losses.filter((loss) => loss.size === size).map((loss) => loss.entries);
  const [one = 0] = entries(LARGE);
  const [modulo, maglev, ring] = rivals;
  const shares = (size: number): string =>
    `M = ${size}: ${entries(size).map(fineText).join(', ')} %`;
  return [
    {
      text: `With ${LARGE} entries for ${MANY_SERVERS} servers one failure moves 1 % of the others’ at most.`,
      holds: one <= MOST_NEEDLESS,
      figures: `${fineText(one)} %`,
    },
    {
      text: 'The larger table moves less, however many servers fail.',
      holds: entries(LARGE).every((share, place) => share < (entries(SMALL)[place] ?? 0)),
      figures: SIZES.map(shares).join('; '),
    },
    {
      text:
        'Mod N moves nearly all keys; Maglev few, and shares them out evenly; a ring none that ' +
        'need not, and its fullest server has more.',
      holds:
        (modulo?.needless ?? 0) > 0.9 &&
        (maglev?.needless ?? 1) <= MOST_NEEDLESS &&
        ring?.needless === 0 &&
        ring.peak > (maglev?.peak ?? 0),
      figures: rivals
        .map(
          ({ name, needless, peak }) => `${name}: ${fineText(needless)} %, ${ratioText(peak, 1)}`,
        )
        .join('; '),
    },
  ];
}

/** Disruption, of table entries and of `keys` keys; `seed` draws keys and failures. */
export function disruption(keys: number, seed: number): Section {
  return {
    clusters: [],
    tell() {
      const hashes = drawHashes(keys, seed);
      const losses = SIZES.flatMap((size) => lossesOf(size, hashes, seed));
      const rivals = rivalsOf(hashes, seed);
      return {
        title: 'Hashes when servers fail',
        text: [
          'When servers fail their keys have to move. What moves besides is counted here: keys, or ' +
            'entries of Maglev’s table, of servers that remain and that have another server ' +
            'afterwards, as a share of all that remaining servers had. Which servers fail is ' +
            `drawn, for ${keys} keys with hashes that are drawn, too.`,
        ],
        findings: findingsOf(losses, rivals),
        tables: [lossTable(losses), rivalTable(rivals)],
        charts: [lossChart(losses)],
      };
    },
  };
}

/** Connections with packets at two servers: by what happens, and by what should prevent it. */
import { membershipEvents, violationsOf, type MembershipEvent } from '../consistency/events.ts';
import { MECHANISMS, type MechanismName } from '../consistency/mechanism.ts';
import { drawHashes } from '../consistency/spread.ts';
import { percentText, type Chart, type Finding, type Section, type Table } from '../passage.ts';

const SERVERS = 100;
const MAGLEV_SIZE = 65_537;
/** How far the share under mod N may be from what is expected. */
const TOLERANCE = 0.01;

/** The violations of one event under each mechanism. */
interface Row {
  readonly event: MembershipEvent;
  readonly counts: Readonly<Record<MechanismName, number>>;
}

function rowsOf(hashes: Uint32Array, seed: number): readonly Row[] {
  const extent = { hashes, servers: SERVERS, maglevSize: MAGLEV_SIZE, seed };
  return membershipEvents(SERVERS).map((event) => {
    const of = (name: MechanismName): number => violationsOf(name, event, extent);
    const counts = {
      'mod N': of('mod N'),
      Maglev: of('Maglev'),
      table: of('table'),
      'table + Maglev': of('table + Maglev'),
      cookie: of('cookie'),
    };
    return { event, counts };
  });
}

function totalsOf(rows: readonly Row[], names: readonly MechanismName[]): string {
  return names
    .map((name) => `${name} ${rows.reduce((sum, { counts }) => sum + counts[name], 0)}`)
    .join(', ');
}

function findingsOf(rows: readonly Row[], connections: number): readonly Finding[] {
  const lossless = rows.filter(({ event }) => !event.forgets);
  const samePool = rows.filter(({ event }) => event.steps.every(({ kind }) => kind !== 'weigh'));
  const added = (rows[0]?.counts['mod N'] ?? 0) / connections;
  const expected = SERVERS / (SERVERS + 1);
  return [
    {
      text: 'With a cookie that names the server none of these events breaks a connection.',
      holds: rows.every(({ counts }) => counts.cookie === 0),
      figures: `all events: ${totalsOf(rows, ['cookie'])}`,
    },
    {
      text: 'With a table alone none breaks, until the table is lost or full.',
      holds: lossless.every(({ counts }) => counts.table === 0),
      figures:
        `no table lost or full: ${totalsOf(lossless, ['table'])}; ` +
        `all events: ${totalsOf(rows, ['table'])}`,
    },
    {
      text:
        'A table with Maglev behind it is never worse than Maglev, and breaks none while the pool ' +
        'stays the same.',
      holds:
        rows.every(({ counts }) => counts['table + Maglev'] <= counts.Maglev) &&
        samePool.every(({ counts }) => counts['table + Maglev'] === 0),
      figures:
        `all events: ${totalsOf(rows, ['Maglev', 'table + Maglev'])}; ` +
        `same pool: ${totalsOf(samePool, ['table + Maglev'])}`,
    },
    {
      text: 'Mod N breaks all but one in N when the Nth server is added.',
      holds: Math.abs(added - expected) <= TOLERANCE,
      figures: `${percentText(added)} %, expected ${percentText(expected)} %`,
    },
  ];
}

function tableOf(rows: readonly Row[], connections: number): Table {
  return {
    title: `Violations among ${connections} connections, ${SERVERS} servers`,
    head: ['event', ...MECHANISMS],
    rows: rows.map(({ event, counts }, place) => [
      `${place + 1}: ${event.name}`,
      ...MECHANISMS.map((name) => String(counts[name])),
    ]),
  };
}

function chartOf(rows: readonly Row[], connections: number): Chart {
  return {
    title: 'Violations',
    kind: 'bar',
    categories: rows.map((_, place) => String(place + 1)),
    categoryName: 'event, as numbered in the table',
    valueName: '% of the connections',
    series: MECHANISMS.map((name) => ({
      name,
      values: rows.map(({ counts }) => Number(percentText(counts[name] / connections))),
    })),
  };
}

/** Violations of per-connection consistency, counted over so many connections that `seed` draws. */
export function consistency(connections: number, seed: number): Section {
  return {
    clusters: [],
    tell() {
      const rows = rowsOf(drawHashes(connections, seed), seed);
      return {
        title: 'Per-connection consistency',
        text: [
          'A violation is an established connection with packets at two servers. Connections are ' +
            'opened, something happens, and each connection sends one more packet; where two ' +
            'things happen, one after each. A connection ends when its own server is removed, and ' +
            'counts no more.',
          'Mod N and Maglev look at a hash and at the pool of the moment. The table remembers the ' +
            'server of each connection; what is not in it is taken for new, and gets a server at ' +
            'random, or Maglev’s. The cookie is in the packet and names the server, which was ' +
            'chosen at random. Where the table is full it has room for three connections of four, ' +
            'and pushes none out; where one of two switches is lost, each had half of them all.',
        ],
        findings: findingsOf(rows, connections),
        tables: [tableOf(rows, connections)],
        charts: [chartOf(rows, connections)],
      };
    },
  };
}

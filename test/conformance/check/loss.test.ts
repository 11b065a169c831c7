/** Captures that lost packets, were cut, or run by another clock blame nobody. */
import test from 'ava';
import fc from 'fast-check';
import { build, parse, type Layer } from 'scapy-ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { createRandom } from '../../../conformance/traffic/random.ts';
import { runs } from '../../runs.ts';
import {
  allFixtures,
  brokenText,
  idsOf,
  judge,
  SPLICE,
  SPLICE_TS,
  throughReference,
  type Captures,
  type Frame,
} from './captures.ts';

const WINDOWS = { ...SPLICE, clientWindow: { in: 7, out: 3 }, ownerWindow: { in: 2, out: 5 } };
const MODES = { HANDOFF: NO_DELTAS, SPLICE, timestamps: SPLICE_TS, windows: WINDOWS } as const;

interface Clean {
  readonly name: string;
  readonly captures: Captures;
}

async function cleanCaptures(): Promise<readonly Clean[]> {
  const fixtures = await allFixtures();
  const all = Object.entries(MODES).flatMap(([mode, deltas]) =>
    fixtures.map(async (fixture) => {
      return { name: `${fixture.name} ${mode}`, captures: await throughReference(fixture, deltas) };
    }),
  );
  return Promise.all(all);
}

const clean = cleanCaptures();

/** The same, from senders that give packets no identification: one witness less. */
function anonymous(frames: readonly Frame[] = []): readonly Frame[] {
  return frames.map((frame) => {
    const layers = parse(frame.octets).layers.map((each): Layer => {
      if (each.kind !== 'ipv4') return each;
      const { checksum: _computed, ...rest } = each;
      return { ...rest, id: 0 };
    });
    return { ...frame, octets: build(layers) };
  });
}

const nameless = clean.then((all) =>
  all.map(({ name, captures: { client, backend } }): Clean => {
    const captures = { client: anonymous(client), backend: anonymous(backend) };
    return { name: `${name}, no identifications`, captures };
  }),
);

/** `frames` without a share of them, by single packets or by bursts. */
function lossy(frames: readonly Frame[], seed: number, share: number, burst: number) {
  const random = createRandom(seed);
  let dropping = 0;
  return frames.filter(() => {
    if (dropping > 0) {
      dropping -= 1;
      return false;
    }
    if (random.below(1000) >= (share * 1000) / burst) return true;
    dropping = burst - 1;
    return false;
  });
}

test('clean captures break nothing, and every segment has its partner', async (t) => {
  for (const { name, captures } of await clean) {
    const result = judge(captures);
    t.is(brokenText(result), '', name);
    t.deepEqual(idsOf(result, 'inconclusive'), [], name);
    t.is(result.captures.client?.alone, 0, name);
    t.true(idsOf(result, 'pass').includes('PRISM-REW-01'), name);
  }
});

test('captures of the client alone break nothing', async (t) => {
  for (const { name, frames } of await allFixtures()) {
    const client = frames.map((octets, index) => ({ octets, timeUs: index * 100 }));
    const result = judge({ client });
    t.is(brokenText(result), '', name);
  }
});

test('lost packets never break anything', async (t) => {
  const all = [...(await clean), ...(await nameless)];
  const property = fc.property(
    fc.nat(all.length - 1),
    fc.integer(),
    fc.constantFrom(0.02, 0.1, 0.3, 0.6),
    fc.constantFrom(1, 1, 4, 15),
    fc.constantFrom('client', 'backend', 'both'),
    (index, seed, share, burst, where) => {
      const each = all[index];
      const { client = [], backend = [] } = each?.captures ?? {};
      const result = judge({
        client: where === 'backend' ? client : lossy(client, seed, share, burst),
        backend: where === 'client' ? backend : lossy(backend, seed + 1, share, burst),
      });
      const text = brokenText(result);
      if (text !== '') throw new Error(`${each?.name}: ${text}`);
    },
  );
  fc.assert(property, runs(600));
  t.pass();
});

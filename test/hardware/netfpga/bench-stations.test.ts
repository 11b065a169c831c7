/** What the core bridges, and where to. */
import test from 'ava';
import { openSmall } from './bench.ts';
import { checkStations } from './checks/stations.ts';

test('stations are learned, forgotten and told apart, and settings have their effect', async (t) => {
  const core = await openSmall(t);
  if (core !== undefined) await checkStations(t, core);
});

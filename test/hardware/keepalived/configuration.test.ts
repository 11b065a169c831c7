/** Two switches in keepalived's words. */
import test from 'ava';
import { canSpeakEvery, configurationOf } from '../../../hardware/keepalived/configuration.ts';
import type { SetupFile } from '../../../hardware/product/setup-file.ts';
import { fileOf, linesBetween, service } from '../product/setups.ts';

const SERVICES = [service(), service({ name: 'other', address: '10.1.0.202' })];

function pairFile(place: 1 | 2, intervalMs = 1000): SetupFile {
  const { setup, ...rest } = fileOf(SERVICES);
  const shared = ['10.1.0.254/24', '10.2.0.254/24'];
  return { ...rest, setup: { ...setup, pair: { intervalMs } }, pair: { place, shared } };
}

test('all addresses are in one instance, so that one of both has all of them', (t) => {
  const text = configurationOf(pairFile(1)) ?? '';
  t.deepEqual(linesBetween(text, 'virtual_ipaddress {', '}').slice(1), [
    '10.1.0.201/32',
    '10.1.0.202/32',
    '10.1.0.254/24',
    '10.2.0.254/24',
  ]);
  t.is(text.match(/vrrp_instance/gu)?.length, 1);
});

test('both say the same but for their priorities, of which that of the first is higher', (t) => {
  const [first, second] = ([1, 2] as const).map((place) => configurationOf(pairFile(place)) ?? '');
  t.not(first, second);
  t.is(first?.replace('priority 254', 'priority 253'), second);
});

test('a switch that is alone is told nothing', (t) => {
  t.is(configurationOf(fileOf(SERVICES)), undefined);
});

test('intervals are hundredths of a second, in 12 bits', (t) => {
  t.true([10, 250, 1000, 40_950].every(canSpeakEvery));
  t.false([0, 5, 1005, 40_960, Number.NaN].some(canSpeakEvery));
});

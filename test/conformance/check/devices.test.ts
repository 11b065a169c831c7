/** `check` on captures of the devices that the suite is measured by: broken ones, and others. */
import test from 'ava';
import { DEFECTS } from '../../../conformance/defects/defects.ts';
import type { Variation } from '../../../conformance/defects/defect.ts';
import { VARIATIONS } from '../../../conformance/defects/variations/variations.ts';
import { NO_DELTAS } from '../../../conformance/driver/deltas.ts';
import { readFixture } from '../../../conformance/drivers/fixture-files.ts';
import { brokenText, idsOf, judge, opened, SPLICE_TS, throughDevice } from './captures.ts';

/** Real connections, small ones, that have what these defects need. */
const FIXTURES = [
  'close/half-close',
  'ecn/ecn',
  'flow/urgent',
  'flow/zero-window',
  'http/keep-alive-three-requests',
  'ipv6/keep-alive',
  'loss/d-sack',
  'loss/sack-four-blocks',
  'loss/sack-of-request',
  'reset/client-reset-mid-response',
  'reset/server-reset',
  'wrap/sack-across-wrap',
] as const;

const WINDOWS = {
  ...SPLICE_TS,
  clientWindow: { in: 7, out: 3 },
  ownerWindow: { in: 2, out: 5 },
};
const MODES = [NO_DELTAS, SPLICE_TS, WINDOWS];

/** Defects that real traffic is enough to show. */
const FOUND = [
  'odd-octet-lost',
  'flow-label-cleared',
  'ecn-cleared',
  'df-cleared-with-payload',
  'ip-id-zeroed-with-df',
  'zero-window-opened',
  'ttl-less-by-two',
  'ipv4-checksum-not-updated',
  'tcp-checksum-off-by-one',
  'tcp-checksum-without-addresses',
  'ipv6-checksum-without-addresses',
  'odd-octet-summed-low',
  'ack-shifted-by-seq-delta',
  'pure-ack-of-owner-not-shifted',
  'handoff-sack-sorted',
  'urgent-pointer-shifted',
  'window-of-fin-not-converted',
  'sack-not-shifted',
  'sack-shifted-by-seq-delta',
  'sack-third-block-kept',
  'sack-fourth-right-edge-kept',
  'sack-right-edges-kept',
  'sack-after-timestamps-kept',
  'd-sack-kept',
  'tsecr-not-shifted',
  'tsval-shifted-by-echo-delta',
  'client-reset-not-shifted',
  'owner-reset-not-shifted',
  'fin-shifted-by-one-more',
] as const;

/** Everything that is broken in captures of a device, and the first finding. */
async function brokenBy(variation: Variation) {
  const ids = new Set<string>();
  let first = '';
  for (const name of FIXTURES) {
    for (const deltas of MODES) {
      const device = opened(variation);
      const { capabilities } = await device.hello();
      if (deltas !== NO_DELTAS && !capabilities.includes('SPLICE')) continue;
      if (deltas === WINDOWS && !capabilities.includes('WS')) continue;
      if (deltas !== NO_DELTAS && !capabilities.includes('TS')) continue;
      const fixture = await readFixture(name);
      if (!fixture.needs.every((need) => capabilities.includes(need))) continue;
      const result = judge(await throughDevice(device, fixture, deltas));
      for (const id of idsOf(result, 'fail')) ids.add(id);
      if (first === '') first = brokenText(result);
    }
  }
  return { ids: [...ids], first };
}

test('correct devices, however different, are blamed for nothing', async (t) => {
  t.timeout(300_000);
  for (const variation of VARIATIONS) {
    const { ids, first } = await brokenBy(variation);
    t.deepEqual(ids, [], `${variation.name}: ${first}`);
  }
});

for (const name of FOUND) {
  const defect = DEFECTS.find((each) => each.name === name);
  test(`${defect?.breaks ?? 'unknown'}: ${defect?.sentence ?? name}`, async (t) => {
    t.timeout(300_000);
    if (defect === undefined) {
      t.fail(`no defect is called ${name}`);
      return;
    }
    const { ids, first } = await brokenBy(defect);
    t.true(ids.includes(defect.breaks), `${ids.join(' ')} ${first}`);
  });
}

/** A defect of the counters counts what its sentence says, and all else as the device does. */
import test from 'ava';
import { DEFECTS } from '../../../conformance/defects/defects.ts';
import type { Device } from '../../../conformance/driver/device.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { pattern, type SegmentFields } from '../../../conformance/traffic/segment.ts';
import { fromClient, ruleWith } from '../bed.ts';

const RULE = ruleWith();
const CLIENT_PORT = 0;
const LONGER: SegmentFields = { payload: pattern(1) };
const WITH_OPTIONS: SegmentFields = { ipv4: { options: [{ kind: 'routerAlert', value: 0 }] } };

interface Sample {
  readonly name: string;
  readonly what: string;
  readonly locked: boolean;
  readonly sent: readonly SegmentFields[];
  /** What the device counts with the defect, and without. */
  readonly counted: readonly [number, number];
}

const SAMPLES: readonly Sample[] = [
  {
    name: 'stopped-segments-counted',
    what: 'segments that a lock stops',
    locked: true,
    sent: [{}, LONGER],
    counted: [2, 0],
  },
  {
    name: 'stopped-segments-counted',
    what: 'no others',
    locked: false,
    sent: [{}, LONGER],
    counted: [2, 2],
  },
  {
    name: 'exceptions-counted',
    what: 'a segment behind IPv4 options',
    locked: false,
    sent: [WITH_OPTIONS, LONGER],
    counted: [2, 1],
  },
  {
    name: 'count-lost-in-a-burst',
    what: 'one of three in a row less for each that follows another',
    locked: false,
    sent: [{}, {}, {}],
    counted: [1, 3],
  },
  {
    name: 'count-lost-in-a-burst',
    what: 'all where longer ones stand between',
    locked: false,
    sent: [{}, LONGER, {}, LONGER],
    counted: [4, 4],
  },
];

async function countedBy(device: Device, { locked, sent }: Sample): Promise<number | undefined> {
  await device.reset();
  await device.command({ op: 'add', rule: { ...RULE, locked }, epoch: 1 });
  await device.inject(
    sent.map((fields) => ({ port: CLIENT_PORT, frame: fromClient(RULE, fields) })),
  );
  return (await device.rules())[0]?.clientFrames;
}

for (const sample of SAMPLES) {
  const { name, what, counted } = sample;
  test(`${name} counts ${what}`, async (t) => {
    const defect = DEFECTS.find((each) => each.name === name);
    if (defect === undefined) throw new Error(`no defect is called ${name}`);
    const base = openInProcess(defect.base);
    t.deepEqual(
      [await countedBy(defect.apply(base), sample), await countedBy(base, sample)],
      counted,
    );
  });
}

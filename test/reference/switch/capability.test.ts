import test from 'ava';
import { build } from 'scapy-ts';
import { CAPABILITIES } from '../../../reference/switch/config.ts';
import { AT, BACKEND, CLIENT, createBed, HANDOFF, segment, VIRTUAL, without } from '../bed.ts';

// What a lacking capability takes away is said where it is tested; this is what it leaves.
for (const lacking of [[], ...CAPABILITIES.map((each) => [each]), CAPABILITIES]) {
  const name = lacking.length === CAPABILITIES.length ? 'all capabilities' : lacking.join();
  test(`PRISM-REW-01 without ${name || 'nothing'} plain segments are rewritten`, (t) => {
    const bed = createBed({ capabilities: without(...lacking) });
    t.true(bed.tell({ op: 'add', rule: HANDOFF, epoch: 1 }).ok);
    const forth = bed.send(build(segment(CLIENT, VIRTUAL)));
    const back = bed.send(build(segment(BACKEND, CLIENT)), BACKEND);
    t.deepEqual(
      [...forth, ...back].map(({ port }) => port),
      [AT.backend, AT.client],
    );
  });
}

/** Stories of any kind: what no correct server switch fails by, and what finds one that is not. */
import test from 'ava';
import { TCP_FLAG } from 'scapy-ts';
import { execute } from '../../../conformance/cli/execute.ts';
import { readFeatures } from '../../../conformance/cli/suite.ts';
import {
  openBalancerSim,
  type BalancerAlteration,
} from '../../../conformance/drivers/balancer-sim/balancer-sim.ts';
import {
  changed,
  leaving,
  towards,
} from '../../../conformance/drivers/balancer-sim/defects/around.ts';
import {
  BALANCER_DEFECTS,
  HASHING,
} from '../../../conformance/drivers/balancer-sim/defects/defects.ts';
import {
  closeBalancerSession,
  openBalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import { readScenarios, scenariosFor } from '../../../conformance/run/plan.ts';
import type { ProcessEffect } from '../../../reference/sim/network/process.ts';

const SCENARIOS = scenariosFor('balancer', readScenarios(readFeatures())).filter(({ uri }) =>
  uri.endsWith('/any-story.feature'),
);

/** The requirements that a switch fails in any story, each with what was observed. */
async function failuresOf(
  alteration: BalancerAlteration,
  ids: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const options = { seed: 1, effort: 1, evidence: false };
  await openBalancerSession(openBalancerSim(alteration), options);
  const failures = new Map<string, string>();
  const scenarios = SCENARIOS.filter(
    ({ requirements: [id = ''] }) => ids.length === 0 || ids.includes(id),
  );
  try {
    await execute({
      scenarios,
      onResult({ requirements: [id = ''], verdict, fault, observed = '' }): void {
        if (fault !== undefined) throw new Error(fault);
        if (verdict.kind === 'fail') failures.set(id, observed);
      },
    });
  } finally {
    await closeBalancerSession();
  }
  return failures;
}

for (const [name, ids] of [
  ['turns-per-segment', ['PRISM-SLB-01', 'PRISM-SLB-05']],
  ['chooses-again', ['PRISM-SLB-01']],
  ['lowers-window', ['PRISM-SLB-02', 'PRISM-DSR-01', 'PRISM-DSR-07']],
  ['keeps-ttl', ['PRISM-SLB-02', 'PRISM-SLB-03']],
  ['clamps-mss', ['PRISM-SLB-02']],
  ['takes-what-cannot-be', ['PRISM-SLB-02']],
  ['leaks-server', ['PRISM-SLB-03', 'PRISM-SLB-05']],
  ['leaks-server-port', ['PRISM-SLB-03']],
  ['miscounts-odd-segments', ['PRISM-SLB-04']],
  ['refuses-used-ports', ['PRISM-SLB-05']],
  ['routes-what-it-bridges', ['PRISM-DSR-01']],
  ['stays-in-the-middle', ['PRISM-DSR-01']],
  ['rewrites-in-the-tunnel', ['PRISM-DSR-07']],
] as const) {
  test.serial(`${name} is found by any story about ${ids.join(', ')}`, async (t) => {
    const defect = BALANCER_DEFECTS.find((each) => each.name === name);
    if (defect === undefined) throw new Error(`no defect is called ${name}`);
    const failures = await failuresOf(defect, ids);
    t.deepEqual([...failures.keys()].toSorted(), [...ids].toSorted());
    for (const observed of failures.values())
      t.regex(observed, /the smallest failure found, seed 1$/u);
  });
}

test.serial('what comes twice is found on its way to servers, and to clients', async (t) => {
  const doubling: BalancerAlteration = {
    wrap: () => (process) => ({
      nextAtNs: process.nextAtNs,
      step: (event, nowNs) =>
        process.step(event, nowNs).flatMap((each): readonly ProcessEffect[] => [each, each]),
    }),
  };
  const failures = await failuresOf(doubling, ['PRISM-SLB-02', 'PRISM-SLB-03']);
  t.deepEqual([...failures.keys()], ['PRISM-SLB-02', 'PRISM-SLB-03']);
  for (const observed of failures.values()) t.regex(observed, /once more/u);
});

test.serial('strays that are carried are found where a RST is declared', async (t) => {
  const failures = await failuresOf({ ...HASHING, choices: {} }, ['PRISM-SLB-07']);
  t.deepEqual([...failures.keys()], ['PRISM-SLB-07']);
});

test.serial('what a server says to the wrong client is found', async (t) => {
  const wrap: BalancerAlteration['wrap'] = () =>
    leaving(({ octets, isInbound, tcp }) =>
      isInbound || tcp === undefined ? octets : changed(octets, { tcp: { dstPort: 39_999 } }),
    );
  const failures = await failuresOf({ wrap }, ['PRISM-SLB-05']);
  t.deepEqual([...failures.keys()], ['PRISM-SLB-05']);
});

test.serial('an answer that never comes is found, though its client is connected', async (t) => {
  const wrap: BalancerAlteration['wrap'] = () =>
    leaving(({ octets, isInbound }) => (isInbound || octets.length < 200 ? octets : undefined));
  const failures = await failuresOf({ wrap }, ['PRISM-SLB-05']);
  t.regex(failures.get('PRISM-SLB-05') ?? '', /: 0 octets, open\n/u);
});

test.serial('what reaches a server that is in no pool is found', async (t) => {
  const wrap: BalancerAlteration['wrap'] = () =>
    leaving(({ octets, isInbound, tcp }) => {
      const isData = isInbound && tcp !== undefined && octets.length > 200;
      return isData ? changed(octets, towards(3)) : octets;
    });
  const failures = await failuresOf({ wrap, claims: ['NAT'] }, ['PRISM-SLB-02', 'PRISM-SLB-05']);
  t.deepEqual([...failures.keys()], ['PRISM-SLB-05']);
});

test.serial('connections that move when the pool changes are found', async (t) => {
  let setups = 0;
  const moving: BalancerAlteration = {
    options(options) {
      setups += 1;
      return options;
    },
    wrap() {
      setups = 0;
      return leaving(({ octets, isInbound, tcp }) => {
        const isLater = isInbound && tcp !== undefined && (tcp.flags & TCP_FLAG.SYN) === 0;
        return isLater && setups > 1 ? changed(octets, towards(setups)) : octets;
      });
    },
  };
  const failures = await failuresOf(moving, ['PRISM-SLB-01', 'PRISM-SLB-05']);
  t.deepEqual([...failures.keys()], ['PRISM-SLB-01', 'PRISM-SLB-05']);
  for (const observed of failures.values()) t.regex(observed, /"changes":\[\{/u);
});

test.serial('a switch that hashes strays, and declares it, passes', async (t) => {
  t.deepEqual([...(await failuresOf(HASHING))], []);
});

test.serial('one that claims direct return alone is told stories with that', async (t) => {
  const alteration = BALANCER_DEFECTS.find(({ name }) => name === 'turns-per-segment');
  const failures = await failuresOf({ ...alteration, claims: ['DSR'] });
  t.true(failures.has('PRISM-DSR-01'));
  for (const observed of failures.values()) t.regex(observed, /"mode":"dsr"/u);
});

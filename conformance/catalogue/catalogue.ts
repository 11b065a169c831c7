/** All requirements, in the order of the reports, and how to find one. */
import { acl } from './acl.ts';
import { ctrl } from './ctrl.ts';
import { dsr } from './dsr.ts';
import { fin } from './fin.ts';
import { fwd } from './fwd.ts';
import { ha } from './ha.ts';
import { hc } from './hc.ts';
import { lard } from './lard.ts';
import { mig } from './mig.ts';
import { perf } from './perf.ts';
import { pipe } from './pipe.ts';
import { pol } from './pol.ts';
import { qos } from './qos.ts';
import type { Requirement, RequirementGroup } from './requirement.ts';
import { rew } from './rew.ts';
import { rst } from './rst.ts';
import { rule } from './rule.ts';
import { sec } from './sec.ts';
import { seq } from './seq.ts';
import { ses } from './ses.ts';
import { slb } from './slb.ts';
import { url } from './url.ts';
import { vip } from './vip.ts';

/** The groups, in the order of the reports. */
export const groups: readonly RequirementGroup[] = [
  rew,
  seq,
  rule,
  mig,
  pipe,
  rst,
  fin,
  ctrl,
  fwd,
  sec,
  perf,
  slb,
  pol,
  hc,
  ses,
  url,
  lard,
  dsr,
  acl,
  qos,
  vip,
  ha,
];

/** Every requirement, by group and number. */
export const requirements: readonly Requirement[] = groups.flatMap((group) => group.requirements);

const byId: ReadonlyMap<string, Requirement> = new Map(
  requirements.map((requirement) => [requirement.id, requirement]),
);

/** The requirement of this id, as in `PRISM-RULE-07`; undefined if there is none. */
export function requirementOf(id: string): Requirement | undefined {
  return byId.get(id);
}

/** The requirements that cite `source`: an RFC (`RFC9293`), a section and its parts, or a name. */
export function requirementsFrom(source: string): readonly Requirement[] {
  return requirements.filter(({ sources }) =>
    sources.some(
      ({ ref }) => ref === source || ref.startsWith(`${source}/`) || ref.startsWith(`${source}.`),
    ),
  );
}

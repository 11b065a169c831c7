/** The ports of the switch in a simulated Prism, tapped and judged by captures alone. */
import { createCheck, type CheckResult } from '../../../conformance/check/check.ts';
import type { CaptureName } from '../../../conformance/check/seen.ts';
import type { Sighting } from '../../../reference/sim/network/link.ts';
import { findViolation, type Schedule } from '../../reference/sim/schedule.ts';

const ETHERNET = 1;

/** The capture to which a frame at the switch belongs; messages belong to none. */
function captureOf({ what, from, to, port }: Sighting): CaptureName | undefined {
  if (port === undefined || what === 'lost') return undefined;
  const other =
    what === 'sent' && from === 'switch' ? to : what === 'arrived' && to === 'switch' ? from : '';
  if (other.startsWith('client')) return 'client';
  if (other === 'controller') return 'controller';
  return other === 'b1' || other === 'b2' ? 'backend' : undefined;
}

/** What three captures at the switch show of a schedule. */
export function judgeSchedule(schedule: Schedule): CheckResult {
  const check = createCheck(['client', 'backend', 'controller']);
  const violation = findViolation(schedule, (sighting) => {
    const capture = captureOf(sighting);
    if (capture === undefined) return;
    const { octets, atNs } = sighting;
    const packet = {
      interfaceId: 0,
      seconds: Math.floor(atNs / 1e9),
      nanoseconds: Math.round(atNs % 1e9),
      octets: octets.slice(),
      originalLength: octets.length,
      comments: [],
    };
    check.take(capture, packet, ETHERNET);
  });
  if (violation !== undefined) throw new Error(violation);
  return check.end();
}

/** What a result blames, in one line each. */
export function blameIn({ judgements }: CheckResult): readonly string[] {
  return judgements
    .filter(({ verdict }) => verdict?.kind === 'fail')
    .map(({ requirement, findings }) => `${requirement.id}: ${JSON.stringify(findings[0])}`);
}

/** Follows a client's segments from owner to owner. */
import type { Client, InferredRule } from './connection.ts';
import { beginOwner, compareEdges, followGap, windowEdge } from './handover.ts';
import type { Bench } from './pair.ts';
import type { Seen } from './seen.ts';
import { addStep, beginTrail, judgeTrail, type Followed } from './trail.ts';

/** Whether another owner has spoken to the client before the segment `near`. */
function spokeBefore(rule: InferredRule, near: Seen): boolean {
  return rule.connection.rules.some(
    (other) => other !== rule && other.toClient.pairs > 0 && other.toClient.firstOut < near.frame,
  );
}

/** Notes which way a pair took; from the second rule of a client on it is judged. */
export function follow(followed: Followed, bench: Bench): void {
  const { near, far, rule, direction, sure } = followed;
  const { connection } = rule;
  const { client } = connection;
  const { trail, last } = client[direction];
  if (client.rules > 1) {
    if (trail.steps.length === 0 && last.rule !== undefined) beginTrail(trail, last);
    addStep(trail, followed);
    judgeTrail(trail, direction, bench, false);
    if (direction === 'toClient' && sure) {
      const isOther = last.rule !== rule && last.rule?.connection === connection;
      if (isOther && near.frame > last.near) compareEdges(last, near, rule, bench);
      const isFirst = near.length > 0 && rule.toClient.payloads === 1;
      if (isFirst && spokeBefore(rule, near)) beginOwner(near, far, rule, bench);
    }
  }
  if (connection.gap !== undefined) followGap(connection.gap, near, rule, bench);
  last.rule = rule;
  last.timeUs = near.timeUs;
  last.near = near.frame;
  last.far = far.frame;
  last.hasPayload = near.length > 0;
  last.edge = direction === 'toClient' && sure ? windowEdge(near, connection) : undefined;
}

/** Judges the ways that a client's segments took, to the end. */
export function endTrails(client: Client, bench: Bench): void {
  for (const direction of ['toOwner', 'toClient'] as const) {
    judgeTrail(client[direction].trail, direction, bench, true);
  }
}

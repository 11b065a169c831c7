/**
 * A change of owner as the client sees it: the stream goes on at the very next octet, and the
 * window does not move back.
 *
 * What the network loses the old owner has sent, and the new one sends again. So octets that are
 * missing before the first of a new owner are held against it only when it shows that it does not
 * have them: it repeats itself, and not them, although the client keeps asking for them.
 */
import type { Connection, InferredRule, LastPair } from './connection.ts';
import { lacksFrom } from './coverage.ts';
import { at, type FrameReference } from './ledger.ts';
import { describeConnection, type Bench } from './pair.ts';
import { FLAG, has, type Seen } from './seen.ts';

/** Octets that are missing before the first ones of a new owner, in the client's numbers. */
export interface Gap {
  readonly rule: InferredRule;
  /** The octet that the client expects, and the one that came. */
  readonly from: number;
  readonly to: number;
  readonly timeUs: number;
  readonly frames: readonly FrameReference[];
  /** Late acknowledgments that still expect it, and late repetitions of what came instead. */
  asked: number;
  repeated: number;
}

/** Any owner has had time enough to send what is missing. */
const LATE_US = 1e6;
const MIN_REPEATED = 2;

/** The unit of the server's window in octets; undefined when it was not captured. */
function windowUnit({ watch }: Connection): number | undefined {
  const { clientOffer, serverOffer, unclear } = watch;
  if (clientOffer === undefined || serverOffer === undefined || unclear) return undefined;
  const scaled = clientOffer.windowScale >= 0 && serverOffer.windowScale >= 0;
  return scaled ? 2 ** Math.min(serverOffer.windowScale, 14) : 1;
}

/** The right edge of the window that a segment to the client offers. RFC 9293 section 3.8.6. */
export function windowEdge(near: Seen, connection: Connection): number | undefined {
  const unit = windowUnit(connection);
  if (unit === undefined || !has(near, FLAG.ack) || (near.flags & (FLAG.rst | FLAG.syn)) !== 0) {
    return undefined;
  }
  return (near.ack + near.window * unit) | 0;
}

/** The first segment of a new owner offers no less than the last one of the old owner did. */
export function compareEdges(
  last: LastPair,
  near: Seen,
  rule: InferredRule,
  { ledger, book }: Bench,
): void {
  const unit = windowUnit(rule.connection);
  const edge = windowEdge(near, rule.connection);
  if (unit === undefined || edge === undefined || last.edge === undefined) return;
  const moved = (edge - last.edge) | 0;
  if (moved >= 0) ledger.kept['PRISM-SEQ-14'] += 1;
  // RFC 7323 section 2.4: less than a unit of the scale cannot always be avoided.
  if (moved > -unit) return;
  ledger.broken({
    requirement: 'PRISM-SEQ-14',
    connection: describeConnection({ rule }, book),
    field: 'tcp.ack + window',
    expected: `at least ${last.edge >>> 0}, as the old owner offered`,
    observed: `${edge >>> 0} from the new one`,
    frames: [{ capture: 'client', frame: last.near }, at(near)],
  });
}

/** Judges the first octets of a new owner. */
export function beginOwner(near: Seen, far: Seen, rule: InferredRule, bench: Bench): void {
  const { ledger, book } = bench;
  const { connection } = rule;
  const frames = [at(near), at(far)];
  if (near.differs) {
    ledger.broken({
      requirement: 'PRISM-SEQ-15',
      connection: describeConnection({ rule }, book),
      field: 'payload',
      expected: 'new octets at the sequence number that the client expects next',
      observed: `other octets than the old owner's, at ${near.seq >>> 0}`,
      frames,
    });
  } else if (near.ahead === 0) {
    ledger.kept['PRISM-SEQ-15'] += 1;
  } else if (near.ahead !== undefined && near.ahead > 0) {
    const [from, to] = [(near.seq - near.ahead) | 0, near.seq];
    connection.gap = { rule, from, to, timeUs: near.timeUs, frames, asked: 0, repeated: 0 };
  }
}

/** Follows a gap with a pair of its connection. */
export function followGap(gap: Gap, near: Seen, rule: InferredRule, bench: Bench): void {
  const { connection } = rule;
  const { ledger, book } = bench;
  const acknowledged = connection.watch.clientAck;
  if (acknowledged !== undefined && ((acknowledged - gap.from) | 0) > 0) {
    connection.gap = undefined;
    ledger.doubt('PRISM-SEQ-15', 'capture-loss');
    return;
  }
  if (rule !== gap.rule || !lacksFrom(connection.coverage.toClient, gap.from)) {
    connection.gap = undefined;
    return;
  }
  if (near.timeUs < gap.timeUs + LATE_US) return;
  const isAnswer = near.source === connection.virtual;
  if (!isAnswer && has(near, FLAG.ack)) gap.asked += 1;
  if (!isAnswer || near.length === 0 || near.seq !== gap.to || gap.asked === 0) return;
  gap.repeated += 1;
  if (gap.repeated < MIN_REPEATED) return;
  connection.gap = undefined;
  ledger.broken({
    requirement: 'PRISM-SEQ-15',
    connection: describeConnection({ rule }, book),
    field: 'tcp.seq',
    expected: `${gap.from >>> 0}, which the client expects next`,
    observed: `${gap.to >>> 0}, again and again, and nothing before it`,
    frames: [...gap.frames, at(near)],
  });
}

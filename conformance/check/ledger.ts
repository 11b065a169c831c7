/**
 * What the captures say of each requirement: how often it was seen kept, what broke it, and what
 * stands in the way of saying either.
 */
import { requirementOf } from '../catalogue/catalogue.ts';
import type { Requirement } from '../catalogue/requirement.ts';
import { FAIL, PASS, type Verdict } from '../verdict/verdict.ts';
import type { CaptureName, Seen } from './seen.ts';

/** The requirements that captures can be evidence of, in the order of the catalogue. */
const CHECKED = [
  'PRISM-REW-01',
  'PRISM-REW-02',
  'PRISM-REW-03',
  'PRISM-REW-04',
  'PRISM-REW-05',
  'PRISM-REW-06',
  'PRISM-REW-07',
  'PRISM-REW-08',
  'PRISM-REW-09',
  'PRISM-REW-10',
  'PRISM-REW-11',
  'PRISM-REW-12',
  'PRISM-REW-13',
  'PRISM-REW-14',
  'PRISM-REW-15',
  'PRISM-REW-18',
  'PRISM-SEQ-01',
  'PRISM-SEQ-03',
  'PRISM-SEQ-04',
  'PRISM-SEQ-05',
  'PRISM-SEQ-06',
  'PRISM-SEQ-07',
  'PRISM-SEQ-08',
  'PRISM-SEQ-09',
  'PRISM-SEQ-10',
  'PRISM-SEQ-11',
  'PRISM-SEQ-12',
  'PRISM-SEQ-14',
  'PRISM-SEQ-15',
  'PRISM-RULE-02',
  'PRISM-RULE-04',
  'PRISM-MIG-01',
  'PRISM-MIG-04',
  'PRISM-MIG-05',
  'PRISM-MIG-08',
  'PRISM-MIG-09',
  'PRISM-PIPE-01',
  'PRISM-PIPE-07',
  'PRISM-RST-01',
  'PRISM-RST-02',
  'PRISM-RST-04',
  'PRISM-RST-08',
  'PRISM-RST-10',
  'PRISM-FIN-01',
  'PRISM-FIN-02',
  'PRISM-FIN-03',
  'PRISM-FIN-06',
  'PRISM-CTRL-04',
  'PRISM-FWD-01',
  'PRISM-FWD-04',
  'PRISM-FWD-05',
  'PRISM-FWD-06',
  'PRISM-FWD-07',
  'PRISM-FWD-08',
  'PRISM-FWD-10',
  'PRISM-FWD-11',
  'PRISM-FWD-13',
] as const;
/** A requirement that captures can be evidence of. */
export type CheckedId = (typeof CHECKED)[number];

/** Why a requirement stays open although the captures speak of it. */
export type Doubt =
  | 'offload'
  | 'capture-loss'
  | 'truncated'
  | 'tags-stripped'
  | 'unsettled'
  | 'one-sided'
  | 'no-partner'
  | 'duplicated-capture';

/** A frame that shows something. */
export interface FrameReference {
  readonly capture: CaptureName;
  /** From 1, as Wireshark counts. */
  readonly frame: number;
}

/** One breach of a requirement, in words for people. */
export interface CheckFinding {
  readonly requirement: CheckedId;
  /** `192.0.2.10:40000 > 198.51.100.1:80`, and the owner where it matters. */
  readonly connection: string;
  readonly field: string;
  readonly expected: string;
  readonly observed: string;
  readonly frames: readonly FrameReference[];
}

/** What one requirement came to. */
export interface Judgement {
  readonly requirement: Requirement;
  /** Undefined: the captures do not exercise it. */
  readonly verdict: Verdict | undefined;
  /** How often it was seen kept, broken, and open for each reason. */
  readonly kept: number;
  readonly broken: number;
  readonly doubts: Readonly<Partial<Record<Doubt, number>>>;
  /** The first of what broke it. */
  readonly findings: readonly CheckFinding[];
}

/** Collects evidence; constant in size. */
export interface Ledger {
  /** Counted up directly: this is done a dozen times a packet. */
  readonly kept: Record<CheckedId, number>;
  readonly broken: (finding: CheckFinding) => void;
  readonly doubt: (id: CheckedId, reason: Doubt, times?: number) => void;
  readonly judgements: () => readonly Judgement[];
}

/** How many findings of one requirement are told. */
const MAX_FINDINGS = 20;

/** The place of a segment in its capture. */
export function at(seen: Seen): FrameReference {
  return { capture: seen.capture, frame: seen.frame };
}

function verdictOf(
  kept: number,
  broken: number,
  doubts: ReadonlyMap<Doubt, number>,
): Verdict | undefined {
  if (broken > 0) return FAIL;
  const [reason] = [...doubts].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  if (reason !== undefined) return { kind: 'inconclusive', reason };
  return kept > 0 ? PASS : undefined;
}

function requirement(id: CheckedId): Requirement {
  const found = requirementOf(id);
  if (found === undefined) throw new Error(`the catalogue has no ${id}`);
  return found;
}

function zeros(): Record<CheckedId, number> {
  const counts: Partial<Record<CheckedId, number>> = {};
  for (const id of CHECKED) counts[id] = 0;
  const whole = (all: typeof counts): all is Record<CheckedId, number> =>
    CHECKED.every((id) => all[id] === 0);
  if (!whole(counts)) throw new Error('a requirement has no count');
  return counts;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  const kept = zeros();
  const totals = zeros();
  const findings = new Map<CheckedId, CheckFinding[]>();
  const doubts = new Map<CheckedId, Map<Doubt, number>>();

  function broken(finding: CheckFinding): void {
    totals[finding.requirement] += 1;
    const told = findings.get(finding.requirement) ?? [];
    if (told.length < MAX_FINDINGS) told.push(finding);
    findings.set(finding.requirement, told);
  }

  function doubt(id: CheckedId, reason: Doubt, times = 1): void {
    const reasons = doubts.get(id) ?? new Map<Doubt, number>();
    reasons.set(reason, (reasons.get(reason) ?? 0) + times);
    doubts.set(id, reasons);
  }

  function judgements(): readonly Judgement[] {
    return CHECKED.map((id): Judgement => {
      const reasons = doubts.get(id) ?? new Map<Doubt, number>();
      return {
        requirement: requirement(id),
        verdict: verdictOf(kept[id], totals[id], reasons),
        kept: kept[id],
        broken: totals[id],
        doubts: Object.fromEntries(reasons),
        findings: findings.get(id) ?? [],
      };
    });
  }

  return { kept, broken, doubt, judgements };
}

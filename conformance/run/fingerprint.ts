/**
 * What makes one failure the same failure as another: requirement, field and direction.
 *
 *   PRISM-SEQ-04 client-to-owner tcp.options.sack
 *   PRISM-RULE-15 - N frames leave, at the controller
 *
 * It holds for every seed: numbers, places in a list and values stay out of it.
 */
import type { Result } from 'scapy-ts';
import { homesOf, type Aspect } from '../observe/aspect.ts';
import type { Direction } from '../observe/translate.ts';
import { formatVerdict, type Verdict } from '../verdict/verdict.ts';
import type { BrokenRequirement, Fault } from './evidence.ts';

/** Which failure it was. */
export interface Fingerprint {
  readonly requirement: string;
  /** The field that was wrong; the step that failed where it looked at no field of a frame. */
  readonly field: string;
  readonly direction?: Direction;
}

/** What a fingerprint is taken of: the result of a scenario, or as much of it as is known. */
export interface Fingerprinted {
  readonly requirements: readonly string[];
  readonly verdict: Verdict;
  readonly step?: string;
  readonly faults: readonly Fault[];
  readonly broken: readonly BrokenRequirement[];
}

/** In a fingerprint's text, the direction of a failure that has none. */
const NO_DIRECTION = '-';

/** What tells two failures apart that are about the same field. */
const KIND_OF_ASPECT: Partial<Readonly<Record<Aspect, string>>> = {
  duplicate: 'duplicate',
  port: 'unexpected',
  sack: 'sack',
  timestamps: 'timestamps',
  'repaired-checksum': 'repaired',
  'canonical-checksum': 'canonical',
};

/** The field of a fault without its place in a list, e.g. `tcp.options.sack`. */
function fieldName({ aspect, field }: Pick<Fault, 'aspect' | 'field'>): string {
  const kind = KIND_OF_ASPECT[aspect];
  return [field.replaceAll(/\[\d+\]/gu, ''), ...(kind === undefined ? [] : [kind])].join('.');
}

/** A step's text without what may differ from row to row of an outline. */
function stepName(step: string): string {
  return step
    .replaceAll(/"[^"]*"/gu, '…')
    .replaceAll(/0x[0-9a-f]+|\d+/giu, 'N')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Own faults first, then by name: which of them was met first depends on the seed. */
function compareFaults(a: Fault, b: Fault): number {
  return (
    Number(b.own) - Number(a.own) ||
    compareText(fieldName(a), fieldName(b)) ||
    compareText(a.direction ?? '', b.direction ?? '')
  );
}

/** What `result` blames on `requirement`; undefined when it says nothing of requirements. */
function blamedOn(
  { broken, requirements }: Fingerprinted,
  requirement: string,
): readonly BrokenRequirement[] | undefined {
  const own = broken.filter((each) => each.requirement === requirement);
  if (own.length > 0) return own;
  const [stray = broken[0]] = broken.filter((each) => !requirements.includes(each.requirement));
  return stray === undefined ? undefined : [stray];
}

/** The faults that `result` blames on `requirement`. */
function faultsFor(result: Fingerprinted, requirement: string): readonly Fault[] {
  const blamed = blamedOn(result, requirement);
  if (blamed === undefined) return result.faults;
  return result.faults.filter(({ field, direction }) =>
    blamed.some((each) => each.field === field && each.direction === direction),
  );
}

function fingerprintOfFault(fault: Fault, requirement: string): Fingerprint {
  const { direction } = fault;
  const field = fieldName(fault);
  return direction === undefined ? { requirement, field } : { requirement, field, direction };
}

/** The fingerprint of a result that is not a pass, as a verdict on `requirement`. */
export function fingerprintOf(result: Fingerprinted, requirement: string): Fingerprint {
  const { verdict, step = 'no step' } = result;
  if (verdict.kind !== 'fail') return { requirement, field: formatVerdict(verdict) };
  const [fault] = faultsFor(result, requirement).toSorted(compareFaults);
  if (fault === undefined) return { requirement, field: stepName(step) };
  return fingerprintOfFault(fault, requirement);
}

/**
 * Every failure of `requirement` that a failed result tells of, that of `fingerprintOf` among them.
 *
 * One scenario may meet several; to know one of them is not to know the others.
 */
export function fingerprintsOf(result: Fingerprinted, requirement: string): readonly Fingerprint[] {
  const met = result.faults.filter(({ aspect }) => homesOf(aspect).includes(requirement));
  const all = [...new Set([...faultsFor(result, requirement), ...met])];
  if (all.length === 0) return [fingerprintOf(result, requirement)];
  return all.toSorted(compareFaults).map((fault) => fingerprintOfFault(fault, requirement));
}

/** Whether a fault, or a finding, is what `fingerprint` says was wrong. */
export function isFaultOf(
  fault: Pick<Fault, 'aspect' | 'field' | 'direction'>,
  { field, direction }: Fingerprint,
): boolean {
  return fieldName(fault) === field && fault.direction === direction;
}

/** One line: requirement, direction or `-`, field. */
export function formatFingerprint({ requirement, field, direction }: Fingerprint): string {
  return `${requirement} ${direction ?? NO_DIRECTION} ${field}`;
}

/** Reads what `formatFingerprint` writes; the error is a sentence that says what was expected. */
export function parseFingerprint(text: string): Result<Fingerprint, string> {
  const parts =
    /^(?<requirement>PRISM-[A-Z]+-\d\d) (?<direction>client-to-owner|owner-to-client|-) (?<field>\S.*)$/u.exec(
      text.trim(),
    )?.groups;
  const { requirement, direction, field } = parts ?? {};
  if (requirement === undefined || field === undefined) {
    return { ok: false, error: `expected "ID DIRECTION FIELD", as run prints it, not "${text}"` };
  }
  return direction === 'client-to-owner' || direction === 'owner-to-client'
    ? { ok: true, value: { requirement, field, direction } }
    : { ok: true, value: { requirement, field } };
}

/** Whether both are the same failure. */
export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return formatFingerprint(a) === formatFingerprint(b);
}

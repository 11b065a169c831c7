/**
 * One ICMP error on both sides of the switch: translated whole, or left as it was.
 *
 * Whole: the quoted ends with the outer address, the sequence number back by the delta, and right
 * checksums. RFC 5508 section 4.2.
 */
import { addressPart, portPart } from './address-book.ts';
import type { Connection, InferredRule } from './connection.ts';
import type { CheckedId } from './ledger.ts';
import { describeConnection, type Bench } from './pair.ts';
import type { QuotedError, Verified } from './quoted-error.ts';
import { SETTLED_PACKETS, type Track } from './track.ts';

/** Whose segment an error quotes: it travels back to that side. */
export type Sender = 'client' | 'owner';

/** One error on both sides of the switch. */
export interface ErrorPair {
  readonly arrived: QuotedError;
  readonly left: QuotedError;
  readonly sender: Sender;
  /** The quoted segment cannot have been taken for another. */
  readonly sure: boolean;
}

/** What became of one field. */
type Fate = 'kept' | 'translated' | 'either' | 'other';

interface FieldFate {
  readonly field: string;
  readonly fate: Fate;
  readonly expected: string;
  readonly observed: string;
}

type Words = readonly [field: string, expected: string, observed: string];

function isSettled({ known, count, odd, changed }: Track): boolean {
  return known && !changed && count >= SETTLED_PACKETS && odd.length === 0;
}

function fateOf(before: number, after: number, translated: number): Fate {
  if (before === after) return before === translated ? 'either' : 'kept';
  return after === translated ? 'translated' : 'other';
}

/** What a rule makes of the address and the ends of an error. */
function fieldsUnder(pair: ErrorPair, rule: InferredRule, bench: Bench): readonly FieldFate[] {
  const { arrived, left, sender } = pair;
  const { owner } = rule.path;
  const toOwner = sender === 'owner';
  const end = toOwner ? owner : rule.connection.virtual;
  const name = toOwner ? 'quoted source' : 'quoted destination';
  const before = toOwner ? arrived.quotedFrom : arrived.quotedTo;
  const after = toOwner ? left.quotedFrom : left.quotedTo;
  const address = (value: number): string => bench.book.split(value * 65_536).address;
  const to = toOwner ? addressPart(owner) : arrived.to;
  const rows = [
    ['destination address', arrived.to, left.to, to, address],
    [`${name} address`, addressPart(before), addressPart(after), addressPart(end), address],
    [`${name} port`, portPart(before), portPart(after), portPart(end), String],
  ] as const;
  return rows.map(([field, was, is, translated, text]) => {
    return {
      field,
      fate: fateOf(was, is, translated),
      expected: text(translated),
      observed: text(is),
    };
  });
}

function allAre(fields: readonly FieldFate[], fate: Fate): boolean {
  return fields.every((each) => each.fate === fate || each.fate === 'either');
}

/** What is wrong in an error whose address and ends are translated. */
function faultsOf(pair: ErrorPair, rule: InferredRule): readonly Words[] {
  const { arrived, left, sender, sure } = pair;
  const side = sender === 'owner' ? rule.toClient : rule.toOwner;
  const seq = (arrived.seq - side.seq.value) | 0;
  const faults: Words[] = [];
  if (sure && side.anchored && isSettled(side.seq) && left.seq !== seq) {
    faults.push(['quoted tcp.seq', `${seq >>> 0}, as its sender has sent it`, `${left.seq >>> 0}`]);
  }
  if (sure && arrived.rest !== left.rest) {
    faults.push(['MTU or pointer', `${arrived.rest}, as it came`, `${left.rest}`]);
  }
  const sums: readonly (readonly [string, Verified, Verified])[] = [
    ['ipv4.checksum', arrived.ipChecksum, left.ipChecksum],
    ['icmp.checksum', arrived.icmpChecksum, left.icmpChecksum],
    ['quoted ipv4.checksum', arrived.quotedChecksum, left.quotedChecksum],
  ];
  for (const [field, before, after] of sums) {
    if (before === true && after === false) faults.push([field, 'one that verifies', 'wrong']);
  }
  return faults;
}

/** Rules of a connection that translate, and that segments have shown beyond doubt. */
export function rulesOf({ rules, virtual }: Connection): readonly InferredRule[] {
  return rules.filter(
    ({ path, toOwner, toClient }) =>
      path.owner !== virtual && toOwner.pairs + toClient.pairs >= SETTLED_PACKETS,
  );
}

/** Translated alike, but for an owner of whom no segment was captured. */
function isForeign({ arrived, left, sender }: ErrorPair, rules: readonly InferredRule[]): boolean {
  if (sender === 'client' || left.to === arrived.to) return false;
  if (left.to !== addressPart(left.quotedFrom)) return false;
  return rules.every(({ path }) => addressPart(path.owner) !== left.to);
}

/** Judges an error on both sides of the switch under the rules that it may have met. */
export function judgeError(pair: ErrorPair, rules: readonly InferredRule[], bench: Bench): void {
  const { arrived, left } = pair;
  const { ledger, book } = bench;
  const frames = [arrived.place, left.place];
  const tell = (requirement: CheckedId, rule: InferredRule, words: Words): void => {
    const [field, expected, observed] = words;
    const connection = describeConnection({ rule }, book);
    ledger.broken({ requirement, connection, field: `ICMP ${field}`, expected, observed, frames });
  };
  const tried = rules.map((rule) => {
    return { rule, fields: fieldsUnder(pair, rule, bench) };
  });
  const whole = tried.find(({ fields }) => allAre(fields, 'translated'));
  if (whole !== undefined) {
    ledger.kept['PRISM-FWD-08'] += 1;
    const faults = faultsOf(pair, whole.rule);
    if (faults.length === 0) ledger.kept['PRISM-FWD-06'] += 1;
    for (const words of faults) tell('PRISM-FWD-06', whole.rule, words);
    return;
  }
  const [first] = tried;
  if (first === undefined) return;
  if (allAre(first.fields, 'kept')) {
    if (!pair.sure || left.seq === arrived.seq) ledger.kept['PRISM-FWD-08'] += 1;
    else tell('PRISM-FWD-08', first.rule, seqAlone(pair));
    return;
  }
  const done = ({ fields }: typeof first): number =>
    fields.filter(({ fate }) => fate === 'translated').length;
  const [nearest = first] = tried.toSorted((a, b) => done(b) - done(a));
  if (isForeign(pair, rules)) return;
  const wrong = nearest.fields.find(({ fate }) => fate !== 'translated' && fate !== 'either');
  if (wrong === undefined) return;
  const { field, expected, observed } = wrong;
  const words = [field, `${expected}, with the rest, or all as it came`, observed] as const;
  tell('PRISM-FWD-08', nearest.rule, words);
}

function seqAlone({ arrived, left }: ErrorPair): Words {
  return ['quoted tcp.seq', `${arrived.seq >>> 0}, as the rest came`, `${left.seq >>> 0}`];
}

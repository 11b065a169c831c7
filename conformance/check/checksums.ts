/**
 * Checksums on both sides of the switch.
 *
 * A host that leaves checksums to its network card shows wrong ones when it is captured on the host
 * itself. Whether it does is known only at the end, so that findings about repaired checksums wait.
 */
import { addressPart } from './address-book.ts';
import type { CheckedId, CheckFinding, Ledger } from './ledger.ts';
import { u16 } from './octets.ts';
import { findingOf, hex, homeOf, holds, tell, type Bench, type Pair } from './pair.ts';
import type { CaptureName, ChecksumState, Seen } from './seen.ts';

/** Checksums of one sender in one capture. */
interface Tally {
  valid: number;
  invalid: number;
  partial: number;
}

/** Follows who leaves checksums to a network card, and holds findings back until that is known. */
export interface Offload {
  /** Notes how the TCP checksum of a segment that left came out, by the oddness of its payload. */
  readonly leaves: (pair: Pair, finding: CheckFinding | undefined) => void;
  readonly count: (seen: Seen) => void;
  /** Keeps a finding that means nothing if the sender of `seen` offloads. */
  readonly unless: (seen: Seen, finding: CheckFinding) => void;
  /** Senders that offload, by capture; reports what waited and is not excused. */
  readonly close: (ledger: Ledger, excused: (id: CheckedId) => void) => readonly OffloadingSender[];
}

/** A host whose frames were captured before its network card had finished them. */
export interface OffloadingSender {
  readonly capture: CaptureName;
  /** As `AddressBook` numbers it. */
  readonly address: number;
  readonly frames: number;
}

const MAX_SENDERS = 65_536;
const MAX_WAITING = 4096;
/** More wrong checksums than this share are not accidents on the wire. */
const OFFLOAD_SHARE = 0.2;

function offloads({ valid, invalid, partial }: Tally): boolean {
  const wrong = invalid + partial;
  return partial * 2 > wrong || wrong > (valid + wrong) * OFFLOAD_SHARE;
}

/** Nothing is known of any sender. */
export function createOffload(): Offload {
  const tallies: Readonly<Record<CaptureName, Map<number, Tally>>> = {
    client: new Map(),
    backend: new Map(),
    controller: new Map(),
  };
  const waiting: { readonly tally: Tally; readonly finding: CheckFinding }[] = [];
  const spare: Tally = { valid: 0, invalid: 0, partial: 0 };
  /** TCP checksums that came out right and wrong, of segments with even and odd payloads. */
  const even = { right: 0, wrong: 0 };
  const odd: CheckFinding[] = [];

  function tallyOf(seen: Seen): Tally {
    const all = tallies[seen.capture];
    const address = addressPart(seen.source);
    const known = all.get(address);
    if (known !== undefined) return known;
    if (all.size >= MAX_SENDERS) return spare;
    const tally = { valid: 0, invalid: 0, partial: 0 };
    all.set(address, tally);
    return tally;
  }

  function count(seen: Seen): void {
    const { tcpChecksum } = seen;
    if (tcpChecksum !== 'unknown') tallyOf(seen)[tcpChecksum] += 1;
  }

  function unless(seen: Seen, finding: CheckFinding): void {
    if (waiting.length < MAX_WAITING) waiting.push({ tally: tallyOf(seen), finding });
  }

  function leaves({ arrived }: Pair, finding: CheckFinding | undefined): void {
    const isOdd = (arrived.length & 1) === 1;
    if (finding !== undefined && isOdd && odd.length < MAX_WAITING) odd.push(finding);
    else if (!isOdd && finding === undefined) even.right += 1;
    else if (!isOdd) even.wrong += 1;
  }

  /** Where odd payloads alone come out wrong, the last octet is what the switch gets wrong. */
  function closeOdd(ledger: Ledger): void {
    const alone = even.wrong === 0 && even.right > 0;
    for (const finding of odd) {
      ledger.broken(alone ? { ...finding, requirement: 'PRISM-REW-09' } : finding);
    }
  }

  function close(ledger: Ledger, excused: (id: CheckedId) => void): readonly OffloadingSender[] {
    closeOdd(ledger);
    for (const { tally, finding } of waiting) {
      if (offloads(tally)) excused(finding.requirement);
      else ledger.broken(finding);
    }
    return (['client', 'backend', 'controller'] as const).flatMap((capture) =>
      [...tallies[capture]]
        .filter(([, tally]) => tally.partial + tally.invalid > 0 && offloads(tally))
        .map(([address, { invalid, partial }]) => {
          return { capture, address, frames: invalid + partial };
        }),
    );
  }

  return { leaves, count, unless, close };
}

const IPV4_CHECKSUM_AT = 10;
const TCP_CHECKSUM_AT = 16;

/** The one's-complement zero that a full computation never gives. RFC 1624 section 3. */
function compareCanonical(pair: Pair, bench: Bench, before: number, after: number): void {
  if (before === 0xffff) return;
  if (!holds(pair, bench, 'PRISM-REW-06', after !== 0xffff)) {
    tell(pair, bench, 'PRISM-REW-06', [
      'checksum',
      '0x0000, as a full computation gives',
      '0xffff',
    ]);
  }
}

function compareIpv4(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  const found = u16(left.header, left.ipAt + IPV4_CHECKSUM_AT);
  if (arrived.ipChecksum === 'valid') {
    if (!holds(pair, bench, 'PRISM-REW-04', left.ipChecksum === 'valid')) {
      tell(pair, bench, 'PRISM-REW-04', [
        'ipv4.checksum',
        'a checksum that verifies, as it did on arrival',
        `${hex(found, 4)}, wrong`,
      ]);
    }
    const before = u16(arrived.header, arrived.ipAt + IPV4_CHECKSUM_AT);
    if (left.ipChecksum === 'valid') compareCanonical(pair, bench, before, found);
  } else {
    if (!holds(pair, bench, 'PRISM-REW-08', left.ipChecksum !== 'valid')) {
      tell(pair, bench, 'PRISM-REW-08', [
        'ipv4.checksum',
        'still wrong, as it was on arrival, or no packet',
        `${hex(found, 4)}, which verifies`,
      ]);
    }
  }
}

/** The requirement that speaks of the TCP checksum of such a segment. */
function tcpHome(pair: Pair): CheckedId {
  return homeOf(pair, pair.arrived.family === 6 ? 'PRISM-REW-18' : 'PRISM-REW-05');
}

function tcpText({ header, tcpAt }: Seen): string {
  return hex(u16(header, tcpAt + TCP_CHECKSUM_AT), 4);
}

function isWrong(state: ChecksumState): boolean {
  return state === 'invalid' || state === 'partial';
}

function keepValid(pair: Pair, bench: Bench): void {
  const { arrived, left } = pair;
  const { kept } = bench.ledger;
  if (pair.plain === undefined) {
    kept[arrived.family === 6 ? 'PRISM-REW-18' : 'PRISM-REW-05'] += 1;
    if ((arrived.length & 1) === 1) kept['PRISM-REW-09'] += 1;
    if (arrived.padded) kept['PRISM-REW-10'] += 1;
  }
  const before = u16(arrived.header, arrived.tcpAt + TCP_CHECKSUM_AT);
  compareCanonical(pair, bench, before, u16(left.header, left.tcpAt + TCP_CHECKSUM_AT));
}

function compareTcp(pair: Pair, bench: Bench, offload: Offload): void {
  const { arrived, left } = pair;
  if (arrived.tcpChecksum === 'unknown' || left.tcpChecksum === 'unknown') {
    bench.ledger.doubt(tcpHome(pair), 'truncated');
  } else if (arrived.tcpChecksum === 'valid') {
    if (left.tcpChecksum === 'valid') {
      offload.leaves(pair, undefined);
      keepValid(pair, bench);
    } else if (left.tcpChecksum === 'partial') {
      bench.ledger.doubt(tcpHome(pair), 'offload');
    } else if (pair.sure) {
      const words = [
        'tcp.checksum',
        'a checksum that verifies',
        `${tcpText(left)}, wrong`,
      ] as const;
      const finding = findingOf(pair, bench, tcpHome(pair), words);
      offload.leaves(pair, finding);
      if ((arrived.length & 1) === 0) bench.ledger.broken(finding);
    }
  } else if (isWrong(left.tcpChecksum)) {
    if (arrived.tcpChecksum === 'invalid' && pair.plain === undefined) {
      bench.ledger.kept['PRISM-REW-07'] += 1;
    }
  } else if (arrived.tcpChecksum === 'partial') {
    bench.ledger.doubt(tcpHome(pair), 'offload');
  } else if (pair.sure) {
    const found = `${tcpText(left)}, which verifies`;
    const words = ['tcp.checksum', 'still wrong, as on arrival', found] as const;
    offload.unless(arrived, findingOf(pair, bench, homeOf(pair, 'PRISM-REW-07'), words));
  }
}

/** Compares what the checksums of a pair come to. */
export function compareChecksums(pair: Pair, bench: Bench, offload: Offload): void {
  if (pair.arrived.family === 4) compareIpv4(pair, bench);
  compareTcp(pair, bench, offload);
}

/**
 * Frames that left twice. A capture may show every frame twice; whether it does is known only at
 * the end, so that findings wait.
 */
import { at, type CheckFinding, type Ledger } from './ledger.ts';
import type { AddressBook } from './address-book.ts';
import type { CaptureName, Seen } from './seen.ts';

/** Second copies of frames. */
export interface Copies {
  /** A frame that left once more; `first` is the number of the first. */
  readonly add: (seen: Seen, first: number) => void;
  /** A capture shows even hosts' frames twice. */
  readonly echoed: (capture: CaptureName) => void;
  readonly close: (ledger: Ledger) => void;
}

const MAX_COPIES = 1024;

/** Nothing was seen twice. */
export function createCopies(book: AddressBook): Copies {
  const findings: CheckFinding[] = [];
  const echoing = new Set<CaptureName>();

  function add(seen: Seen, first: number): void {
    if (findings.length >= MAX_COPIES) return;
    findings.push({
      requirement: 'PRISM-FWD-11',
      connection: `${book.format(seen.source)} > ${book.format(seen.destination)}`,
      field: 'frame',
      expected: 'once at each port',
      observed: 'the same frame a second time',
      frames: [{ capture: seen.capture, frame: first }, at(seen)],
    });
  }

  function close(ledger: Ledger): void {
    for (const finding of findings) {
      if (finding.frames.some(({ capture }) => echoing.has(capture))) {
        ledger.doubt('PRISM-FWD-11', 'duplicated-capture');
      } else {
        ledger.broken(finding);
      }
    }
  }

  return { add, echoed: (capture) => void echoing.add(capture), close };
}

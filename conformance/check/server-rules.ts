/** What the segments that reach a client must and must not do, one rule a function. */
import { endOf, FLAG, has } from './seen.ts';
import { showOctets } from './stream-window.ts';
import { distance, payloadOf, report, type Watched } from './watched.ts';

/** Segments of new octets behind a reset, before the reset is held against the system. */
const AFTER_RESET = 2;

/** Judges the options of the server's segment. RFC 7323 section 3.2, RFC 2018 section 2. */
export function watchOptions(watched: Watched): void {
  const { seen, watch, bench } = watched;
  const { clientOffer, serverOffer, unclear } = watch;
  if (clientOffer === undefined || serverOffer === undefined || unclear) return;
  if (has(seen, FLAG.rst) || has(seen, FLAG.syn)) return;
  const timestamps = clientOffer.timestamps && serverOffer.timestamps;
  if (seen.hasTimestamps && !timestamps) {
    const words = ['tcp.options timestamps', 'none, not negotiated', 'present'] as const;
    report(watched, 'PRISM-MIG-08', words, 0);
  } else if (timestamps && !seen.hasTimestamps && seen.length > 0) {
    const words = ['tcp.options timestamps', 'in every segment, as negotiated', 'none'] as const;
    report(watched, 'PRISM-MIG-08', words, 0);
  } else if (seen.sackAt > 0 && !clientOffer.sackPermitted) {
    const words = ['tcp.options sack', 'none, the client does not permit it', 'present'] as const;
    report(watched, 'PRISM-MIG-08', words, 0);
  } else {
    bench.ledger.kept['PRISM-MIG-08'] += 1;
  }
}

/** RFC 9293 section 3.7.1: payload and options together stay within the client's MSS. */
export function watchSize(watched: Watched): void {
  const { seen, watch, bench } = watched;
  const offer = watch.clientOffer;
  if (offer === undefined || watch.unclear || seen.length === 0 || has(seen, FLAG.syn)) return;
  const limit = offer.mss < 0 ? (seen.family === 4 ? 536 : 1220) : offer.mss;
  const octets = seen.length + (seen.payloadAt - seen.tcpAt - 20);
  if (octets <= limit) bench.ledger.kept['PRISM-MIG-09'] += 1;
  else {
    const words = ['segment', `at most ${limit} octets with options`, `${octets}`] as const;
    report(watched, 'PRISM-MIG-09', words, 0);
  }
}

/** An acknowledgment that was sent later, by the sender's clock, acknowledges no less. */
export function watchAcknowledgment(watched: Watched): void {
  const { seen, watch, bench } = watched;
  if (!seen.hasTimestamps || !has(seen, FLAG.ack) || has(seen, FLAG.rst)) return;
  const ahead = watch.serverAck === undefined ? 1 : distance(seen.ack, watch.serverAck);
  if (ahead === undefined) return;
  if (ahead < 0) {
    if (((seen.tsValue - watch.serverAckTime) | 0) <= 0) return;
    const expected = `at least ${(watch.serverAck ?? 0) >>> 0}, as was acknowledged before`;
    const words = ['tcp.ack', expected, `${seen.ack >>> 0}, sent later`] as const;
    report(watched, 'PRISM-MIG-05', words, watch.serverAckFrame);
    return;
  }
  bench.ledger.kept['PRISM-MIG-05'] += 1;
  if (ahead === 0) return;
  watch.serverAck = seen.ack;
  watch.serverAckTime = seen.tsValue;
  watch.serverAckFrame = seen.frame;
}

/** Times of octets that were never sent before do not go back. RFC 7323 section 5.3. */
export function watchTime(watched: Watched, isNew: boolean): void {
  const { seen, watch, bench } = watched;
  if (!isNew || !seen.hasTimestamps || seen.length === 0) return;
  const before = watch.serverTime;
  watch.serverTime = seen.tsValue;
  const frame = watch.serverTimeFrame;
  watch.serverTimeFrame = seen.frame;
  if (before === undefined) return;
  if (((seen.tsValue - before) | 0) >= 0) {
    bench.ledger.kept['PRISM-SEQ-11'] += 1;
    return;
  }
  const words = ['tcp.options TSval', `at least ${before >>> 0}`, `${seen.tsValue >>> 0}`] as const;
  report(watched, 'PRISM-SEQ-11', words, frame);
}

/** Octets that are sent again are the same octets. */
export function watchStream(watched: Watched): void {
  const { seen, watch, bench } = watched;
  const payload = seen.length === 0 ? undefined : payloadOf(watched);
  if (payload === undefined) return;
  const window = bench.windows.windowOf(watch);
  if (window === undefined) return;
  // A keep-alive probe may carry one octet of nothing. RFC 9293 section 3.8.4.
  if (seen.length === 1 && ((seen.seq + 1 - window.high) | 0) === 0) return;
  const start = has(seen, FLAG.syn) ? (seen.seq + 1) | 0 : seen.seq;
  const { compared, differsAt } = showOctets(window, start, payload);
  if (differsAt !== undefined) {
    seen.differs = true;
    const words = [
      'payload',
      'the octets that were sent before',
      `others from sequence number ${differsAt >>> 0} on`,
    ] as const;
    report(watched, 'PRISM-MIG-01', words, 0);
  } else if (compared > 0) {
    bench.ledger.kept['PRISM-MIG-01'] += 1;
  }
}

/** Nothing comes behind a FIN, and nothing new after a reset that the client took. */
export function watchEnd(watched: Watched, isNew: boolean): void {
  const { seen, watch } = watched;
  const end = endOf(seen);
  if (watch.serverFin !== undefined && seen.length > 0) {
    const behind = distance(end, watch.serverFin);
    if (behind !== undefined && behind > (has(seen, FLAG.fin) ? 0 : -1)) {
      const expected = `no octet behind the FIN at ${(watch.serverFin - 1) >>> 0}`;
      const words = ['payload', expected, `octets up to ${end >>> 0}`] as const;
      report(watched, 'PRISM-MIG-01', words, watch.serverFinFrame);
    }
  } else if (has(seen, FLAG.fin) && watch.serverFin === undefined) {
    watch.serverFin = end;
    watch.serverFinFrame = seen.frame;
  }
  if (watch.resetSeq === undefined || !isNew || seen.length === 0) return;
  const behind = distance(seen.seq, watch.resetSeq);
  if (behind === undefined || behind < 0) return;
  watch.afterReset += 1;
  if (watch.afterReset !== AFTER_RESET) return;
  const words = [
    'tcp.flags RST',
    'none from an owner that is not',
    'new octets follow it',
  ] as const;
  report(watched, 'PRISM-MIG-04', words, watch.resetFrame);
}

/** Remembers a reset that the client takes. */
export function watchReset({ seen, watch }: Watched): void {
  // The client takes a reset only at the very octet that it expects. RFC 5961 section 3.2.
  if (watch.clientAck !== seen.seq || watch.resetSeq !== undefined) return;
  watch.resetSeq = seen.seq;
  watch.resetFrame = seen.frame;
}

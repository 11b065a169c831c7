/**
 * What the client itself can see of a Prism: one stream, whoever serves it.
 *
 * Only segments with a valid checksum count, because others never reach the client's TCP. What may
 * be the work of the network (loss, reordering) or of a capture that lost packets is never held
 * against the system: a number that goes back counts only where the sender's own clock, or octets
 * that were never sent before, prove that it was sent later.
 */
import type { Connection, Direction } from './connection.ts';
import {
  createDialogue,
  hearRequest,
  hearResponse,
  isOver,
  type DialogueEvents,
} from './dialogue.ts';
import { isWithinBody } from './http-messages.ts';
import { endOf, FLAG, has, type Seen } from './seen.ts';
import {
  watchAcknowledgment,
  watchEnd,
  watchOptions,
  watchReset,
  watchSize,
  watchStream,
  watchTime,
} from './server-rules.ts';
import {
  createClientWatch,
  distance,
  payloadOf,
  report,
  type ClientWatch,
  type Offer,
  type WatchBench,
  type Watched,
} from './watched.ts';

function offerOf(seen: Seen): Offer {
  const { seq, mss, sackPermitted, windowScale, hasTimestamps: timestamps } = seen;
  return { seq, mss, timestamps, sackPermitted, windowScale };
}

function sameOffer(a: Offer, b: Offer): boolean {
  return (
    a.seq === b.seq &&
    a.mss === b.mss &&
    a.timestamps === b.timestamps &&
    a.windowScale === b.windowScale &&
    a.sackPermitted === b.sackPermitted
  );
}

function takeServerOffer(watch: ClientWatch, offer: Offer): void {
  const known = watch.serverOffer;
  if (known !== undefined && known.seq !== offer.seq) {
    // Another connection, whose SYN was not captured.
    const { window } = watch;
    if (window !== undefined) window.high = window.low;
    Object.assign(watch, createClientWatch(), { window });
  } else if (known !== undefined && !sameOffer(known, offer)) {
    watch.unclear = true;
  }
  watch.serverOffer = offer;
}

function watchServer(watched: Watched): void {
  const { seen, watch, bench } = watched;
  if (seen.tcpChecksum !== 'valid') return;
  if (has(seen, FLAG.syn)) {
    takeServerOffer(watch, offerOf(seen));
  } else if (watch.clientOffer !== undefined && watch.serverOffer === undefined) {
    // What comes between SYN and SYN-ACK is left over from the connection before.
    return;
  }
  watchOptions(watched);
  if (has(seen, FLAG.rst)) {
    watchReset(watched);
    return;
  }
  const ahead = watch.serverEnd === undefined ? 1 : distance(endOf(seen), watch.serverEnd);
  if (ahead === undefined) {
    watch.serverEnd = undefined;
    watch.serverFin = undefined;
    watch.serverTime = undefined;
    watch.resetSeq = undefined;
    return;
  }
  seen.ahead = watch.serverEnd === undefined ? undefined : (seen.seq - watch.serverEnd) | 0;
  const isNew = seen.ahead !== undefined && seen.ahead >= 0;
  watchSize(watched);
  watchAcknowledgment(watched);
  watchTime(watched, isNew);
  watchStream(watched);
  watchEnd(watched, isNew);
  if (has(seen, FLAG.fin) && !watch.clientFinished) bench.ledger.kept['PRISM-FIN-06'] += 1;
  converse(watched, 'toClient');
  if (ahead > 0) watch.serverEnd = endOf(seen);
}

/** Shows octets that continue a direction to the dialogue; ends it where some are missing. */
function converse(watched: Watched, direction: Direction): void {
  const { seen, watch } = watched;
  const { dialogue } = watch;
  if (dialogue === undefined || seen.length === 0) return;
  const end = direction === 'toOwner' ? watch.clientEnd : watch.serverEnd;
  const start = has(seen, FLAG.syn) ? (seen.seq + 1) | 0 : seen.seq;
  const known = end === undefined ? -1 : (end - start) | 0;
  // The server has read octets of the client that were not captured.
  const unseen = direction === 'toClient' && ((seen.ack - (watch.clientEnd ?? seen.ack)) | 0) > 0;
  if (isOver(dialogue) || known < 0 || unseen || seen.hashed !== seen.length) {
    watch.dialogue = undefined;
    return;
  }
  if (known >= seen.length) return;
  const stream = direction === 'toOwner' ? dialogue.requests : dialogue.responses;
  const payload = isWithinBody(stream, seen.length - known) ? undefined : payloadOf(watched);
  if (payload === undefined) return;
  if (direction === 'toOwner') hearRequest(dialogue, payload, known);
  else hearResponse(dialogue, payload, known, dialogueEvents(watched));
}

function dialogueEvents(watched: Watched): DialogueEvents {
  return {
    pipelined() {
      watched.bench.ledger.kept['PRISM-PIPE-01'] += 1;
    },
    surplus(line) {
      const words = ['response', 'none: each request is answered once', line] as const;
      report(watched, 'PRISM-PIPE-01', words, 0);
    },
    afterClose(line) {
      const words = ['response', 'none after Connection: close', line] as const;
      report(watched, 'PRISM-PIPE-07', words, 0);
    },
  };
}

/** Another connection between the same endpoints begins. */
function beginAnew(watched: Watched, clientOffer: Offer): void {
  const { watch } = watched;
  const { window } = watch;
  if (window !== undefined) window.high = window.low;
  Object.assign(watch, createClientWatch(), { clientOffer, window });
  watch.clientEnd = (clientOffer.seq + 1) | 0;
  watch.dialogue = createDialogue();
}

function watchClient(watched: Watched): void {
  const { seen, watch } = watched;
  if (has(seen, FLAG.syn) && !has(seen, FLAG.ack)) {
    const offer = offerOf(seen);
    const known = watch.clientOffer;
    if (known !== undefined && known.seq === offer.seq) {
      if (!sameOffer(known, offer)) watch.unclear = true;
      return;
    }
    beginAnew(watched, offer);
  }
  if (has(seen, FLAG.ack)) {
    const ahead = watch.clientAck === undefined ? 1 : (seen.ack - watch.clientAck) | 0;
    if (ahead > 0) watch.clientAck = seen.ack;
  }
  if (has(seen, FLAG.fin)) watch.clientFinished = true;
  converse(watched, 'toOwner');
  const end = endOf(seen);
  if (watch.clientEnd === undefined || ((end - watch.clientEnd) | 0) > 0) watch.clientEnd = end;
}

/** Takes a segment of the client's capture, in the frame `octets`. */
export function watchSegment(
  seen: Seen,
  octets: Uint8Array,
  connection: Connection,
  direction: Direction,
  bench: WatchBench,
): void {
  const { watch } = connection;
  seen.ahead = undefined;
  seen.differs = false;
  const watched = { seen, octets, payload: undefined, connection, watch, bench };
  if (direction === 'toOwner') watchClient(watched);
  else watchServer(watched);
}

/**
 * The life of a connection as the switch sees it. RFC 6146 section 3.5.2.2, with a server's name.
 *
 *    SYN ─▶ opening ─ SYN,ACK ─▶ answered ─ ACK of it ─▶ established ─ FIN ─▶ client-ended ─┐
 *             │ direct: the client's next segment ──────────▲  │  └─── FIN ─▶ server-ended ─┤ FIN
 *             │                                             │  │ RST                       ▼
 *    other ─▶ adopted ─ the server answers ─────────────────┘  └─────▶ reset               ended
 *                                                              ◀─ anything but RST
 *    UDP ─▶ asked ─ the server answers ─▶ talking
 *
 * The first three, and `asked`, are half open: nobody has shown that he hears what the server says,
 * so that any forged packet could have made them.
 */
import type { SeqNum } from '../tcp/seq-num.ts';
import { seqDistance } from '../tcp/seq-num.ts';

/** How far a connection has come. */
export type Phase =
  | 'opening'
  | 'answered'
  | 'adopted'
  | 'established'
  | 'client-ended'
  | 'server-ended'
  | 'ended'
  | 'reset'
  | 'asked'
  | 'talking';

/** Phases that share a timer. */
export type Stage = 'opening' | 'established' | 'closing' | 'talking';

/** Flag bits that matter here. RFC 9293 section 3.1. */
export const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

/** What of a segment matters here. */
export interface Segment {
  /** The eight flag bits from CWR to FIN. */
  readonly flags: number;
  readonly seq: SeqNum;
  /** What stands there, whether the ACK flag is set or not. */
  readonly ack: SeqNum;
}

/** What is remembered of a connection's segments. */
export interface Progress {
  phase: Phase;
  /** The phase before the reset, for a reset need not have been believed by the other side. */
  beforeReset: Phase;
  /** The server answers past the switch: what it says is not known here. */
  readonly isDirect: boolean;
  /** The first sequence number of the client; undefined if its SYN was not seen. */
  clientIsn: SeqNum | undefined;
  /** The first sequence number of the server; undefined if its SYN was not seen. */
  serverIsn: SeqNum | undefined;
  /** What the server last acknowledged; undefined if it has not. */
  serverAck: SeqNum | undefined;
}

/** A client may have sent this much that the server has not acknowledged, when it resets. */
const RESET_WINDOW_OCTETS = 2 ** 20;
/** Octets that may be sent before the handshake is over: a window, never scaled. RFC 7413. */
const FIRST_WINDOW_OCTETS = 0xffff;

const STAGES: Readonly<Record<Phase, Stage>> = {
  opening: 'opening',
  answered: 'opening',
  adopted: 'opening',
  established: 'established',
  'client-ended': 'established',
  'server-ended': 'established',
  ended: 'closing',
  reset: 'closing',
  asked: 'opening',
  talking: 'talking',
};

/** Which timer holds for a connection now. */
export function stageOf(progress: Progress): Stage {
  if (!isOver(progress)) return STAGES[progress.phase];
  // Else forged SYNs with forged resets would have all of the table.
  return isHalfOpen(progress) ? 'opening' : 'closing';
}

/** Whether a connection has ended, so that another SYN asks for another one. */
export function isOver({ phase, isDirect }: Progress): boolean {
  // The server's FIN cannot be waited for where it takes another way.
  return phase === 'ended' || phase === 'reset' || (isDirect && phase === 'client-ended');
}

/** Whether nobody has shown, before a reset or without one, that he hears the server. */
export function isHalfOpen({ phase, beforeReset }: Progress): boolean {
  return STAGES[phase === 'reset' ? beforeReset : phase] === 'opening';
}

/** Whether a segment asks for a new connection. */
export function opens({ flags }: Segment): boolean {
  return (flags & (FLAG.syn | FLAG.ack | FLAG.rst | FLAG.fin)) === FLAG.syn;
}

/** Whether no TCP sends such flags: none at all, or SYN with FIN or RST. RFC 9293 section 3.10.7. */
export function isNonsense({ flags }: Segment): boolean {
  const has = flags & (FLAG.syn | FLAG.ack | FLAG.rst | FLAG.fin);
  return has === 0 || ((has & FLAG.syn) !== 0 && (has & (FLAG.rst | FLAG.fin)) !== 0);
}

/** Notes what the client sent, and says how far the connection has come with it. */
export function hearClient(progress: Progress, segment: Segment): Phase {
  const { phase } = progress;
  const { flags } = segment;
  if ((flags & FLAG.rst) !== 0) return isBelieved(progress, segment) ? reset(progress) : phase;
  if (opens(segment)) {
    // A client that has given up and asks again may count from elsewhere.
    if (stageOf(progress) === 'opening') progress.clientIsn = segment.seq;
    return phase;
  }
  const known = phase === 'reset' ? progress.beforeReset : phase;
  const now = isHeard(progress, segment, known) ? 'established' : known;
  if ((flags & FLAG.fin) === 0) return now;
  if (now === 'established') return 'client-ended';
  return now === 'server-ended' ? 'ended' : now;
}

/** Notes what the server sent, and says how far the connection has come with it. */
export function hearServer(progress: Progress, segment: Segment): Phase {
  const { phase } = progress;
  const { flags, seq, ack } = segment;
  if ((flags & FLAG.ack) !== 0) progress.serverAck = ack;
  if ((flags & FLAG.rst) !== 0) return reset(progress);
  const known = phase === 'reset' ? progress.beforeReset : phase;
  if ((flags & FLAG.syn) !== 0) {
    if (known !== 'opening' && known !== 'answered') return known;
    progress.serverIsn = seq;
    return 'answered';
  }
  const now = known === 'adopted' ? 'established' : known;
  if ((flags & FLAG.fin) === 0) return now;
  if (now === 'established') return 'server-ended';
  return now === 'client-ended' ? 'ended' : now;
}

/** Notes a datagram of one side. */
export function hearDatagram({ phase }: Progress, side: 'client' | 'server'): Phase {
  return side === 'server' ? 'talking' : phase;
}

/** Notes a reset, and says how far the connection has come with it. */
export function reset(progress: Progress): Phase {
  if (progress.phase !== 'reset') progress.beforeReset = progress.phase;
  return 'reset';
}

/** Whether the client has shown that it hears the server, or, where that is not seen, goes on. */
function isHeard(progress: Progress, { flags, seq, ack }: Segment, known: Phase): boolean {
  if ((flags & FLAG.ack) === 0) return false;
  if (known === 'answered') return isFirstAfter(progress.serverIsn, ack);
  return known === 'opening' && progress.isDirect && isFirstAfter(progress.clientIsn, seq);
}

function isFirstAfter(isn: SeqNum | undefined, seq: SeqNum): boolean {
  if (isn === undefined) return false;
  const octets = seqDistance(isn, seq);
  return octets >= 1 && octets <= 1 + FIRST_WINDOW_OCTETS;
}

/** A blind reset would let a forged SYN take a living connection to another server. RFC 5961. */
function isBelieved({ serverAck, isDirect }: Progress, { seq }: Segment): boolean {
  if (isDirect || serverAck === undefined) return true;
  const octets = seqDistance(serverAck, seq);
  return octets >= 0 && octets <= RESET_WINDOW_OCTETS;
}

/**
 * What a whole Prism offers to the suite: it plays a story, and tells what came of it.
 *
 *   clients ── tap ── switch ── tap ── controller       Each backend serves the test site
 *                       └────── tap ── backend 1, 2     (`conformance/traffic/site.ts`).
 *
 * A story is data: it can be written down, made smaller and told again. It asks for nothing that
 * a scripted client, three captures, the logs of the servers and a hand on the control messages
 * could not give; how the parts are built is the driver's own affair.
 */
import type { Hello } from './device.ts';
import type { BackendName, MessageName, Moment, Part } from './parts.ts';

export {
  MESSAGES,
  PARTS,
  type BackendName,
  type MessageName,
  type Moment,
  type Part,
} from './parts.ts';

/** When something is done; all that stands before it in its list has been done. */
export type Cue =
  | { readonly kind: 'at-once' | 'opened' | 'peer-finished' }
  /** So long after the line before. */
  | { readonly kind: 'after'; readonly ms: number }
  /** So many octets of answers have been received in all. */
  | { readonly kind: 'received'; readonly octets: number }
  | { readonly kind: 'moment'; readonly moment: Moment };

/** What a client's SYN offers; what is left out is as the platform has it. */
export interface SynOffer {
  readonly mss?: number;
  /** False leaves the option out. */
  readonly windowScale?: false;
  readonly sack?: boolean;
  readonly timestamps?: boolean;
  /** The SYN says that it is signed: an option of kind 19 or 29. */
  readonly signing?: 'TCP-MD5' | 'TCP-AO';
  /** The window in octets as long as nothing is unread. */
  readonly receiveOctets?: number;
}

/** What a client can do. */
export type Act =
  /** Again, once the connection is gone: from the same port. */
  | { readonly kind: 'connect'; readonly offer: SynOffer }
  /** Each octet in `cuts` (ascending) begins a segment of its own. */
  | { readonly kind: 'write'; readonly octets: Uint8Array; readonly cuts: readonly number[] }
  /** FIN and read on; FIN and read no more; RST. */
  | { readonly kind: 'finish' | 'close' | 'abort' }
  /** Leave in the socket what comes, so that the window closes; and read it. */
  | { readonly kind: 'pause' | 'resume' }
  /** From now on segments that only acknowledge do not leave, or leave again. */
  | { readonly kind: 'withhold'; readonly acks: boolean }
  /** A segment made by hand: `seq` and `ack` count from what the TCP would send next. */
  | {
      readonly kind: 'segment';
      readonly flags: number;
      readonly seq?: number;
      readonly ack?: number;
      readonly payload?: Uint8Array;
    };

/** One line of a client's script. */
export interface Line {
  readonly cue: Cue;
  readonly act: Act;
}

/** What becomes of a message: it is lost, comes twice, or later than others. */
export type MessageFate =
  { readonly kind: 'lost' | 'doubled' } | { readonly kind: 'late'; readonly ms: number };

/** What goes wrong. */
export type Mishap =
  /** `nth` counts from 1; left out it is every one. `to` is who does not get it as it should. */
  | {
      readonly kind: 'message';
      readonly message: MessageName;
      readonly nth?: number;
      readonly to?: Part;
      readonly fate: MessageFate;
    }
  /** A part dies, and is started again after `awayMs`, or never. */
  | {
      readonly kind: 'death';
      readonly part: Part;
      readonly at: DeathCue;
      readonly awayMs?: number | undefined;
    }
  /** A backend takes no connection from the controller's hand. */
  | { readonly kind: 'refusal'; readonly backend: BackendName }
  /**
   * Somebody who overhears all and has no key: whenever `hears` is sent, to whomever, he says
   * `says` about the same connection to `to`, in the controller's name.
   */
  | {
      readonly kind: 'stranger';
      readonly hears: MessageName;
      readonly says: StrangeWord;
      readonly to: BackendName;
    };

/** What a stranger can say: an offer only where he has heard one. */
export type StrangeWord = 'offer' | 'commit' | 'cancel';

/** When a part dies. */
export type DeathCue =
  | { readonly kind: 'time'; readonly ms: number }
  /** The first client has received so many octets. */
  | { readonly kind: 'received'; readonly octets: number }
  | { readonly kind: 'moment'; readonly moment: Moment };

/** Which requests go to which backends; the first route that fits counts. */
export interface PolicyRoute {
  readonly host?: string | undefined;
  readonly pathPrefix?: string | undefined;
  /** `name=value` */
  readonly cookie?: string | undefined;
  readonly backends: readonly BackendName[];
}

/** How often what goes wrong on the way, in percent, and how late frames may be. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  readonly jitterUs: number;
}

/** All that happens. */
export interface Story {
  readonly seed: number;
  /** Each is one client with a port of its own. */
  readonly clients: readonly (readonly Line[])[];
  readonly policy: readonly PolicyRoute[];
  /** What becomes of a client's packets while its rule is locked. */
  readonly lock: 'drop' | 'hold';
  /** Whether the connection goes to the backend with its request, or the controller passes it on. */
  readonly way: 'hand-off' | 'pass-on';
  readonly mishaps: readonly Mishap[];
  readonly weather: Weather;
  /** Milliseconds after which the story is over, whoever still waits. */
  readonly patienceMs: number;
}

/** How a client's connection ended; `open` when it did not. */
export type ConnectionEnd = 'open' | 'finished' | 'reset' | 'timeout';

/** What one client saw of one connection. */
export interface ClientOutcome {
  readonly received: Uint8Array;
  readonly end: ConnectionEnd;
  /** When it had ended; when the story was over, if it did not. */
  readonly endMs: number;
  /** When its last octet came. */
  readonly lastOctetMs: number | undefined;
}

/** A request that a server has carried out, from the server's own log. */
export interface Execution {
  readonly backend: BackendName;
  readonly method: string;
  readonly target: string;
  /** Undefined where the server answered without waiting for it. */
  readonly content: Uint8Array | undefined;
  readonly atMs: number;
}

/** A frame at a port of the switch: on its way in, or out. */
export interface TappedFrame {
  readonly tap: 'client' | 'controller' | 'backend';
  /** Who is at the port. */
  readonly host: string;
  readonly direction: 'in' | 'out';
  readonly atMs: number;
  readonly octets: Uint8Array;
}

/** A message that was sent, or has arrived. */
export interface ToldMessage {
  readonly message: MessageName;
  readonly what: Moment['what'];
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

/** What came of a story. */
export interface Observation {
  /** By client, and of each its connections in order. */
  readonly clients: readonly (readonly ClientOutcome[])[];
  readonly executions: readonly Execution[];
  readonly frames: readonly TappedFrame[];
  readonly messages: readonly ToldMessage[];
  /** What the parts wrote down, a line each, for people. */
  readonly notes: readonly string[];
  /** How many rules the switch still had. */
  readonly rules: number;
  readonly endMs: number;
  /**
   * For how long a machine in real time has kept a part or the driver from working, where that was
   * long: what then looks like a failure may be none.
   */
  readonly lateMs?: number;
}

/** What a Prism promises: all in milliseconds. */
export interface Bounds {
  /** Whatever dies or is silent, a client that waits has an answer, a FIN or a RST by then. */
  readonly answerMs: number;
  /** A rule is gone so long after its connection has ended, or after its owner has died. */
  readonly ruleMs: number;
  /** A client that has not sent a whole head by then is given up. */
  readonly headMs: number;
}

/** The introduction of a whole Prism. */
export interface SystemHello extends Hello {
  readonly bounds: Bounds;
}

/** A whole Prism under test. Every call may reject with `DriverFault` or `NotSupported`. */
export interface System {
  hello(): Promise<SystemHello>;
  /** Plays a story on parts that have just been started. */
  play(story: Story): Promise<Observation>;
  close(): Promise<void>;
}

/**
 * What one system scenario knows: the story that it tells, and what came of it.
 *
 * `Given` and `When` write the story down; the first `Then` has it played, once, and all of them
 * look at the same observation.
 */
import { setWorldConstructor, World, type IWorldOptions } from '@cucumber/cucumber';
import type {
  Act,
  Cue,
  Line,
  Mishap,
  Observation,
  PolicyRoute,
  Story,
  SynOffer,
  SystemHello,
  Weather,
} from '../../../conformance/driver/system.ts';
import type { PacketSource } from '../../../conformance/run/evidence.ts';
import {
  currentSystemSession,
  type SystemSession,
} from '../../../conformance/run/system-session.ts';
import type { Asked, Fault } from '../../../conformance/system/judge.ts';
import { answeredOctets, type Ask } from '../../../conformance/system/request.ts';
import { Failure } from '../../../conformance/verdict/outcome.ts';

/** When a client does something, as scenarios say it; `next` follows what it did before. */
export type Timing =
  | { readonly kind: 'next' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'peer-finished' }
  | Extract<Cue, { readonly kind: 'after' | 'received' | 'moment' }>;

/** A client as far as the scenario has told of it. */
export interface Draft {
  readonly lines: Line[];
  /** By connection. */
  readonly asked: Ask[][];
  offer: SynOffer;
  /** The request whose content has not been sent. */
  unsent: Ask | undefined;
  /** It ends its connection itself, as the scenario says. */
  isEnded: boolean;
}

/** /a is the first backend's, /b the second's; /any is for either. */
const POLICY: readonly PolicyRoute[] = [
  { pathPrefix: '/any', backends: ['b1', 'b2'] },
  { pathPrefix: '/a', backends: ['b1'] },
  { pathPrefix: '/b', backends: ['b2'] },
];
const CALM: Weather = { loss: 0, duplication: 0, jitterUs: 0 };
/** All that is promised is promised within less. */
const PATIENCE_MS = 90_000;

/** The state of one scenario. */
export class SystemWorld extends World {
  readonly session: SystemSession;
  clients: Draft[] = [];
  mishaps: Mishap[] = [];
  policy: readonly PolicyRoute[] = POLICY;
  lock: Story['lock'] = 'drop';
  way: Story['way'] = 'hand-off';
  weather: Weather = CALM;
  patienceMs: number = PATIENCE_MS;
  /** Seed of the next story; that of the run unless a property has drawn another. */
  seed: number;
  /** Where the packets come from, for the evidence. */
  source: PacketSource = 'directed';
  /** Of a property that failed: which of its stories this is, as fast-check counts them. */
  path: string | undefined;
  #observation: Observation | undefined;

  constructor(options: IWorldOptions) {
    super(options);
    const session = currentSystemSession();
    if (session === undefined) throw new Error('no Prism was opened before the scenarios');
    this.session = session;
    this.seed = session.seed;
  }

  get hello(): SystemHello {
    return this.session.hello;
  }

  /** A story of which nothing has been told; for the runs of a property. */
  restart(): void {
    this.clients = [];
    this.mishaps = [];
    this.#observation = undefined;
  }

  /** The client of that number, from 0; it connects when it first is spoken of. */
  client(number: number): Draft {
    for (let next = this.clients.length; next <= number; next += 1) {
      const offer = {};
      this.clients.push({ lines: [], asked: [], offer, unsent: undefined, isEnded: false });
    }
    const draft = this.clients[number];
    if (draft === undefined) throw new Error(`there is no client ${number}`);
    return draft;
  }

  /** What the clients asked, by client and connection. */
  asked(): Asked {
    return this.clients.map(({ asked }) => asked);
  }

  /** Lets a client do something, on a connection that is opened if there is none. */
  act(draft: Draft, act: Act, timing: Timing = { kind: 'next' }): void {
    if (draft.lines.length === 0) this.connect(draft);
    draft.lines.push({ cue: this.#cueOf(draft, timing), act });
  }

  /** Opens a connection: the first, or one more from the same port. */
  connect(draft: Draft, timing: Timing = { kind: 'next' }): void {
    const act: Act = { kind: 'connect', offer: draft.offer };
    const cue: Cue = draft.lines.length === 0 ? { kind: 'at-once' } : this.#cueOf(draft, timing);
    draft.lines.push({ cue, act });
    draft.asked.push([]);
    draft.isEnded = false;
  }

  /** Notes requests of which the octets are sent by `act`. */
  ask(draft: Draft, asks: readonly Ask[]): void {
    if (draft.asked.length === 0) this.connect(draft);
    draft.asked.at(-1)?.push(...asks);
  }

  #cueOf(draft: Draft, timing: Timing): Cue {
    if (timing.kind === 'answered') {
      return { kind: 'received', octets: answeredOctets(this.policy, draft.asked.flat()) };
    }
    if (timing.kind === 'peer-finished') return { kind: timing.kind };
    if (timing.kind !== 'next') return timing;
    return { kind: draft.lines.at(-1)?.act.kind === 'connect' ? 'opened' : 'at-once' };
  }

  /** The story as it has been told; a client that says nothing of it closes when it has all. */
  story(): Story {
    const clients = this.clients.map((draft) => {
      const cue = this.#cueOf(draft, { kind: 'answered' });
      const close: Line = { cue, act: { kind: 'close' } };
      return draft.isEnded ? draft.lines : [...draft.lines, close];
    });
    const { seed, policy, lock, way, mishaps, weather, patienceMs } = this;
    return { seed, clients, policy, lock, way, mishaps, weather, patienceMs };
  }

  /** What came of the story; it is played when this is first asked. */
  async seen(): Promise<Observation> {
    this.#observation ??= await this.session.system.play(this.story());
    return this.#observation;
  }

  /** What came of the story, if it has been played. */
  played(): Observation | undefined {
    return this.#observation;
  }

  /** Fails the step if there is a fault. */
  fail(fault: Fault): void {
    if (fault !== undefined) throw new Failure(fault);
  }
}

setWorldConstructor(SystemWorld);

/**
 * What one scenario of a server switch knows: the story that it tells, and what came of it.
 *
 * `Given` and `When` write the story down; the first `Then` has it played, once, and all of them
 * look at the same observation.
 */
import { setWorldConstructor, World, type IWorldOptions } from '@cucumber/cucumber';
import type { Caller } from '../../../conformance/balancer/connection.ts';
import type {
  AccessRule,
  BalancerHello,
  BalancerObservation,
  BalancerStory,
  Happening,
  HostName,
  Pair,
  Setup,
  VirtualService,
  Visitor,
  VisitorLine,
} from '../../../conformance/driver/balancer.ts';
import type { SynOffer } from '../../../conformance/driver/system.ts';
import type { PacketSource } from '../../../conformance/run/evidence.ts';
import {
  currentBalancerSession,
  type BalancerSession,
} from '../../../conformance/run/balancer-session.ts';
import { octetsOf, readAsks, type Ask } from '../../../conformance/system/request.ts';
import { answerTo } from '../../../conformance/traffic/site.ts';
import { Failure, type Observed } from '../../../conformance/verdict/outcome.ts';

/** A visitor as far as the scenario has told of it. */
export interface Draft extends Visitor {
  readonly service: VirtualService;
  readonly lines: VisitorLine[];
  /** By connection. */
  readonly asked: Ask[][];
  /** It closes its connection itself as soon as it has all its answers. */
  closes: boolean;
  /** It goes before it has an answer, and nothing is asked about it. */
  breaksOff?: boolean;
}

/** A visit: who, to what, and from when on. */
export interface Visit {
  readonly client: number;
  readonly words: string;
  readonly service: VirtualService;
  readonly port?: number;
  readonly afterMs?: number;
}

const FIRST_PORT = 40_000;
/** Longer than it takes to give up a connection that is refused. */
const PATIENCE_MS = 20_000;

/** The state of one scenario. */
export class BalancerWorld extends World {
  readonly session: BalancerSession;
  services: VirtualService[] = [];
  access: AccessRule[] = [];
  visitors: Draft[] = [];
  /** Who sends packets of which no stack knows; the others are visitors. */
  callers: Caller[] = [];
  happenings: Happening[] = [];
  pair: Pair | undefined;
  offer: SynOffer = {};
  patienceMs: number = PATIENCE_MS;
  /** Seed of the next story; that of the run unless a property has drawn another. */
  seed: number;
  /** Where the packets come from, for the evidence. */
  source: PacketSource = 'directed';
  /** Of a property that failed: which of its stories this is, as fast-check counts them. */
  path: string | undefined;
  #playing: Promise<BalancerObservation> | undefined;
  #observation: BalancerObservation | undefined;

  constructor(options: IWorldOptions) {
    super(options);
    const session = currentBalancerSession();
    if (session === undefined) throw new Error('no server switch was opened before the scenarios');
    this.session = session;
    this.seed = session.seed;
  }

  get hello(): BalancerHello {
    return this.session.hello;
  }

  /** A story of which nothing has been told; for the runs of a property. */
  restart(): void {
    this.services = [];
    this.access = [];
    this.visitors = [];
    this.callers = [];
    this.happenings = [];
    this.#first = undefined;
    this.#playing = undefined;
    this.#observation = undefined;
  }

  /** The service at `endpoint`, as in `10.1.0.201:80`; the first one when it is left out. */
  service(endpoint?: string): VirtualService {
    const found = this.services.find(
      ({ address, port }) => endpoint === undefined || endpoint === `${address}:${port}`,
    );
    if (found === undefined) throw new Error(`there is no service ${endpoint ?? ''}`);
    return found;
  }

  /** The visitors of a client. */
  visitorsOf(client: number): readonly Draft[] {
    return this.visitors.filter((each) => each.client === client);
  }

  /** The last visitor of a client. */
  visitor(client: number): Draft {
    const found = this.visitorsOf(client).at(-1);
    if (found === undefined) throw new Error(`client ${client} has not come`);
    return found;
  }

  /** A client comes and connects. */
  begin({ client, service, port, afterMs }: Omit<Visit, 'words'>): Draft {
    const own = port ?? FIRST_PORT + this.visitors.length;
    const lines: VisitorLine[] = [
      {
        cue: afterMs === undefined ? { kind: 'at-once' } : { kind: 'after', ms: afterMs },
        act: { kind: 'connect', offer: this.offer },
      },
    ];
    const draft = { client, port: own, service, lines, asked: [[]], closes: true };
    this.visitors.push(draft);
    return draft;
  }

  /** A client comes, connects, and sends requests. */
  visit({ words, ...visit }: Visit): Draft {
    const draft = this.begin(visit);
    this.ask(draft, words, { kind: 'opened' });
    return draft;
  }

  /** Sends requests on the connection that there is. */
  ask(draft: Draft, words: string, cue: VisitorLine['cue']): void {
    this.write(draft, readAsks(words), cue);
  }

  /** Sends these requests on the connection that there is, in segments that begin at `cuts`. */
  write(
    { lines, asked }: Draft,
    asks: readonly Ask[],
    cue: VisitorLine['cue'],
    cuts: readonly number[] = [],
  ): void {
    lines.push({ cue, act: { kind: 'write', octets: octetsOf(asks), cuts } });
    asked.at(-1)?.push(...asks);
  }

  /** Lets something happen. */
  happen(happening: Happening): void {
    this.happenings.push(happening);
  }

  /** A host sends an IP packet of which its own stack knows nothing. */
  send(from: HostName, octets: Uint8Array, atMs: number): void {
    this.happenings.push({ kind: 'packet', from, octets, atMs });
  }

  /** What the switch is set up with, from what was told up to now. */
  setup(): Setup {
    const pair = this.pair === undefined ? {} : { pair: this.pair };
    return { services: [...this.services], access: [...this.access], ...pair };
  }

  /** The story as it has been told. */
  story(): BalancerStory {
    const visitors = this.visitors.map((draft): Visitor => {
      const { client, port, service, lines, closes } = draft;
      const close: VisitorLine = { cue: lastAnswerTo(draft), act: { kind: 'close' } };
      const endpoint = { address: service.address, port: service.port };
      return { client, port, service: endpoint, lines: closes ? [...lines, close] : lines };
    });
    const { happenings, patienceMs, seed } = this;
    return { seed, setup: this.#first ?? this.setup(), visitors, happenings, patienceMs };
  }

  #first: Setup | undefined;

  /** The setup is changed so long after the story began; what was told before is the first one. */
  change(atMs: number, change: (world: this) => void): void {
    this.#first ??= this.setup();
    change(this);
    this.happenings.push({ kind: 'configure', atMs, setup: this.setup() });
  }

  /** What came of the story; it is played when this is first asked. */
  async seen(): Promise<BalancerObservation> {
    // Several may ask before it is over.
    this.#playing ??= this.session.balancer.play(this.story());
    this.#observation = await this.#playing;
    return this.#observation;
  }

  /** What came of the story, if it has been played. */
  played(): BalancerObservation | undefined {
    return this.#observation;
  }

  /** Fails the step if there is a fault. */
  fail(fault: Observed | undefined): void {
    if (fault !== undefined) throw new Failure(fault);
  }
}

/** The story lasts for as long as it takes when something happens after `ms`. */
export function stay(world: BalancerWorld, ms: number): void {
  world.patienceMs = Math.max(world.patienceMs, ms + PATIENCE_MS);
}

/** Whoever reads answers may frame them anew: there they are counted, and not their octets. */
function lastAnswerTo({ service: { mode }, asked }: Draft): VisitorLine['cue'] {
  return mode === 'http'
    ? { kind: 'answers', count: asked.at(-1)?.length ?? 0 }
    : { kind: 'received', octets: answeredOctets(asked.flat()) };
}

/** All servers are called by two letters, so that their answers are equally long. */
export function answeredOctets(asks: readonly Ask[]): number {
  return asks.reduce((sum, { method, target }) => sum + answerTo('s1', method, target).length, 0);
}

setWorldConstructor(BalancerWorld);

/** A simulated core: its registers, its clock, and frames through it. */
import type { Registers } from '../driver/bus.ts';
import {
  encodeRequest,
  readAnswer,
  takeExchange,
  takeValue,
  type Answer,
  type Exchange,
  type FrameIn,
  type Operation,
  type Pace,
} from './wire.ts';

/** A core that runs only while it is asked; calls are done in the order in which they are made. */
export interface Core extends Registers {
  /** Hands frames over until the core is idle; rejects with CoreFault, such as for a hang. */
  exchange(frames: readonly FrameIn[], pace?: Pace): Promise<Exchange>;
  /** Lets so many seconds pass for the core, each in a few cycles. */
  tick(seconds: number): Promise<void>;
  /** Mends a fault, too. */
  reset(): Promise<void>;
  /** How many cycles it had run when it answered last. */
  cycles(): number;
  close(): Promise<void>;
}

/** Carries requests to a core. */
export interface Link {
  ask(request: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Why a core did not do what was asked. */
export class CoreFault extends Error {
  override readonly name = 'CoreFault';
  /** Such as `hang`, `bus-error`, `model`, `lost`, `ended`. */
  readonly kind: string;

  constructor(sentence: string) {
    super(sentence);
    this.kind = sentence.split(':', 1)[0] ?? sentence;
  }
}

/** The core behind `link`, after a reset. */
export async function startCore(link: Link): Promise<Core> {
  let cycles = 0;

  async function ask(operations: readonly Operation[]): Promise<Answer> {
    const answer = readAnswer(await link.ask(encodeRequest(operations)));
    cycles = answer.cycles;
    if (answer.fault !== undefined) throw new CoreFault(answer.fault);
    return answer;
  }

  const core: Core = {
    async read(address) {
      return takeValue(await ask([{ kind: 'read', address }]));
    },
    async write(writes) {
      await ask(writes.map((write) => ({ kind: 'write', ...write })));
    },
    async exchange(frames, pace = {}) {
      return takeExchange(await ask([{ kind: 'exchange', frames, pace }]));
    },
    async tick(seconds) {
      await ask([{ kind: 'tick', seconds }]);
    },
    async reset() {
      await ask([{ kind: 'reset' }]);
    },
    cycles: () => cycles,
    close: () => link.close(),
  };
  try {
    await core.reset();
    return core;
  } catch (fault) {
    await link.close();
    throw fault;
  }
}

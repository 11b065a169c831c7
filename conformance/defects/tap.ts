/**
 * A tap on a device: everything passes through it, and a defect changes some of it.
 *
 * A frame that is injected goes to the device alone, so that a defect sees what came of it. What
 * the device knows of its rules is asked of itself, when it may have changed.
 */
import type {
  Command,
  ConnectionKey,
  Device,
  Endpoint,
  Hello,
  Notice,
  PortFrame,
  PortRole,
  Reply,
  Rule,
  RuleStatus,
} from '../driver/device.ts';
import type { Direction } from '../observe/translate.ts';
import { segmentOf, type Segment } from './edit.ts';

/** A rule, and which way through it a segment travels. */
export interface Passage {
  readonly rule: Rule;
  readonly direction: Direction;
}

/** The rules of the device, found by the ends of a segment. */
export interface Passages {
  readonly rules: readonly RuleStatus[];
  /** The rule that a segment meets which comes from its client or its owner. */
  readonly arriving: (segment: Segment) => Passage | undefined;
  /** The rule that a segment has passed which leaves. */
  readonly leaving: (segment: Segment) => Passage | undefined;
}

/** The device behind the tap, as a defect sees it. */
export interface Tap {
  readonly device: Device;
  /** Gives the device a frame; what leaves at once. */
  pass(input: PortFrame): Promise<readonly PortFrame[]>;
  /** Gives the device a command; what it releases leaves. */
  tell(command: Command): Promise<Reply>;
  /** The device's rules as they are. */
  passages(): Promise<Passages>;
  /** The number of the port that plays a role, if there is one. */
  portOf(role: PortRole): Promise<number | undefined>;
  /** Lets frames leave beside those that a hook returns. */
  release(frames: readonly PortFrame[]): void;
}

/** What a defect changes; what it leaves out passes as it is. */
export interface Hooks {
  /** In place of each frame that arrives: what the device is given. */
  readonly input?: (input: PortFrame, passages: Passages) => readonly PortFrame[];
  /** In place of each frame that leaves. */
  readonly output?: (output: PortFrame, passages: Passages) => readonly PortFrame[];
  /** In place of passing a frame on: what leaves. Slow; for what `input` and `output` cannot do. */
  readonly frame?: (input: PortFrame, tap: Tap) => Promise<readonly PortFrame[]>;
  /** In place of passing a command on: the reply. */
  readonly command?: (command: Command, tap: Tap) => Promise<Reply>;
  /** In place of the list of rules. */
  readonly rules?: (rules: readonly RuleStatus[], tap: Tap) => Promise<readonly RuleStatus[]>;
  readonly notices?: (notices: readonly Notice[]) => readonly Notice[];
  readonly advance?: (seconds: number, tap: Tap) => Promise<void>;
}

function endText({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** A connection as one word for a map. */
export function keyText({ client, virtual }: ConnectionKey): string {
  return `${endText(client)} > ${endText(virtual)}`;
}

/** The key that a command is about. */
export function keyOfCommand(command: Command): ConnectionKey {
  return command.op === 'add' ? command.rule : command.key;
}

function pairText(from: Endpoint, to: Endpoint): string {
  return `${endText(from)} > ${endText(to)}`;
}

function passagesOf(rules: readonly RuleStatus[]): Passages {
  const arriving = new Map<string, Passage>();
  const leaving = new Map<string, Passage>();
  for (const { rule } of rules) {
    const { client, virtual, owner } = rule;
    const there: Passage = { rule, direction: 'client-to-owner' };
    const back: Passage = { rule, direction: 'owner-to-client' };
    arriving.set(pairText(client, virtual), there).set(pairText(owner, client), back);
    leaving.set(pairText(client, owner), there).set(pairText(virtual, client), back);
  }
  return {
    rules,
    arriving: ({ from, to }) => arriving.get(pairText(from, to)),
    leaving: ({ from, to }) => leaving.get(pairText(from, to)),
  };
}

/** `device` behind a tap; `makeHooks` is called at each reset, so that nothing is remembered. */
export function tapped(device: Device, makeHooks: () => Hooks): Device {
  let hooks = makeHooks();
  let hello: Hello | undefined;
  let known: Passages | undefined;
  let left: PortFrame[] = [];
  let notices: Notice[] = [];

  async function greeting(): Promise<Hello> {
    hello ??= await device.hello();
    return hello;
  }

  async function passages(): Promise<Passages> {
    const { capabilities } = await greeting();
    known ??= passagesOf(capabilities.includes('RULES') ? await device.rules() : []);
    return known;
  }

  /** What left the device since the last time, without the defect. */
  async function drain(): Promise<readonly PortFrame[]> {
    const collected = await device.collect();
    notices.push(...collected.notices);
    return collected.frames;
  }

  async function leave(frames: readonly PortFrame[]): Promise<void> {
    const { output } = hooks;
    if (output === undefined) left = left.concat(frames);
    else if (frames.length > 0) {
      const rules = await passages();
      left = left.concat(frames.flatMap((frame) => output(frame, rules)));
    }
  }

  const tap: Tap = {
    device,
    async pass(input) {
      await device.inject([input]);
      // A command may have come in the frame.
      if (input.port === (await greeting()).ports.control) known = undefined;
      return drain();
    },
    async tell(command) {
      // What is still inside was there before the command.
      await leave(await drain());
      const reply = await device.command(command);
      known = undefined;
      await leave(await drain());
      return reply;
    },
    passages,
    portOf: async (role) => (await greeting()).ports[role],
    release(frames) {
      left = left.concat(frames);
    },
  };

  async function injectEach(
    frames: readonly PortFrame[],
    pass: NonNullable<Hooks['frame']>,
  ): Promise<void> {
    for (const input of frames) await leave(await pass(input, tap));
  }

  async function injectAll(frames: readonly PortFrame[]): Promise<void> {
    const { input } = hooks;
    const rules = input === undefined ? undefined : await passages();
    const given =
      input === undefined || rules === undefined
        ? frames
        : frames.flatMap((frame) => input(frame, rules));
    await device.inject(given);
    const { control } = (await greeting()).ports;
    if (control !== undefined && given.some(({ port }) => port === control)) known = undefined;
    if (hooks.output !== undefined) await leave(await drain());
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One call after the other, as a device does them; several may be asked for at a time. */
  async function inTurn<T>(call: () => Promise<T>): Promise<T> {
    const mine = last.then(call, call);
    last = mine;
    return mine;
  }

  return {
    ...device,
    hello: greeting,
    reset: async () =>
      inTurn(async () => {
        await device.reset();
        hooks = makeHooks();
        known = undefined;
        left = [];
        notices = [];
      }),
    command: async (command) =>
      inTurn(async () =>
        hooks.command === undefined ? tap.tell(command) : hooks.command(command, tap),
      ),
    rules: async () =>
      inTurn(async () => {
        const rules = await device.rules();
        return hooks.rules === undefined ? rules : hooks.rules(rules, tap);
      }),
    inject: async (frames) =>
      inTurn(async () =>
        hooks.frame === undefined ? injectAll(frames) : injectEach(frames, hooks.frame),
      ),
    collect: async () =>
      inTurn(async () => {
        await leave(await drain());
        const collected = { frames: left, notices: hooks.notices?.(notices) ?? notices };
        left = [];
        notices = [];
        return collected;
      }),
    advance: async (seconds) =>
      inTurn(async () => {
        known = undefined;
        await (hooks.advance === undefined ? device.advance(seconds) : hooks.advance(seconds, tap));
        // The clock may have ended a rule.
        known = undefined;
      }),
  };
}

/** What becomes of a segment under a rule: other octets, or nothing at all. */
export type Change = (segment: Segment, passage: Passage) => Uint8Array | undefined;

function through(
  { port, frame }: PortFrame,
  find: (segment: Segment) => Passage | undefined,
  change: Change,
): readonly PortFrame[] {
  const segment = segmentOf(frame);
  const passage = segment === undefined ? undefined : find(segment);
  if (segment === undefined || passage === undefined) return [{ port, frame }];
  const instead = change(segment, passage);
  return instead === undefined ? [] : [{ port, frame: instead }];
}

/** A device whose translated segments are changed on their way out. */
export function onLeaving(change: Change): (device: Device) => Device {
  return (device) =>
    tapped(device, () => ({
      output: (output, { leaving }) => through(output, leaving, change),
    }));
}

/** A device that takes segments of a rule's connection for others than they are. */
export function onArriving(change: Change): (device: Device) => Device {
  return (device) =>
    tapped(device, () => ({
      input: (input, { arriving }) => through(input, arriving, change),
    }));
}

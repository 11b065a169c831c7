/**
 * A tap on a device: everything passes through it, and a defect changes some of it.
 *
 * A frame that is injected goes to the device alone, so that a defect sees what came of it. What
 * the device knows of its rules is asked of itself, when it may have changed.
 */
import type {
  Command,
  Device,
  Hello,
  Notice,
  PortFrame,
  Reply,
  RuleStatus,
} from '../driver/device.ts';
import { passagesOf, type Passages } from './passage.ts';
import { createBridge, type Bridge } from './past-rules.ts';

/** The device behind the tap, as a defect sees it. */
export interface Tap {
  readonly device: Device;
  /** Gives the device a frame; what leaves at once. */
  pass(input: PortFrame): Promise<readonly PortFrame[]>;
  /** Gives the device a command; what it releases leaves. */
  tell(command: Command): Promise<Reply>;
  /** The device's rules as they are. */
  passages(): Promise<Passages>;
  /** Lets frames leave beside those that a hook returns. */
  release(frames: readonly PortFrame[]): void;
}

/** What a defect changes; what it leaves out passes as it is. */
export interface Hooks {
  /** The frame that is bridged as if there were no rules; undefined for what the rules treat. */
  readonly past?: (input: PortFrame, passages: Passages) => Uint8Array | undefined;
  /** In place of each frame that arrives: what the device is given. */
  readonly input?: (input: PortFrame, passages: Passages) => readonly PortFrame[];
  /** In place of each frame that leaves. */
  readonly output?: (output: PortFrame, passages: Passages) => readonly PortFrame[];
  /** In place of passing a frame on: what leaves. Slow; for what `input` and `output` cannot do. */
  readonly frame?: (input: PortFrame, tap: Tap) => Promise<readonly PortFrame[]>;
  /** In place of passing a command on: the reply. */
  readonly command?: (command: Command, tap: Tap) => Promise<Reply>;
  /** In place of what a command sets free. */
  readonly released?: (
    frames: readonly PortFrame[],
    command: Command,
    tap: Tap,
  ) => readonly PortFrame[];
  /** In place of the list of rules. */
  readonly rules?: (rules: readonly RuleStatus[], tap: Tap) => Promise<readonly RuleStatus[]>;
  readonly notices?: (notices: readonly Notice[]) => readonly Notice[];
  readonly advance?: (seconds: number, tap: Tap) => Promise<void>;
}

function changed(
  frames: readonly PortFrame[],
  change: NonNullable<Hooks['output']>,
  rules: Passages,
): readonly PortFrame[] {
  return frames.flatMap((frame) => change(frame, rules));
}

/** `device` behind a tap; `makeHooks` is called at each reset, so that nothing is remembered. */
export function tapped(device: Device, makeHooks: () => Hooks): Device {
  let hooks = makeHooks();
  let hello: Hello | undefined;
  let bridge: Bridge | undefined;
  let known: Passages | undefined;
  let left: PortFrame[] = [];
  let notices: Notice[] = [];

  async function greeting(): Promise<Hello> {
    hello ??= await device.hello();
    return hello;
  }

  async function passages(): Promise<Passages> {
    const { capabilities, ports } = await greeting();
    known ??= passagesOf(capabilities.includes('RULES') ? await device.rules() : [], ports);
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
    if (frames.length === 0) return;
    const leaving = output === undefined ? frames : changed(frames, output, await passages());
    for (const each of leaving) left.push(each);
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
      const freed = await drain();
      await leave(hooks.released?.(freed, command, tap) ?? freed);
      return reply;
    },
    passages,
    release(frames) {
      left.push(...frames);
    },
  };

  /** What is left for the rules of the device, when the rest has been bridged past them. */
  async function meetRules(frames: readonly PortFrame[]): Promise<readonly PortFrame[]> {
    const { past } = hooks;
    if (past === undefined) return frames;
    const rules = await passages();
    const way = (bridge ??= createBridge(rules.ports));
    return frames.filter((input) => {
      way.hear(input);
      const instead = past(input, rules);
      if (instead !== undefined) left.push(...way.forward(input.port, instead));
      return instead === undefined;
    });
  }

  async function injectEach(
    frames: readonly PortFrame[],
    pass: NonNullable<Hooks['frame']>,
  ): Promise<void> {
    for (const input of frames) await leave(await pass(input, tap));
  }

  async function injectAll(frames: readonly PortFrame[]): Promise<void> {
    const { input } = hooks;
    const given = input === undefined ? frames : changed(frames, input, await passages());
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
        bridge = undefined;
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
      inTurn(async () => {
        const ruled = await meetRules(frames);
        await (hooks.frame === undefined ? injectAll(ruled) : injectEach(ruled, hooks.frame));
      }),
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

/**
 * A device that is a program: `prism-dut/1` on its standard input and output.
 *
 * A program that hangs, dies, or answers what no device may answer is ended. The next `reset`
 * starts it anew, a few times in a run; then every call fails at once, with its first fault.
 */
import type { z } from 'zod';
import { PRISM_CAPABILITIES, type Capability } from '../catalogue/capability.ts';
import {
  DriverFault,
  NotSupported,
  type Collected,
  type Command,
  type Device,
  type Hello,
  type Notice,
  type PortFrame,
  type Reply,
  type RuleStatus,
} from '../driver/device.ts';
import { ANSWERS, complaint, DEFAULT_PROFILE, type HelloAnswer } from './stdio-answers.ts';
import { realAfter, startLink, type After, type Link } from './stdio-link.ts';
import type { StdioTarget } from './target-file.ts';

/** Frames of one `inject`, and how many octets they have together. */
const MAX_BATCH_FRAMES = 256;
const MAX_BATCH_OCTETS = 1 << 20;
/** Answers to one `collect`, each of which says that there is more. */
const MAX_PARTS = 1000;
/** Frames after which a device that promises more is not asked for them. */
const MAX_COLLECTED = 200_000;
/** How often a program that had a fault is started anew. */
const MAX_RESTARTS = 3;
/** JSON-RPC 2.0 section 5.1. */
const METHOD_NOT_FOUND = -32_601;

/** What a device lacks that does not know a method; a method that is not here it has to know. */
const LACKS: Readonly<Record<string, string>> = {
  'rule.add': 'RULES',
  'rule.delete': 'RULES',
  'rule.chown': 'RULES',
  'rule.get': 'RULES',
  'rule.lock': 'LOCK',
  'rule.unlock': 'LOCK',
  advance: 'AGE',
  counters: 'counters',
  'control.frame': 'INBAND',
};

function batches(frames: readonly PortFrame[]): readonly (readonly PortFrame[])[] {
  const all: PortFrame[][] = [];
  let octets = 0;
  for (const each of frames) {
    const batch = all.at(-1);
    octets += each.frame.length;
    if (batch === undefined || batch.length >= MAX_BATCH_FRAMES || octets > MAX_BATCH_OCTETS) {
      all.push([each]);
      octets = each.frame.length;
    } else {
      batch.push(each);
    }
  }
  return all;
}

function onTheWire({ port, frame }: PortFrame): { readonly port: number; readonly frame: string } {
  const octets = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  return { port, frame: octets.toString('base64') };
}

/** What a target file makes of what the device says of itself; what is wrong with it, as text. */
function introduced(answer: HelloAnswer, target: StdioTarget): Hello | string {
  const has = (name: string): boolean => answer.capabilities.includes(name);
  const unasked = answer.capabilities.find(
    (name) => !PRISM_CAPABILITIES.some((each) => each === name),
  );
  if (unasked !== undefined) return `claims ${unasked}, which it was not asked for`;
  const missing = target.claims?.find((name) => !has(name));
  if (missing !== undefined) return `does not claim ${missing}, which the target file claims`;
  const isClaimed = (name: Capability): boolean => target.claims?.includes(name) ?? true;
  return {
    ...answer,
    capabilities: PRISM_CAPABILITIES.filter((name) => has(name) && isClaimed(name)),
    profile: { ...DEFAULT_PROFILE, ...answer.profile, ...target.profile },
  };
}

/** Opens the device; the program is started in `folder`, by the first call. */
export function openStdio(target: StdioTarget, folder: string, after: After = realAfter): Device {
  let link: Link | undefined;
  let starts = 0;
  let first: DriverFault | undefined;
  let known: Hello | undefined;

  /** The program has had its last fault: it will not be started again. */
  const isSpent = (): boolean => starts > MAX_RESTARTS && link?.isBroken() === true;

  function start(): Link {
    starts += 1;
    link = startLink({ cmd: target.cmd, folder, timeoutMs: target.timeoutMs }, after);
    return link;
  }

  /** Ends the program for what it said. */
  async function refuse(told: string): Promise<never> {
    const fault = new DriverFault('protocol', told);
    throw (await link?.blame('protocol', told)) ?? fault;
  }

  async function ask<T>(method: string, params: unknown, schema: z.ZodType<T>): Promise<T> {
    const current = link ?? start();
    if (first !== undefined && isSpent()) throw first;
    try {
      const answer = await current.call(method, params);
      if (answer.kind === 'error') {
        const lacks = LACKS[method];
        if (answer.code === METHOD_NOT_FOUND && lacks !== undefined) throw new NotSupported(lacks);
        throw new DriverFault('device-error', `${method}: ${answer.message} (${answer.code})`);
      }
      const read = schema.safeParse(answer.value);
      if (read.success) return read.data;
      return await refuse(`the answer to ${method}: ${complaint(read.error)}`);
    } catch (error) {
      if (error instanceof DriverFault && current.isBroken()) first ??= error;
      throw error;
    }
  }

  async function introduce(): Promise<Hello> {
    const params = { protocol: 'prism-dut/1', asks: PRISM_CAPABILITIES };
    const hello = introduced(await ask('hello', params, ANSWERS.hello), target);
    if (typeof hello === 'string') return refuse(`the device ${hello}`);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(hello)) {
      return refuse('the device introduces itself differently than before');
    }
    known = hello;
    return hello;
  }

  async function command(asked: Command): Promise<Reply> {
    const { op, ...params } = asked;
    return ask(`rule.${op}`, params, ANSWERS.reply);
  }

  return {
    hello: introduce,
    async reset(): Promise<void> {
      if (link?.isBroken() === true && !isSpent()) {
        start();
        await introduce();
      }
      await ask('reset', {}, ANSWERS.nothing);
    },
    command,
    rules: async (): Promise<readonly RuleStatus[]> =>
      (await ask('rule.get', {}, ANSWERS.rules)).rules,
    async inject(frames): Promise<void> {
      for (const batch of batches(frames)) {
        await ask('inject', { frames: batch.map(onTheWire) }, ANSWERS.nothing);
      }
    },
    async collect(): Promise<Collected> {
      const frames: PortFrame[] = [];
      const notices: Notice[] = [];
      for (let part = 0; part < MAX_PARTS && frames.length <= MAX_COLLECTED; part += 1) {
        const { more, ...some } = await ask('collect', {}, ANSWERS.collect);
        for (const each of some.frames) frames.push(each);
        for (const each of some.notices) notices.push(each);
        if (!more) return { frames, notices };
      }
      throw new DriverFault('flood', `collect gave ${frames.length} frames and promised more`);
    },
    async barrier(): Promise<void> {
      await ask('barrier', {}, ANSWERS.nothing);
    },
    async advance(seconds): Promise<void> {
      await ask('advance', { ns: Math.round(seconds * 1e9) }, ANSWERS.nothing);
    },
    captureLoss: async (): Promise<number> =>
      (await ask('counters', {}, ANSWERS.counters)).captureLoss,
    controlFrame: async (carried): Promise<Uint8Array> =>
      (await ask('control.frame', { command: carried }, ANSWERS.frame)).frame,
    async claims(capability): Promise<boolean> {
      const params = { protocol: 'prism-dut/1', asks: [...PRISM_CAPABILITIES, capability] };
      const { capabilities } = await ask('hello', params, ANSWERS.hello);
      return capabilities.includes(capability);
    },
    close: async (): Promise<void> => link?.end(),
  };
}

/** The doctor's checks, each on a device that has what it looks for. */
import test from 'ava';
import { WIRE_CHECKS } from '../../../conformance/cli/doctor/wire-checks.ts';
import { RULE_CHECKS } from '../../../conformance/cli/doctor/rule-checks.ts';
import type { Finding } from '../../../conformance/cli/doctor/check.ts';
import {
  NotSupported,
  type Collected,
  type Device,
  type Hello,
  type PortFrame,
} from '../../../conformance/driver/device.ts';
import { openInProcess } from '../../../conformance/drivers/in-process.ts';
import { createObserver } from '../../../conformance/observe/observer.ts';

const CHECKS = [...WIRE_CHECKS, ...RULE_CHECKS];

/** What the check called `name` says of a device. */
async function examine(device: Device, name: string | undefined): Promise<Finding> {
  const check = CHECKS.find((each) => each.name === name);
  if (check === undefined) throw new Error(`no check is called ${name}`);
  const hello = await device.hello();
  await device.reset();
  return check.perform({ device, hello, observer: createObserver(device, hello) });
}

function withHello(device: Device, changes: Partial<Hello>): Device {
  return { ...device, hello: async () => ({ ...(await device.hello()), ...changes }) };
}

/** `device`, of whose collected frames `spoil` makes others. */
function spoiling(
  device: Device,
  spoil: (frames: readonly PortFrame[]) => readonly PortFrame[],
): Device {
  return {
    ...device,
    collect: async (): Promise<Collected> => {
      const { frames, notices } = await device.collect();
      return { frames: spoil(frames), notices };
    },
  };
}

function isSentinel({ frame }: PortFrame): boolean {
  return frame[12] === 0x88 && frame[13] === 0xb5;
}

function changed(each: PortFrame): PortFrame {
  return isSentinel(each) ? each : { ...each, frame: each.frame.with(40, 0x55) };
}

/** Keeps one frame of each look back until the next. */
function late(): (frames: readonly PortFrame[]) => readonly PortFrame[] {
  let kept: readonly PortFrame[] = [];
  return (frames) => {
    const at = frames.findIndex((each) => !isSentinel(each));
    const [before, after] = [kept, frames.filter((_, index) => index !== at)];
    kept = frames.filter((_, index) => index === at);
    return [...before, ...after];
  };
}

let turn = 0;
const NAMES = CHECKS.map(({ name }) => name);
const [PORTS, SILENCE, ECHO, ORDER, PROOF, LOSS, MTU, COMMANDS, RESET, REPEAT] = NAMES;

for (const [what, device, check, told] of [
  [
    'no port for the controller',
    withHello(openInProcess(), { ports: { client0: 0, client1: 1, backend0: 3, backend1: 4 } }),
    PORTS,
    /no port for controller/u,
  ],
  [
    'neither barrier nor time',
    withHello(openInProcess(), { barrier: 'none' }),
    SILENCE,
    /no barrier and no time/u,
  ],
  [
    'frames of its own',
    spoiling(openInProcess(), (frames) => [
      { port: 0, frame: new Uint8Array(60).fill(1) },
      ...frames,
    ]),
    SILENCE,
    /frames came out of an idle device/u,
  ],
  [
    'another idea of the ports',
    spoiling(openInProcess(), (frames) =>
      frames.map((each) => (isSentinel(each) ? each : { ...each, port: (each.port + 1) % 5 })),
    ),
    ECHO,
    /it came out at backend1/u,
  ],
  ['a changed octet', spoiling(openInProcess(), (frames) => frames.map(changed)), ECHO, /changed/u],
  [
    'a lost frame',
    spoiling(openInProcess(), (frames) => (frames.length < 200 ? frames : frames.slice(1))),
    ORDER,
    /255 of 256 frames came from client0 to client1/u,
  ],
  [
    'two frames in the wrong order',
    spoiling(openInProcess(), (frames) =>
      frames.length < 200
        ? frames
        : frames.with(7, frames[8] ?? FILLER).with(8, frames[7] ?? FILLER),
    ),
    ORDER,
    /frame 7 from client0 to client1 is not in its place/u,
  ],
  [
    'a frame that comes late',
    spoiling(openInProcess(), late()),
    PROOF,
    /1 frames came after the sentinel/u,
  ],
  [
    'lost frames that were counted',
    { ...openInProcess(), captureLoss: async () => 3 },
    LOSS,
    /3 frames were lost/u,
  ],
  [
    'a smaller MTU than it says',
    spoiling(openInProcess(), (frames) => frames.filter(({ frame }) => frame.length < 2000)),
    MTU,
    /a packet of 9000 octets was lost/u,
  ],
  [
    'a command that it does not take',
    {
      ...openInProcess(),
      command: async ({ op }) =>
        op === 'lock' ? { ok: false, error: 'busy', detail: 'try later' } : { ok: true },
    },
    COMMANDS,
    /lock is refused: busy try later/u,
  ],
  [
    'a reset that does nothing',
    { ...openInProcess(), reset: async () => undefined },
    RESET,
    /1 rules are left/u,
  ],
  ['a reset that leaves addresses', forgetful(), RESET, /an address is still known/u],
  [
    'a random number in each frame',
    spoiling(openInProcess(), (frames) =>
      frames.map((each) =>
        isSentinel(each) ? each : { ...each, frame: each.frame.with(19, (turn += 1) & 0xff) },
      ),
    ),
    REPEAT,
    /came out differently the second time/u,
  ],
] satisfies readonly (readonly [string, Device, string | undefined, RegExp])[]) {
  test(`a device with ${what} is told so, and what to do`, async (t) => {
    const finding = await examine(device, check);
    if (finding.kind !== 'wrong') return t.fail(finding.kind);
    t.regex(finding.told, told);
    t.true(finding.todo.length > 10);
    return undefined;
  });
}

const FILLER: PortFrame = { port: 0, frame: new Uint8Array(60) };

/** A device whose reset removes the rules that were added, and nothing else. */
function forgetful(): Device {
  const device = openInProcess();
  let epoch = 1000;
  return {
    ...device,
    command: async (command) => device.command({ ...command, epoch: (epoch += 1) }),
    reset: async (): Promise<void> => {
      for (const { rule } of await device.rules()) {
        await device.command({ op: 'delete', key: rule, epoch: (epoch += 1) });
      }
      await device.collect();
    },
  };
}

test('the reference is well in all respects', async (t) => {
  for (const name of NAMES) t.is((await examine(openInProcess(), name)).kind, 'good', name);
});

test('what cannot be looked at is not called good', async (t) => {
  const poor = withHello(openInProcess({ claims: [] }), { capabilities: [] });
  const device: Device = {
    ...poor,
    captureLoss: async (): Promise<number> => {
      throw new NotSupported('counters');
    },
  };
  for (const name of [ECHO, ORDER, PROOF, LOSS, MTU]) {
    t.is((await examine(device, name)).kind, 'not-applicable', name);
  }
  for (const name of [PORTS, SILENCE, COMMANDS, RESET, REPEAT]) {
    t.is((await examine(device, name)).kind, 'good', name);
  }
});

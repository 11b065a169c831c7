/** The proof that what is not there will not come, on devices that follow a script. */
import test from 'ava';
import type { Collected, Device, Hello, PortFrame } from '../../../conformance/driver/device.ts';
import { DriverFault, NotSupported } from '../../../conformance/driver/device.ts';
import {
  atPorts,
  bridgedRoles,
  createObserver,
  sentinel,
} from '../../../conformance/observe/observer.ts';
import { fromClient, helloWith, hub, scriptedDevice, SPLICE } from '../bed.ts';

const HELLO = helloWith();
const FRAME = fromClient(SPLICE);

async function faultOf(device: Device, hello: Hello = HELLO): Promise<string | undefined> {
  try {
    await createObserver(device, hello).observe();
    return undefined;
  } catch (error) {
    if (error instanceof DriverFault) return error.reason;
    throw error;
  }
}

test('sentinels enter at every bridged port and are not told as outputs', async (t) => {
  const injected: PortFrame[] = [];
  const device = hub(HELLO);
  const watched: Device = {
    ...device,
    inject: async (frames): Promise<void> => {
      injected.push(...frames);
      await device.inject(frames);
    },
  };
  const { outputs, proof } = await createObserver(watched, HELLO).observe();
  t.is(proof, 'sentinel');
  t.deepEqual(outputs, []);
  t.deepEqual(
    injected.map(({ port }) => port),
    [0, 1, 2, 3, 4],
  );
  for (const { frame } of injected) t.deepEqual([...frame.subarray(0, 6)], Array(6).fill(0xff));
});

test('what left before the sentinels is told with its role, in order', async (t) => {
  const device = hub(HELLO);
  const other = fromClient(SPLICE, { seq: 2 });
  await device.inject(atPorts(HELLO, [{ role: 'client0', frame: FRAME }]));
  await device.inject(atPorts(HELLO, [{ role: 'client0', frame: other }]));
  const { outputs } = await createObserver(device, HELLO).observe();
  const roles = ['client1', 'controller', 'backend0', 'backend1'];
  t.deepEqual(
    outputs.map(({ role }) => role),
    [...roles, ...roles],
  );
  t.deepEqual(outputs[0]?.frame, FRAME);
  t.deepEqual(outputs[4]?.frame, other);
});

test('the observer asks until the last sentinel is there', async (t) => {
  const device = hub(HELLO);
  let queue: readonly PortFrame[] = [];
  const slow: Device = {
    ...device,
    // One frame at a time, as from a slow pipe.
    collect: async (): Promise<Collected> => {
      queue = [...queue, ...(await device.collect()).frames];
      const [next, ...rest] = queue;
      queue = rest;
      return { frames: next === undefined ? [] : [next], notices: [] };
    },
  };
  await slow.inject(atPorts(HELLO, [{ role: 'backend0', frame: FRAME }]));
  const { outputs, proof } = await createObserver(slow, HELLO).observe();
  t.is(outputs.length, 4);
  t.is(proof, 'sentinel');
});

test('a device that answers nothing cannot be judged', async (t) => {
  t.is(await faultOf(scriptedDevice(HELLO)), 'sentinel-lost');
});

test('one lost sentinel is enough, and it is named', async (t) => {
  const lossy = hub(HELLO, (frames) => frames.filter(({ port }, index) => port !== 4 || index > 4));
  await t.throwsAsync(createObserver(lossy, HELLO).observe(), {
    instanceOf: DriverFault,
    message: /sentinels did not come out: 1 from client0>backend1$/u,
  });
});

test('the sentinels of an earlier round prove nothing', async (t) => {
  let rounds = 0;
  const device = hub(HELLO, () =>
    (rounds += 1) > 2
      ? []
      : [0, 1, 2, 3, 4].flatMap((port) =>
          bridgedRoles(HELLO).map((role) => ({ port, frame: sentinel(role, 1) })),
        ),
  );
  const observer = createObserver(device, HELLO);
  await observer.observe();
  await t.throwsAsync(observer.observe(), { message: /sentinel-lost/u });
});

test('a device that never stops sending is not listened to for ever', async (t) => {
  const device = hub(HELLO, () => Array.from({ length: 5000 }, () => ({ port: 3, frame: FRAME })));
  t.is(await faultOf(device), 'flood');
});

test('a frame that only looks like a sentinel is an output', async (t) => {
  const fake = sentinel('client0', 1).slice();
  fake[14] = 0x50;
  const device = hub(HELLO);
  await device.inject([{ port: 0, frame: fake }]);
  const { outputs } = await createObserver(device, HELLO).observe();
  t.is(outputs.length, 4);
});

test('with a barrier a bridge is shown the hosts, and asked once, after the barrier', async (t) => {
  const calls: string[] = [];
  const hello = helloWith({ barrier: 'rpc', capabilities: ['BRIDGE'] });
  const device = scriptedDevice(hello, {
    barrier: async (): Promise<void> => void calls.push('barrier'),
    inject: async (): Promise<void> => void calls.push('inject'),
    collect: async (): Promise<Collected> => {
      calls.push('collect');
      const shown = { port: 3, frame: sentinel('client0', 1) };
      return { frames: [shown, { port: 3, frame: FRAME }], notices: [] };
    },
  });
  const { outputs, proof } = await createObserver(device, hello).observe();
  t.deepEqual(calls, ['inject', 'barrier', 'collect']);
  t.is(proof, 'barrier');
  t.deepEqual(
    outputs.map(({ role }) => role),
    ['backend0'],
  );
});

test('without a barrier there is no proof, and no barrier is asked for', async (t) => {
  const hello = helloWith({ barrier: 'none' });
  const device = scriptedDevice(hello, {
    barrier: async (): Promise<void> => t.fail('asked'),
  });
  const { proof, outputs } = await createObserver(device, hello).observe();
  t.is(proof, 'none');
  t.deepEqual(outputs, []);
});

/** Records the pauses that an observer makes, and lets `passed` know how long they were. */
function recorder(passed: (ms: number) => void = () => undefined) {
  const pauses: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    pauses.push(ms);
    passed(ms);
  };
  return { pauses, sleep };
}

test('a declared time is waited for, then what has left is all there is', async (t) => {
  const { profile } = HELLO;
  const hello = helloWith({ barrier: 'none', profile: { ...profile, settleMs: 70 } });
  const calls: string[] = [];
  const device = scriptedDevice(hello, {
    collect: async (): Promise<Collected> => {
      calls.push('collect');
      return { frames: [{ port: 3, frame: FRAME }], notices: [] };
    },
  });
  const { pauses, sleep } = recorder(() => calls.push('sleep'));
  const { outputs, proof } = await createObserver(device, hello, sleep).observe();
  t.is(proof, 'bound');
  t.deepEqual(pauses, [70]);
  t.deepEqual(calls, ['sleep', 'collect']);
  t.is(outputs.length, 1);
});

test('a declared time proves nothing to an observer that cannot wait', async (t) => {
  const hello = helloWith({ barrier: 'none', profile: { ...HELLO.profile, settleMs: 70 } });
  t.is((await createObserver(scriptedDevice(hello), hello).observe()).proof, 'none');
});

test('a device in real time is given time, as long as something comes', async (t) => {
  const hello = helloWith({ clock: 'real', profile: { ...HELLO.profile, settleMs: 100 } });
  const device = hub(hello);
  let now = 0;
  let arrivals: readonly (PortFrame & { readonly at: number })[] = [];
  const slow: Device = {
    ...device,
    inject: async (frames): Promise<void> => {
      await device.inject(frames);
      // One frame each 90 ms: the last one is there long after the limit, which is on silence.
      arrivals = (await device.collect()).frames.map((each, index) => ({
        ...each,
        at: index * 90,
      }));
    },
    collect: async (): Promise<Collected> => {
      const frames = arrivals.filter(({ at }) => at <= now);
      arrivals = arrivals.filter(({ at }) => at > now);
      return { frames, notices: [] };
    },
  };
  const { sleep } = recorder((ms) => (now += ms));
  t.is((await createObserver(slow, hello, sleep).observe()).proof, 'sentinel');
  t.true(now > 1000);
});

for (const [settleMs, limitMs] of [
  [undefined, 10_000],
  [200, 200],
] as const) {
  test(`a silent device in real time is given up after ${limitMs} ms`, async (t) => {
    const hello = helloWith({ clock: 'real', profile: { ...HELLO.profile, settleMs } });
    const { pauses, sleep } = recorder();
    await t.throwsAsync(createObserver(scriptedDevice(hello), hello, sleep).observe(), {
      message: /sentinel-lost/u,
    });
    const waited = pauses.reduce((sum, ms) => sum + ms, 0);
    t.true(waited >= limitMs && waited < limitMs + 51, String(waited));
    t.true(Math.max(...pauses) <= 50);
  });
}

test('a device that counts no loss is asked once', async (t) => {
  let asked = 0;
  const device = hub(HELLO, undefined, {
    captureLoss: async (): Promise<number> => {
      asked += 1;
      throw new NotSupported('counters');
    },
  });
  const observer = createObserver(device, HELLO);
  await observer.observe();
  await observer.observe();
  t.is(asked, 1);
});

test('frames that the capture lost make the look undecided, once', async (t) => {
  let loss = 0;
  const device = hub(HELLO, undefined, { captureLoss: async (): Promise<number> => loss });
  const observer = createObserver(device, HELLO);
  await observer.observe();
  // The loss is between two looks: while the stimulus was injected.
  loss = 3;
  await t.throwsAsync(observer.observe(), { instanceOf: DriverFault, message: /capture-loss.*3/u });
  await t.notThrowsAsync(observer.observe());
});

test('frames that are lost during the look count too', async (t) => {
  let loss = 0;
  const device = hub(HELLO, (frames) => frames, {
    captureLoss: async (): Promise<number> => (loss += 1) - 1,
  });
  const observer = createObserver(device, HELLO);
  await observer.observe();
  await t.throwsAsync(observer.observe(), { message: /capture-loss/u });
});

test('a frame at a port that hello does not name cannot be judged', async (t) => {
  const device = hub(HELLO, (frames) => [...frames, { port: 99, frame: FRAME }]);
  t.is(await faultOf(device), 'unknown-port');
});

test('punt and control ports are told, and no sentinel is awaited there', async (t) => {
  const ports = { ...HELLO.ports, punt: 5, control: 6 };
  const hello = helloWith({ ports });
  t.deepEqual(bridgedRoles(hello), ['client0', 'client1', 'controller', 'backend0', 'backend1']);
  const device = hub(HELLO, (frames) => [...frames, { port: 5, frame: FRAME }]);
  const { outputs } = await createObserver(device, hello).observe();
  t.deepEqual(outputs, [{ role: 'punt', frame: FRAME }]);
});

test('notices are passed on', async (t) => {
  const { client, virtual } = SPLICE;
  const notice = { kind: 'expired', key: { client, virtual }, reason: 'idle' } as const;
  const device = hub(HELLO);
  const telling: Device = {
    ...device,
    collect: async (): Promise<Collected> => ({ ...(await device.collect()), notices: [notice] }),
  };
  t.deepEqual((await createObserver(telling, HELLO).observe()).notices, [notice]);
});

test('a port that the device does not have is not supported; a host that is not there is our fault', (t) => {
  t.throws(() => atPorts(HELLO, [{ role: 'punt', frame: FRAME }]), {
    instanceOf: NotSupported,
    message: /a port for punt/u,
  });
  t.throws(() => sentinel('control', 1), { message: /no host/u });
});

/**
 * Collects what left a device, and proves that what is not there will not come.
 *
 * A device that keeps order is sent a sentinel at each port after the stimulus: a broadcast that
 * must come out at all the others. What has not come out before it is absent. No clock is used;
 * only a device that declares a time after which all has left, and no barrier, is waited for.
 */
import { build, ether, raw } from 'scapy-ts';
import {
  DriverFault,
  NotSupported,
  PORT_ROLES,
  type Device,
  type Hello,
  type Notice,
  type PortFrame,
  type PortRole,
} from '../driver/device.ts';
import { hostAt, HOSTS } from '../traffic/testbed.ts';
import type { Output } from './delivery.ts';

/** How it is known that nothing more will come. */
export type Proof = 'sentinel' | 'barrier' | 'bound' | 'none';

/** What left the device since the last observation. */
export interface Observation {
  readonly outputs: readonly Output[];
  readonly notices: readonly Notice[];
  readonly proof: Proof;
}

/** Local experimental EtherType 1. IEEE 802. */
const SENTINEL_ETHER_TYPE = 0x88b5;
/** How often a device may answer that nothing left before a sentinel counts as lost. */
const MAX_IDLE_COLLECTS = 1000;
/** How long a device that works in real time may let nothing out, if it declares no time itself. */
const PATIENCE_MS = 10_000;
/** The longest pause between two looks at such a device. */
const MAX_PAUSE_MS = 50;
/** More frames than this after one stimulus are no answer to it. */
const MAX_FRAMES = 200_000;

/** Resolves after at least `ms` of real time. */
export type Sleep = (ms: number) => Promise<void>;

/** The frame that a port's host sends after a stimulus; `round` tells one stimulus from another. */
export function sentinel(role: PortRole, round: number): Uint8Array {
  const host = hostAt(role);
  if (host === undefined) throw new Error(`no host is attached to ${role}`);
  const text = `prismspec sentinel ${round} from ${role}`.padEnd(46, '.');
  return build([
    ether({ dst: 'ff:ff:ff:ff:ff:ff', src: host.mac, etherType: SENTINEL_ETHER_TYPE }),
    raw(text),
  ]);
}

const ascii = new TextDecoder();

/** The sentinel's `round from role`, or undefined when the frame is none. */
function sentinelMark(frame: Uint8Array): string | undefined {
  if (frame[12] !== SENTINEL_ETHER_TYPE >> 8 || frame[13] !== (SENTINEL_ETHER_TYPE & 0xff)) {
    return undefined;
  }
  const text = ascii.decode(frame.subarray(14, 80));
  return /^prismspec sentinel (\d+ from \w+)/u.exec(text)?.[1];
}

/** Port roles that have a host, so that sentinels can enter there. */
export function bridgedRoles(hello: Hello): readonly PortRole[] {
  return Object.values(HOSTS)
    .map(({ role }) => role)
    .filter((role) => hello.ports[role] !== undefined);
}

function portOf(hello: Hello, role: PortRole): number {
  const port = hello.ports[role];
  if (port === undefined) throw new NotSupported(`a port for ${role}`);
  return port;
}

/** Frames for the ports of `hello`. */
export function atPorts(
  hello: Hello,
  frames: readonly { readonly role: PortRole; readonly frame: Uint8Array }[],
): readonly PortFrame[] {
  return frames.map(({ role, frame }) => ({ port: portOf(hello, role), frame }));
}

/** The role of each port that `hello` names. */
function rolesByPort(hello: Hello): ReadonlyMap<number, PortRole> {
  return new Map(
    PORT_ROLES.flatMap((role) => {
      const port = hello.ports[role];
      return port === undefined ? [] : [[port, role] as const];
    }),
  );
}

/** An observer of one device; it numbers its sentinels. */
export interface Observer {
  observe(): Promise<Observation>;
}

/** Says whether to ask a device once more, that has just let out `left` frames and notices. */
type Patience = (left: number) => Promise<boolean>;

/** A device that works when it is asked is asked at once; one in real time is given time. */
function createPatience({ clock, profile }: Hello, sleep: Sleep | undefined): Patience {
  const limitMs = profile.settleMs ?? PATIENCE_MS;
  let idle = 0;
  let waitedMs = 0;
  return async (left) => {
    if (left > 0) {
      idle = 0;
      waitedMs = 0;
      return true;
    }
    idle += 1;
    if (clock === 'virtual' || sleep === undefined) return idle < MAX_IDLE_COLLECTS;
    if (waitedMs >= limitMs) return false;
    const pauseMs = Math.min(idle - 1, MAX_PAUSE_MS);
    waitedMs += pauseMs;
    if (pauseMs > 0) await sleep(pauseMs);
    return true;
  };
}

/**
 * Watches `device`, which has introduced itself with `hello`.
 *
 * Without `sleep` a declared time proves nothing, and a slow device is asked again at once.
 */
export function createObserver(device: Device, hello: Hello, sleep?: Sleep): Observer {
  let round = 0;
  let lossBefore = 0;
  let isCounting = true;
  const roles = bridgedRoles(hello);
  const byPort = rolesByPort(hello);

  function roleAt(port: number): PortRole {
    const role = byPort.get(port);
    if (role !== undefined) return role;
    const told = `a frame left port ${port}, which hello does not name`;
    throw new DriverFault('unknown-port', told);
  }

  /** A sentinel at each port; a bridge learns from it where every host is. */
  async function injectSentinels(): Promise<void> {
    round += 1;
    const frames = roles.map((role) => ({ role, frame: sentinel(role, round) }));
    await device.inject(atPorts(hello, frames));
  }

  async function bySentinel(): Promise<Observation> {
    await injectSentinels();
    const awaited = new Set(
      roles.flatMap((to) =>
        roles.flatMap((from) => (from === to ? [] : [`${round} from ${from}>${to}`])),
      ),
    );
    const outputs: Output[] = [];
    const notices: Notice[] = [];
    const patience = createPatience(hello, sleep);
    let left = 0;
    for (let some = 1; await patience(some); left += some) {
      const collected = await device.collect();
      for (const notice of collected.notices) notices.push(notice);
      for (const { port, frame } of collected.frames) {
        const role = roleAt(port);
        const mark = sentinelMark(frame);
        if (mark === undefined) outputs.push({ role, frame });
        else awaited.delete(`${mark}>${role}`);
      }
      if (awaited.size === 0) return { outputs, notices, proof: 'sentinel' };
      if (left > MAX_FRAMES) throw new DriverFault('flood', `${left} frames left, and more come`);
      some = collected.frames.length + collected.notices.length;
    }
    const lost = [...awaited].join(', ');
    throw new DriverFault('sentinel-lost', `sentinels did not come out: ${lost}`);
  }

  async function collectOnce(proof: Proof): Promise<Observation> {
    const { frames, notices } = await device.collect();
    const outputs = frames
      .filter(({ frame }) => sentinelMark(frame) === undefined)
      .map(({ port, frame }) => ({ role: roleAt(port), frame }));
    return { outputs, notices, proof };
  }

  async function look(): Promise<Observation> {
    const { settleMs } = hello.profile;
    if (hello.barrier === 'in-order') return bySentinel();
    // They prove nothing here, but let the hosts be seen.
    if (hello.capabilities.includes('BRIDGE')) await injectSentinels();
    if (hello.barrier === 'rpc') {
      await device.barrier();
      return collectOnce('barrier');
    }
    if (settleMs === undefined || sleep === undefined) return collectOnce('none');
    await sleep(settleMs);
    return collectOnce('bound');
  }

  /** Frames that the capture has lost since the device was started; 0 if it does not count them. */
  async function captureLoss(): Promise<number> {
    if (!isCounting) return 0;
    try {
      return await device.captureLoss();
    } catch (error) {
      if (!(error instanceof NotSupported)) throw error;
      isCounting = false;
      return 0;
    }
  }

  return {
    async observe(): Promise<Observation> {
      const observation = await look();
      // Counted from one look to the next: the stimulus was injected in between.
      const loss = await captureLoss();
      const lost = loss - lossBefore;
      lossBefore = loss;
      if (lost > 0)
        throw new DriverFault('capture-loss', `${lost} frames were lost by the capture`);
      return observation;
    },
  };
}

/**
 * Collects what left a device, and proves that what is not there will not come.
 *
 * A device that keeps order is sent a sentinel at each port after the stimulus: a broadcast that
 * must come out at all the others. What has not come out before it is absent. No clock is used.
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
export type Proof = 'sentinel' | 'barrier' | 'none';

/** What left the device since the last observation. */
export interface Observation {
  readonly outputs: readonly Output[];
  readonly notices: readonly Notice[];
  readonly proof: Proof;
}

/** Local experimental EtherType 1. IEEE 802. */
const SENTINEL_ETHER_TYPE = 0x88b5;
/** How often a device is asked for frames before a sentinel counts as lost. */
const MAX_COLLECTS = 1000;

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

/** The sentinel's `round from role`, or undefined when the frame is none. */
function sentinelMark(frame: Uint8Array): string | undefined {
  if (frame[12] !== SENTINEL_ETHER_TYPE >> 8 || frame[13] !== (SENTINEL_ETHER_TYPE & 0xff)) {
    return undefined;
  }
  const text = String.fromCharCode(...frame.subarray(14, 80));
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

/** Watches `device`, which has introduced itself with `hello`. */
export function createObserver(device: Device, hello: Hello): Observer {
  let round = 0;
  let lossBefore = 0;
  const roles = bridgedRoles(hello);
  const byPort = rolesByPort(hello);

  function roleAt(port: number): PortRole {
    const role = byPort.get(port);
    if (role !== undefined) return role;
    const told = `a frame left port ${port}, which hello does not name`;
    throw new DriverFault('unknown-port', told);
  }

  async function bySentinel(): Promise<Observation> {
    round += 1;
    await device.inject(
      atPorts(
        hello,
        roles.map((role) => ({ role, frame: sentinel(role, round) })),
      ),
    );
    const awaited = new Set(
      roles.flatMap((to) =>
        roles.flatMap((from) => (from === to ? [] : [`${round} from ${from}>${to}`])),
      ),
    );
    const outputs: Output[] = [];
    const notices: Notice[] = [];
    for (let asked = 0; asked < MAX_COLLECTS; asked += 1) {
      const collected = await device.collect();
      notices.push(...collected.notices);
      for (const { port, frame } of collected.frames) {
        const role = roleAt(port);
        const mark = sentinelMark(frame);
        if (mark === undefined) outputs.push({ role, frame });
        else awaited.delete(`${mark}>${role}`);
      }
      if (awaited.size === 0) return { outputs, notices, proof: 'sentinel' };
    }
    const lost = [...awaited].join(', ');
    throw new DriverFault('sentinel-lost', `sentinels did not come out: ${lost}`);
  }

  async function byBarrier(proof: Proof): Promise<Observation> {
    if (proof === 'barrier') await device.barrier();
    const { frames, notices } = await device.collect();
    const outputs = frames.map(({ port, frame }) => ({ role: roleAt(port), frame }));
    return { outputs, notices, proof };
  }

  return {
    async observe(): Promise<Observation> {
      const observation = await (hello.barrier === 'in-order'
        ? bySentinel()
        : byBarrier(hello.barrier === 'rpc' ? 'barrier' : 'none'));
      // Counted from one look to the next: the stimulus was injected in between.
      const loss = await device.captureLoss();
      const lost = loss - lossBefore;
      lossBefore = loss;
      if (lost > 0)
        throw new DriverFault('capture-loss', `${lost} frames were lost by the capture`);
      return observation;
    },
  };
}

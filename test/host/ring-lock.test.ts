/** What becomes of a client's reset while its connection is locked, as the switch declares. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { layer, parse, verifyChecksums } from 'scapy-ts';
import { deviceIndex } from '../../reference/host/bpf/device.ts';
import { completeChecksum } from '../../reference/host/ring/offload.ts';
import type { Port } from '../../reference/host/ring/port.ts';
import { openPort } from '../../reference/host/ring/port.ts';
import type { SocketOption } from '../../reference/host/socket.ts';
import {
  closeDescriptor,
  MSG_DONTWAIT,
  poll,
  POLLIN,
  receive,
  setOptionOctets,
} from '../../reference/host/socket.ts';
import { SyscallError } from '../../reference/host/syscall.ts';
import type { LockMode } from '../../reference/switch/config.ts';
import { isKernelOurs } from './bed.ts';
import type { RingBed } from './ring-bed.ts';
import { accept, dialRing, raiseRingBed, ruleOf } from './ring-bed.ts';

const LIMIT_MS = 30_000;
const RST_ACK = 0x14;
const QUIET_MS = 50;
const SO_LINGER: SocketOption = { level: 1, option: 13, name: 'SO_LINGER' };

/** Closes with a reset. */
function reset(fd: number): void {
  setOptionOctets(fd, SO_LINGER, Int32Array.of(1, 0));
  closeDescriptor(fd);
}

/** What the owner's socket has, after a moment: nothing, or the name of an error. */
function stateOf(fd: number): string {
  poll(fd, POLLIN, QUIET_MS);
  try {
    receive(fd, Buffer.alloc(1), MSG_DONTWAIT);
    return 'closed';
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
}

/** Flags of the segments that came to the punt device; their checksums must be right. */
function punted(t: ExecutionContext, tap: Port): readonly unknown[] {
  const flags: unknown[] = [];
  poll(tap.fd, POLLIN, QUIET_MS);
  tap.drain(16, (frame, offload) => {
    completeChecksum(frame, offload);
    t.true(verifyChecksums(frame).every(({ valid }) => valid));
    flags.push(layer(parse(frame).layers, 'tcp')?.flags);
  });
  return flags;
}

interface Outcome {
  readonly whileLocked: string;
  readonly atPunt: readonly unknown[];
  readonly afterUnlock: string;
}

async function resetWhileLocked(t: ExecutionContext, lock: LockMode): Promise<Outcome | undefined> {
  t.timeout(LIMIT_MS);
  if (!isKernelOurs(t)) return undefined;
  const bed: RingBed = await raiseRingBed(`ring-rst-${lock}`, { lock });
  try {
    const { lab, control } = bed;
    const tap = lab.inside('controller', () =>
      openPort(deviceIndex('punt'), { slots: 16, frameOctetsMax: 2000 }),
    );
    const rule = ruleOf(40_000);
    const { client, owner } = dialRing(bed, rule);
    accept(control.execute({ op: 'lock', key: rule.key, epoch: 2 }));
    reset(client);
    const whileLocked = stateOf(owner);
    const atPunt = punted(t, tap);
    accept(control.execute({ op: 'unlock', key: rule.key, epoch: 2 }));
    const afterUnlock = stateOf(owner);
    tap.close();
    closeDescriptor(owner);
    return { whileLocked, atPunt, afterUnlock };
  } finally {
    bed.down();
  }
}

test.serial('HOLD: a reset waits, and reaches the owner at unlock', async (t) => {
  const outcome = await resetWhileLocked(t, 'hold');
  if (outcome === undefined) return;
  t.deepEqual(outcome, { whileLocked: 'EAGAIN', atPunt: [], afterUnlock: 'ECONNRESET' });
});

test.serial('PUNT: a reset reaches the controller at once, and nobody else', async (t) => {
  const outcome = await resetWhileLocked(t, 'punt');
  if (outcome === undefined) return;
  t.deepEqual(outcome, {
    whileLocked: 'EAGAIN',
    atPunt: [RST_ACK],
    afterUnlock: 'EAGAIN',
  });
});

test.serial('DROP: a reset is lost', async (t) => {
  const outcome = await resetWhileLocked(t, 'drop');
  if (outcome === undefined) return;
  t.deepEqual(outcome, { whileLocked: 'EAGAIN', atPunt: [], afterUnlock: 'EAGAIN' });
});

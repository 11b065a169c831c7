/** Registers by ioctl: the octets that the drivers get, and what people are told when it fails. */
import test, { type ExecutionContext } from 'ava';
import type { DeviceIoctl } from '../../../hardware/netfpga/board/ioctl.ts';
import { CardError, openCard } from '../../../hardware/netfpga/board/ioctl.ts';
import { emitIfreq } from '../../../hardware/netfpga/board/ifreq.ts';
import { addressOf, SyscallError, whyUnavailable } from '../../../reference/host/syscall.ts';
import { leaveOut } from '../../oracle.ts';

const READ = 0x89f2;
/** The letters PRSM, little-endian. */
const ID = '4d535250';

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

/** A driver that answers reads of each address with octets of its own, and keeps what it was given. */
function driver(answers: Readonly<Record<string, string>>): {
  readonly call: DeviceIoctl;
  readonly calls: string[];
} {
  const calls: string[] = [];
  return {
    calls,
    call(request, interfaceRequest, access) {
      const pointer = Buffer.alloc(8);
      pointer.writeBigUInt64LE(addressOf(access));
      const leads = hex(interfaceRequest.subarray(16, 24)) === hex(pointer) ? '->' : 'lost';
      const [name, rest] = [interfaceRequest.subarray(0, 16), interfaceRequest.subarray(24)];
      calls.push(`${request.toString(16)} ${hex(name)} ${leads} ${hex(access)} ${hex(rest)}`);
      if (request !== READ) return;
      access.set(Buffer.from(answers[hex(access.subarray(0, 4))] ?? '00000000', 'hex'), 4);
    },
  };
}

const NF0 = `6e6630${'00'.repeat(13)}`;
const REST = '00'.repeat(16);
const LOOK_SUME = `${READ.toString(16)} ${NF0} -> 0000024400000000 ${REST}`;

test('SUME: an access is struct ifreq of nf0, and a pointer to address and value', async (t) => {
  const { call, calls } = driver({ '00000244': ID, '10000244': 'efbeadde' });
  const card = await openCard('SUME', 'nf0', call);
  t.is(await card.read(0x10), 0xdead_beef);
  await card.write([
    { address: 0x60, value: 0x1000_0203 },
    { address: 0x64, value: 1 },
  ]);
  t.deepEqual(calls, [
    LOOK_SUME,
    `89f2 ${NF0} -> 1000024400000000 ${REST}`,
    `89f1 ${NF0} -> 6000024403020010 ${REST}`,
    `89f1 ${NF0} -> 6400024401000000 ${REST}`,
    LOOK_SUME,
  ]);
});

test('PLUS: its core is at 0x20000, on whatever the interface is called', async (t) => {
  const { call, calls } = driver({ '00000200': ID });
  const card = await openCard('PLUS', 'onic1s0f0', call);
  await card.write([{ address: 0xffc, value: 0xffff_ffff }]);
  const name = '6f6e6963317330663000000000000000';
  t.deepEqual(calls, [
    `89f2 ${name} -> 0000020000000000 ${REST}`,
    `89f1 ${name} -> fc0f0200ffffffff ${REST}`,
    `89f2 ${name} -> 0000020000000000 ${REST}`,
  ]);
});

test('an offset that is no register of the core is refused before the driver is asked', async (t) => {
  const { call, calls } = driver({ '00000200': ID });
  const card = await openCard('PLUS', 'nf0', call);
  for (const address of [0x1000, -4, 2, 0x10_0000]) {
    await t.throwsAsync(card.read(address), { instanceOf: RangeError });
    await t.throwsAsync(card.write([{ address, value: 0 }]), { instanceOf: RangeError });
  }
  t.is(calls.length, 1);
});

test('a name that Linux would not give is refused', (t) => {
  t.is(emitIfreq('a23456789012345', 0n).length, 40);
  t.throws(() => emitIfreq('a234567890123456', 0n), { instanceOf: RangeError });
  t.throws(() => emitIfreq('', 0n), { instanceOf: RangeError });
});

test('a card with another core, or none, is not taken for ours', async (t) => {
  const other = driver({ '00000244': '02da0100' });
  await t.throwsAsync(openCard('SUME', 'nf0', other.call), {
    instanceOf: CardError,
    message: 'nf0 has no Prism core at 0x44020000: ID reads 0x0001da02, not PRSM (0x5052534d).',
  });
  const gone = driver({ '00000200': 'ffffffff' });
  await t.throwsAsync(openCard('PLUS', 'nf0', gone.call), { message: /a PCIe card .* not there/u });
});

test('a card that goes away while it is written to is missed', async (t) => {
  const { call } = driver({ '00000200': ID });
  let gone = false;
  const card = await openCard('PLUS', 'nf0', (request, interfaceRequest, access) => {
    call(request, interfaceRequest, access);
    if (gone) access.fill(0xff, 4);
    gone = true;
  });
  await t.throwsAsync(card.write([{ address: 0x10, value: 1 }]), { instanceOf: CardError });
});

/** A driver that refuses every call. */
function refusing(errno: string): DeviceIoctl {
  return () => {
    throw new SyscallError('ioctl', errno);
  };
}

for (const [errno, message] of [
  ['EPERM', 'this user may not ask nf0 for registers: try again as root (ioctl: EPERM)'],
  ['EACCES', 'this user may not ask nf0 for registers: try again as root (ioctl: EACCES)'],
  ['errno 512', /does not answer: is its bitstream loaded\?/u],
  ['EIO', 'registers of nf0 (ioctl: EIO)'],
] as const) {
  test(`${errno} is told to people`, async (t) => {
    await t.throwsAsync(openCard('SUME', 'nf0', refusing(errno)), {
      instanceOf: CardError,
      message,
    });
  });
}

test('a busy card is asked again, not for ever', async (t) => {
  const { call } = driver({ '00000244': ID });
  let refused = 0;
  const busy = refusing('EBUSY');
  const card = await openCard('SUME', 'nf0', (request, interfaceRequest, access) => {
    refused += 1;
    (refused < 4 ? busy : call)(request, interfaceRequest, access);
  });
  t.is(refused, 4);
  card.close();
  await t.throwsAsync(openCard('SUME', 'nf0', busy), { message: /another program keeps .* busy/u });
});

/** Whether this process can ask the kernel; else the test is left out. */
function canAsk(t: ExecutionContext): boolean {
  const missing = whyUnavailable();
  if (missing !== undefined) leaveOut(t, missing);
  return missing === undefined;
}

test('this kernel says ENODEV of an interface that is not there', async (t) => {
  if (!canAsk(t)) return;
  await t.throwsAsync(openCard('SUME', 'no-such-nf0'), {
    instanceOf: CardError,
    message: /^there is no interface no-such-nf0: .*ioctl 0x89f2: ENODEV/u,
  });
});

test('this kernel says ENOTSUP of an interface that is no card', async (t) => {
  if (!canAsk(t)) return;
  await t.throwsAsync(openCard('SUME', 'lo'), {
    instanceOf: CardError,
    message: /^the driver of lo gives no registers: .*ENOTSUP/u,
  });
});

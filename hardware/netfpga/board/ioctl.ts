/**
 * The registers of a core on a card, by the ioctl of the card's driver: never run on a card.
 *
 *   SUME   sume_riffa: a message over RIFFA for each access; one process at a time
 *   PLUS   onic with NetFPGA's patch: BAR 2 of the card
 *
 * Neither driver asks who calls. Access by ioctl wants no root, and any user of that machine can
 * change any rule: let nobody else on it.
 */
import { AF_INET } from '../../../reference/host/socket-address.ts';
import { closeDescriptor, openSocket } from '../../../reference/host/socket.ts';
import { addressOf, syscall, SyscallError } from '../../../reference/host/syscall.ts';
import type { Registers } from '../driver/bus.ts';
import { BASES, INITIAL, REGISTERS } from '../driver/registers.ts';
import { emitAccess, emitIfreq, parseAccess, READ_REGISTER, WRITE_REGISTER } from './ifreq.ts';

/** Which card it is. */
export type CardName = keyof typeof BASES;

/**
 * The call: `request` is done to the struct ifreq `interfaceRequest`, whose pointer leads to
 * `access`; a read changes that. Throws SyscallError.
 */
export type DeviceIoctl = (
  request: number,
  interfaceRequest: Uint8Array,
  access: Uint8Array,
) => void;

/** Why a card cannot be asked, and what to do about it. */
export class CardError extends Error {
  override readonly name = 'CardError';
}

/** Registers of a card; `close` lets go of it. */
export interface Card extends Registers {
  close(): void;
}

/** Octets that the core has on the bus of either card. */
const CORE_OCTETS = 0x1000;
const SOCK_DGRAM = 2;
/** As often as a register is asked for while another process asks; its access takes 1 s at most. */
const BUSY_TRIES_MAX = 120;
const BUSY_WAIT_MS = 10;

const REASONS: Readonly<Record<string, (device: string) => string>> = {
  ENODEV: (device) =>
    `there is no interface ${device}: is the card's driver loaded? ip link shows the names`,
  // EOPNOTSUPP is the same number.
  ENOTSUP: (device) =>
    `the driver of ${device} gives no registers: it is not the card's, or it is sume_riffa on ` +
    'Linux 5.15 or later, which asks drivers in another way',
  EPERM: (device) => `this user may not ask ${device} for registers: try again as root`,
  EACCES: (device) => `this user may not ask ${device} for registers: try again as root`,
  EBUSY: (device) => `another program keeps the registers of ${device} busy`,
  // ERESTARTSYS, which sume_riffa lets out where an answer fails to come within a second.
  'errno 512': (device) => `the card behind ${device} does not answer: is its bitstream loaded?`,
};

/**
 * Opens the core on a card and looks whether it is there.
 *
 * `device` is an interface of the card. `call` stands in for the kernel in tests. Rejects with
 * CardError.
 */
export async function openCard(card: CardName, device = 'nf0', call?: DeviceIoctl): Promise<Card> {
  const fd = call === undefined ? openSocket(AF_INET, SOCK_DGRAM) : undefined;
  const close = (): void => {
    if (fd !== undefined) closeDescriptor(fd);
  };
  const ask = asker(card, device, call ?? kernelCall(fd ?? -1));
  const look = async (): Promise<void> => {
    const id = await ask(READ_REGISTER, REGISTERS.ID, 0);
    if (id !== INITIAL.ID) throw new CardError(strangeId(card, device, id));
  };
  try {
    await look();
  } catch (error) {
    close();
    throw error;
  }
  return {
    read: (address) => ask(READ_REGISTER, address, 0),
    async write(writes) {
      for (const { address, value } of writes) await ask(WRITE_REGISTER, address, value);
      // Neither driver waits for a write; what is read after it comes after it.
      await look();
    },
    close,
  };
}

type Ask = (request: number, offset: number, value: number) => Promise<number>;

function asker(card: CardName, device: string, call: DeviceIoctl): Ask {
  return async (request, offset, value) => {
    if (offset < 0 || offset >= CORE_OCTETS || offset % 4 !== 0) {
      throw new RangeError(`no register of the core is at octet ${offset}`);
    }
    const access = emitAccess({ address: BASES[card] + offset, value });
    const pointer = addressOf(access);
    for (let tries = 1; ; tries += 1) {
      try {
        call(request, emitIfreq(device, pointer), access);
        return parseAccess(access).value;
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        if (error.errno !== 'EBUSY' || tries >= BUSY_TRIES_MAX) throw explained(error, device);
      }
      await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
    }
  };
}

function kernelCall(fd: number): DeviceIoctl {
  return (request, interfaceRequest) =>
    void syscall('ioctl', [fd, request, interfaceRequest], `ioctl 0x${request.toString(16)}`);
}

function explained(error: SyscallError, device: string): CardError {
  const reason = REASONS[error.errno];
  const text = reason === undefined ? `registers of ${device}` : reason(device);
  return new CardError(`${text} (${error.message})`, { cause: error });
}

function strangeId(card: CardName, device: string, id: number): string {
  const hex = id.toString(16).padStart(8, '0');
  const at = BASES[card].toString(16);
  const dead = id === 0xffff_ffff ? ' All ones is what a PCIe card answers that is not there.' : '';
  return `${device} has no Prism core at 0x${at}: ID reads 0x${hex}, not PRSM (0x5052534d).${dead}`;
}

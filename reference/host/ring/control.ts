/**
 * The controller's end of a ring switch's control device: a datagram for each command.
 *
 *   controller 169.254.80.1 ═══ control device │ ring switch
 *
 * The switch has no address: its end of the link must be told to the controller's kernel once, as
 * a permanent neighbour with any address (`CONTROL_ADDRESS`, `CONTROL_MAC`). What is said on this
 * link is obeyed; who may speak on it is a matter of who has the device.
 */
import { ipv4Address } from 'scapy-ts';
import { decodeReply, encodeCommand } from '../../control/codec.ts';
import type { ReplyPart } from '../../control/codec.ts';
import type { Command, Reply } from '../../control/command.ts';
import { CONTROL_UDP_PORT } from '../../control/frame.ts';
import type { Endpoint } from '../../rules/rule.ts';
import { AF_INET } from '../socket-address.ts';
import {
  bindSocket,
  closeDescriptor,
  connectSocket,
  MSG_DONTWAIT,
  openSocket,
  poll,
  POLLIN,
  receive,
  send,
} from '../socket.ts';
import { SyscallError } from '../syscall.ts';

/** Address of the switch's end where nothing else is chosen: link-local. RFC 3927. */
export const CONTROL_ADDRESS = '169.254.80.2';
/** MAC address of the switch's end where nothing else is chosen. */
export const CONTROL_MAC = '02:50:52:00:00:02';

/** Rules in another process. */
export interface RingControl {
  /**
   * Has one command performed and answers its reply, blocking the thread meanwhile. A command is
   * said again where no reply comes, which is harmless. Throws Error when the switch is silent.
   */
  execute(command: Command): Reply;
  close(): void;
}

const SOCK_DGRAM = 2;
const TRIES_MAX = 5;
/** Well above what a busy switch takes; all tries together are below a second. */
const TRY_MS = 100;
const MESSAGE_OCTETS_MAX = 2048;

/** Opens a socket in this thread's namespace, at `local`. Throws SyscallError. */
export function openRingControl(local: Endpoint): RingControl {
  const fd = openSocket(AF_INET, SOCK_DGRAM);
  bindSocket(fd, local);
  connectSocket(fd, { address: ipv4Address(CONTROL_ADDRESS), port: CONTROL_UDP_PORT });
  let requestId = 0;
  return {
    execute(command) {
      requestId = (requestId + 1) >>> 0;
      const message = encodeCommand({ requestId, command });
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        say(fd, message);
        const reply = listen(fd, requestId);
        if (reply !== undefined) return reply;
      }
      throw new Error(`the switch gave no reply to ${command.op}, ${TRIES_MAX} times`);
    },
    close: () => closeDescriptor(fd),
  };
}

/** A link that is down now may be up at the next try. */
function say(fd: number, message: Uint8Array): void {
  try {
    send(fd, message, MSG_DONTWAIT);
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
  }
}

/** All parts of the reply to `requestId`; undefined where they do not come in time. */
function listen(fd: number, requestId: number): Reply | undefined {
  const parts = new Map<number, ReplyPart>();
  const deadline = performance.now() + TRY_MS;
  for (let left = TRY_MS; left > 0; left = deadline - performance.now()) {
    if ((poll(fd, POLLIN, Math.ceil(left)) & POLLIN) === 0) continue;
    const octets = Buffer.alloc(MESSAGE_OCTETS_MAX);
    const part = decodeReply(octets.subarray(0, receive(fd, octets, MSG_DONTWAIT)));
    if (part === undefined || part.requestId !== requestId) continue;
    parts.set(part.part, part);
    if (parts.size === part.parts) return join(part.reply, parts);
  }
  return undefined;
}

function join(reply: Reply, parts: ReadonlyMap<number, ReplyPart>): Reply {
  if (!reply.ok) return reply;
  const inOrder = [...parts.values()].toSorted((a, b) => a.part - b.part);
  return { ...reply, rules: inOrder.flatMap((each) => (each.reply.ok ? each.reply.rules : [])) };
}

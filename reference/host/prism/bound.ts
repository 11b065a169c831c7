/** The controller's ends of connections to servers that take them for their clients'. */
import type { ConnectionEvent } from '../../controller/event.ts';
import { keyText, type ConnectionKey, type Endpoint } from '../../rules/rule.ts';
import { TCP_MAXSEG } from '../repair.ts';
import {
  bindSocket,
  closeDescriptor,
  endOf,
  getOption,
  openSocket,
  setOption,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../socket.ts';
import { familyOf } from '../socket-address.ts';
import { SyscallError } from '../syscall.ts';
import type { Sockets } from './sockets.ts';

/** One end, not yet connected. */
export interface BoundEnd {
  readonly fd: number;
  readonly local: Endpoint;
}

/** Ends that wait to be connected, by the keys of their clients. */
export interface BoundEnds {
  /** Says where the connection will come from, or that the kernel has no port for it. */
  bind(key: ConnectionKey): ConnectionEvent;
  /** Gives the end away, if there is one. */
  take(key: ConnectionKey): BoundEnd | undefined;
  drop(key: ConnectionKey): void;
  close(): void;
}

/** No ends yet. */
export function createBoundEnds(clients: Sockets): BoundEnds {
  const ends = new Map<string, BoundEnd>();

  function drop(key: ConnectionKey): void {
    const end = take(key);
    if (end !== undefined) closeDescriptor(end.fd);
  }

  function take(key: ConnectionKey): BoundEnd | undefined {
    const end = ends.get(keyText(key));
    ends.delete(keyText(key));
    return end;
  }

  return {
    bind(key) {
      drop(key);
      const fd = openSocket(familyOf(key.virtual), SOCK_STREAM | SOCK_NONBLOCK);
      try {
        bindSocket(fd, { address: key.virtual.address, port: 0 });
        // The server's segments will be the client's.
        const client = clients.descriptorOf(key);
        if (client !== undefined) setOption(fd, TCP_MAXSEG, getOption(client, TCP_MAXSEG));
        const local = endOf(fd, 'getsockname');
        if (local === undefined) throw new SyscallError('getsockname', 'EAFNOSUPPORT');
        ends.set(keyText(key), { fd, local });
        return { kind: 'upstream-bound', key, local };
      } catch (error) {
        closeDescriptor(fd);
        if (error instanceof SyscallError) return { kind: 'upstream-failed', key };
        throw error;
      }
    },
    take,
    drop,
    close() {
      for (const { fd } of ends.values()) closeDescriptor(fd);
      ends.clear();
    },
  };
}

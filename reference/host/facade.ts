/**
 * A stream that an HTTP server takes for a connection, while somebody else decides which octets it
 * sees and what becomes of its answers.
 *
 *   client ══ kernel socket ══ owner's state machine ══ facade ══ http.Server
 *
 * Were the server given the socket itself, its parser would read on past the request, and those
 * octets would be lost to an export.
 */
import { Duplex } from 'node:stream';
import type { ConnectionEnds } from './export.ts';
import { formatEndpointAddress } from './socket-address.ts';

/** Where the octets of the server's answers go. */
export interface FacadeSink {
  /** `done` asks for more; as long as it is not called, the server waits. */
  write(octets: Uint8Array, done: () => void): void;
  /** The server has ended the stream: `Connection: close`, or an error in its answer. */
  end(): void;
}

/** The two sides of it. */
export interface Facade {
  /** For `server.emit('connection', stream)`. */
  readonly stream: Duplex;
  /** Gives octets of requests to the server. */
  feed(octets: Uint8Array): void;
  /** Tells the server that no request comes any more: the client has sent FIN. */
  feedEnd(): void;
}

/** A connection of `ends` as an HTTP server sees it. */
export function openFacade(ends: ConnectionEnds, sink: FacadeSink): Facade {
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => {},
    write(chunk: Uint8Array, _encoding, done) {
      sink.write(chunk, done);
    },
    // A head and the content that a server wrote behind it, before it waited for anything.
    writev(parts: readonly { readonly chunk: Uint8Array }[], done) {
      sink.write(Buffer.concat(parts.map(({ chunk }) => chunk)), done);
    },
    final(done) {
      sink.end();
      done();
    },
  });
  const { local, remote } = ends;
  // What applications ask a socket; Duplex has none of it.
  Object.assign(stream, {
    localAddress: formatEndpointAddress(local),
    localPort: local.port,
    remoteAddress: formatEndpointAddress(remote),
    remoteFamily: typeof remote.address === 'number' ? 'IPv4' : 'IPv6',
    remotePort: remote.port,
    setKeepAlive: () => stream,
    setNoDelay: () => stream,
    setTimeout: () => stream,
    ref: () => stream,
    unref: () => stream,
  });
  return {
    stream,
    feed: (octets) => void stream.push(octets),
    feedEnd: () => void stream.push(null),
  };
}

/**
 * A channel: messages between two processes of a Prism, over TCP or a socket of the family AF_UNIX.
 *
 *   listening side                              dialling side
 *      │ ── challenge (16) ──────────────────────▶ │
 *      │ ◀────── hello: seal (32) · challenge · name │
 *      │ ◀────────── messages, both ways ────────▶ │
 *
 * Who does not know the key gets no further than the hello, in bounded time and memory. What a
 * channel carries is sealed for itself; that is for those who use it.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { rmSync } from 'node:fs';
import { MESSAGE_OCTETS_MAX, type Seal } from '../../handoff/codec.ts';
import { createFrameReader, emitFrame } from './frame-reader.ts';
import { addSeal, removeSeal } from './seal.ts';

/** Where a process listens for channels: a path, or a host and port. */
export type ChannelAddress =
  { readonly path: string } | { readonly host: string; readonly port: number };

/** A channel to a process that knows the key. */
export interface Channel {
  /** The name of the process at the other end. */
  readonly peer: string;
  /** A message to it; one that would wait behind too many octets is lost. */
  send(octets: Uint8Array): void;
  close(): void;
}

/** What becomes of channels. */
export interface ChannelEvents {
  onOpen(channel: Channel): void;
  onMessage(channel: Channel, octets: Uint8Array): void;
  /** The channel of that peer is gone, or has never been. */
  onClose(peer: string, channel: Channel | undefined): void;
}

const CHALLENGE_OCTETS = 16;
const NAME_OCTETS_MAX = 255;
const HELLO_OCTETS_MAX = 32 + CHALLENGE_OCTETS + NAME_OCTETS_MAX;
const HELLO_MS = 2000;
/** After this time of silence the other host is asked whether it is there. */
const ALIVE_MS = 5000;
/** Most connections at a time that have not said who they are. */
const STRANGERS_MAX = 64;
const WAITING_OCTETS_MAX = 4 * MESSAGE_OCTETS_MAX;

/** Opens a channel to the process `peer` in the name of `self`. */
export function dialChannel(
  address: ChannelAddress,
  { self, peer, seal }: { readonly self: string; readonly peer: string; readonly seal: Seal },
  events: ChannelEvents,
): void {
  const socket = connect(address);
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  let channel: Channel | undefined;
  onFrames(socket, CHALLENGE_OCTETS, (frame) => {
    if (channel !== undefined) {
      events.onMessage(channel, frame);
      return MESSAGE_OCTETS_MAX;
    }
    if (frame.length !== CHALLENGE_OCTETS) return undefined;
    const hello = addSeal(Buffer.concat([frame, Buffer.from(self)]), seal);
    socket.write(emitFrame(hello));
    channel = channelOver(socket, peer);
    events.onOpen(channel);
    return MESSAGE_OCTETS_MAX;
  });
  socket.on('close', () => events.onClose(peer, channel));
}

/** Takes channels from those who know the key; answers how to end that. */
export function listenForChannels(
  address: ChannelAddress,
  seal: Seal,
  events: ChannelEvents,
): () => void {
  const strangers = new Set<Socket>();
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    if (strangers.size >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    strangers.add(socket);
    welcome(socket, seal, {
      ...events,
      onOpen(channel) {
        strangers.delete(socket);
        open.add(socket);
        events.onOpen(channel);
      },
    });
    socket.on('close', () => {
      strangers.delete(socket);
      open.delete(socket);
    });
  });
  // What a process that was killed has left would be in the way.
  if ('path' in address) rmSync(address.path, { force: true });
  server.listen(address);
  return () => {
    server.close();
    for (const socket of [...strangers, ...open]) socket.destroy();
  };
}

function welcome(socket: Socket, seal: Seal, events: ChannelEvents): void {
  const challenge = randomBytes(CHALLENGE_OCTETS);
  socket.setTimeout(HELLO_MS, () => socket.destroy());
  let channel: Channel | undefined;
  onFrames(socket, HELLO_OCTETS_MAX, (frame) => {
    if (channel !== undefined) {
      events.onMessage(channel, frame);
      return MESSAGE_OCTETS_MAX;
    }
    const hello = removeSeal(frame, seal);
    if (hello === undefined || !challenge.equals(hello.subarray(0, CHALLENGE_OCTETS))) {
      return undefined;
    }
    channel = channelOver(socket, Buffer.from(hello.subarray(CHALLENGE_OCTETS)).toString());
    events.onOpen(channel);
    return MESSAGE_OCTETS_MAX;
  });
  socket.on('close', () => {
    if (channel !== undefined) events.onClose(channel.peer, channel);
  });
  socket.write(emitFrame(challenge));
}

/** Gives each message to `take`, which answers how long the next may be, or undefined to end it. */
function onFrames(
  socket: Socket,
  firstMax: number,
  take: (frame: Uint8Array) => number | undefined,
): void {
  const reader = createFrameReader();
  let limit: number | undefined = firstMax;
  socket.on('data', (octets) => {
    reader.push(octets);
    while (limit !== undefined) {
      const frame = reader.next(limit);
      if (frame === 'incomplete') return;
      limit = frame === 'too-long' ? undefined : take(frame);
    }
    socket.destroy();
  });
  socket.on('error', () => socket.destroy());
}

function channelOver(socket: Socket, peer: string): Channel {
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, ALIVE_MS);
  return {
    peer,
    send(octets) {
      if (socket.writableLength + octets.length <= WAITING_OCTETS_MAX) {
        socket.write(emitFrame(octets));
      }
    },
    close: () => void socket.destroy(),
  };
}

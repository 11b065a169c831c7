/** Messages to the other processes of a Prism by their names, over channels that come and go. */
import type { Seal } from '../../handoff/codec.ts';
import type { Channel, ChannelAddress } from './channel.ts';
import { dialChannel, listenForChannels } from './channel.ts';

/** How a process is reached, and reaches others. */
export interface MessengerOptions {
  readonly name: string;
  /** Where others may dial; a process that only dials needs none. */
  readonly listen?: ChannelAddress | undefined;
  /** Where the others listen, by name. */
  readonly peers: ReadonlyMap<string, ChannelAddress>;
  readonly seal: Seal;
  /** `answer` goes back on the way by which the message came. */
  readonly onMessage: (
    from: string,
    octets: Uint8Array,
    answer: (octets: Uint8Array) => void,
  ) => void;
}

/** Sends what may be lost: whoever needs an answer says it again. */
export interface Messenger {
  readonly send: (to: string, octets: Uint8Array) => void;
  readonly close: () => void;
}

/** Most messages that wait for one channel to open. */
const WAITING_MAX = 256;

/** Starts to listen; channels to others are opened when there is something to say. */
export function createMessenger(options: MessengerOptions): Messenger {
  const { name: self, listen, peers, seal, onMessage } = options;
  /** Those of one peer in the order in which they came: the last one counts. */
  const channels = new Map<string, Channel[]>();
  /** What waits for a channel that is being opened. */
  const dialled = new Map<string, Uint8Array[]>();
  let isOpen = true;
  const events = {
    onOpen(channel: Channel): void {
      if (!isOpen) return channel.close();
      channels.set(channel.peer, [...(channels.get(channel.peer) ?? []), channel]);
      for (const octets of dialled.get(channel.peer) ?? []) channel.send(octets);
      dialled.delete(channel.peer);
    },
    onMessage(channel: Channel, octets: Uint8Array): void {
      if (isOpen) onMessage(channel.peer, octets, (answer) => channel.send(answer));
    },
    onClose(peer: string, channel: Channel | undefined): void {
      if (channel === undefined) dialled.delete(peer);
      const left = channels.get(peer)?.filter((each) => each !== channel) ?? [];
      if (left.length === 0) channels.delete(peer);
      else channels.set(peer, left);
    },
  };
  const stopListening = listen && listenForChannels(listen, seal, events);

  function dial(peer: string, first: Uint8Array): void {
    const address = peers.get(peer);
    if (address === undefined || !isOpen) return;
    dialled.set(peer, [first]);
    dialChannel(address, { self, peer, seal }, events);
  }

  return {
    send(to, octets) {
      const channel = channels.get(to)?.at(-1);
      const waiting = dialled.get(to);
      if (channel !== undefined) channel.send(octets);
      else if (waiting === undefined) dial(to, octets);
      else if (waiting.length < WAITING_MAX) waiting.push(octets);
    },
    close() {
      isOpen = false;
      stopListening?.();
      for (const channel of [...channels.values()].flat()) channel.close();
    },
  };
}

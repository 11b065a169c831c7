/**
 * Somebody who overhears what controller and backends say to each other, and has not their key.
 *
 * He knows all that is said and how, so that nothing gives him away but his seal.
 */
import { sealMessage, type Seal } from '../../../reference/handoff/codec.ts';
import type { ConnectionMessage, Message } from '../../../reference/handoff/message.ts';
import type { BackendName, Mishap, StrangeWord, ToldMessage } from '../../driver/system.ts';

/** What a stranger says. */
export interface Forgery {
  readonly message: StrangeWord;
  readonly to: BackendName;
  readonly octets: Uint8Array;
}

/** A stranger. */
export interface Stranger {
  /** What he says, as `mishaps` have it, now that `from` has sent `message`. */
  readonly overhear: (
    mishaps: readonly Mishap[],
    from: string,
    message: Message,
  ) => readonly Forgery[];
}

type StrangerMishap = Extract<Mishap, { readonly kind: 'stranger' }>;

/** A stranger whose key is that of `seal`. */
export function createStranger(seal: Seal): Stranger {
  /** Which life of each backend it is that lives. */
  const lives = new Map<string, number>();

  function sayingOf(
    { says, to }: StrangerMishap,
    heard: ConnectionMessage,
  ): ConnectionMessage | undefined {
    const { key, epoch } = heard;
    const instance = lives.get(to) ?? 0;
    if (says === 'cancel') return { kind: says, key, epoch };
    if (says === 'commit') return { kind: says, key, epoch, instance };
    return heard.kind === says ? { ...heard, instance } : undefined;
  }

  return {
    overhear(mishaps, from, heard) {
      if (heard.kind === 'pong') lives.set(from, heard.instance);
      if (!('key' in heard)) return [];
      return mishaps.flatMap((each) => {
        if (each.kind !== 'stranger' || each.hears !== heard.kind) return [];
        const said = sayingOf(each, heard);
        const { says: message, to } = each;
        return said === undefined ? [] : [{ message, to, octets: sealMessage(said, seal) }];
      });
    },
  };
}

/** How it is told that a stranger has spoken. */
export function toldOf({ message, to }: Forgery, atMs: number): ToldMessage {
  return { message, what: 'sent', from: 'stranger', to, atMs };
}

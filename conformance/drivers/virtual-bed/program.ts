/** The program on a server: it serves the test site as long as it works. */
import type { Origin } from '../../../reference/sim/prism/origin.ts';
import {
  CHECK_TARGET,
  type Served,
  type ServerName,
  type ServerState,
} from '../../driver/balancer.ts';
import { answerTo } from '../../traffic/site.ts';
import { createServer } from '../sim/server.ts';

/** A program whose state changes; that of one that is dead is as of one that was just started. */
export interface Program extends Origin {
  readonly state: () => ServerState;
  readonly become: (state: ServerState, nowNs: number) => void;
}

/** What a program that hangs has not read yet. */
interface Unread {
  readonly id: string;
  readonly octets: Uint8Array;
}

const SICK_TARGET = `${CHECK_TARGET}?status=500`;

/** The program of a server, which works. */
export function createProgram(server: ServerName, onServed: (served: Served) => void): Program {
  let state: ServerState = 'up';
  let unread: Unread[] = [];
  let origin = begin();

  function answer(backend: string, method: string, target: string): Uint8Array {
    const isFailing = state === 'sick' && target === CHECK_TARGET;
    return answerTo(backend, method, isFailing ? SICK_TARGET : target);
  }

  function begin(): Origin {
    return createServer(server, ({ atMs }, head) => onServed({ server, atMs, head }), answer);
  }

  return {
    state: () => state,
    become(next, nowNs): void {
      state = next;
      if (next === 'hung') return;
      if (next === 'dead') origin = begin();
      const late = unread;
      unread = [];
      if (next !== 'dead') for (const { id, octets } of late) origin.take(id, octets, nowNs);
    },
    take(id, octets, nowNs): void {
      if (state === 'hung') unread.push({ id, octets });
      else origin.take(id, octets, nowNs);
    },
    close(id): void {
      unread = unread.filter((each) => each.id !== id);
      origin.close(id);
    },
    say: (nowNs) => (state === 'hung' ? [] : origin.say(nowNs)),
    nextAtNs: () => (state === 'hung' ? undefined : origin.nextAtNs()),
  };
}

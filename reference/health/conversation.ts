/** What is said to a server in a probe, and what its answer comes to: octets in, an outcome out. */
import { createResponseState, expectResponse, frameResponses } from '../http/response.ts';
import type { Outcome, Probe } from './check.ts';

/** A probe over a connection that has come about. */
export interface Conversation {
  /** What is said; undefined where the connection alone is the answer. */
  readonly request: Uint8Array | undefined;
  /** The outcome, as soon as the octets so far have one. */
  readonly hear: (octets: Uint8Array) => Outcome | undefined;
}

/** Begins a probe; `host` is what the Host field says unless the probe says another. */
export function createConversation(probe: Probe, host: string): Conversation {
  const response = createResponseState();
  expectResponse(response, { method: 'GET', upgrade: false });
  return {
    request: probe.kind === 'connect' ? undefined : requestFor(probe.path, probe.host ?? host),
    hear(octets): Outcome | undefined {
      for (const event of frameResponses(response, octets)) {
        if (event.kind === 'reject') return { kind: 'refused' };
        const isFinal = event.kind === 'head' && event.head.status >= 200;
        if (isFinal) return { kind: 'answered', status: event.head.status };
      }
      return undefined;
    },
  };
}

function requestFor(path: string, host: string): Uint8Array {
  const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close', '\r\n'];
  return new TextEncoder().encode(lines.join('\r\n'));
}

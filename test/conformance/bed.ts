/** Small parts that the tests of the judge share: a rule, frames, a device that follows a script. */
import { NO_DELTAS } from '../../conformance/driver/deltas.ts';
import type {
  Collected,
  Deltas,
  Device,
  Hello,
  PortFrame,
  Reply,
  Rule,
} from '../../conformance/driver/device.ts';
import type { Expectation, Output, Stimulus } from '../../conformance/observe/delivery.ts';
import { translated } from '../../conformance/observe/translate.ts';
import { clientPath, segment, type SegmentFields } from '../../conformance/traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../conformance/traffic/testbed.ts';

/** The client's connection, owned by backend 1. */
export function ruleWith(deltas: Partial<Deltas> = {}): Rule {
  const owner = ownerOf(HOSTS['backend 1']);
  return { ...keyOf(HOSTS.client), owner, deltas: { ...NO_DELTAS, ...deltas }, locked: false };
}

/** A rule that shifts all numbers, by amounts that wrap. */
export const SPLICE: Rule = ruleWith({ clientSeq: 0x89abcdef, ownerSeq: 0x7654fedc });

/** A segment of the client, as it is sent. */
export function fromClient(rule: Rule, fields: SegmentFields = {}): Uint8Array {
  return segment(clientPath(rule, HOSTS.client), fields);
}

/** The expectation that a client's segment passes `rule`. */
export function passes(frame: Uint8Array, rule: Rule): Extract<Expectation, { kind: 'frame' }> {
  return {
    kind: 'frame',
    at: 'backend0',
    frame: translated(frame, rule, 'client-to-owner'),
    leeway: { ttl: 'unchanged' },
    direction: 'client-to-owner',
  };
}

/** `count` segments of the client that differ in sequence number and payload. */
export function stimuliOf(count: number, rule: Rule = SPLICE): readonly Stimulus[] {
  return Array.from({ length: count }, (_, index): Stimulus => {
    const frame = fromClient(rule, { seq: index * 16, payload: Uint8Array.of(index & 0xff, 1) });
    return { role: 'client0', frame, expectation: passes(frame, rule) };
  });
}

/** What a device without fault makes of `stimuli`. */
export function rightOutputs(stimuli: readonly Stimulus[]): readonly Output[] {
  return stimuli.flatMap(({ expectation }): readonly Output[] =>
    expectation.kind === 'nothing' ? [] : [{ role: expectation.at, frame: expectation.frame }],
  );
}

/** `frame` with the octet at `at` changed by `by`. */
export function patched(frame: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = frame.slice();
  copy[at] = ((copy[at] ?? 0) ^ by) & 0xff;
  return copy;
}

/** An introduction with all five bridged ports; `changes` replace parts of it. */
export function helloWith(changes: Partial<Hello> = {}): Hello {
  return {
    protocol: 'prism-dut/1',
    name: 'scripted',
    vendor: 'test',
    version: '1',
    ports: { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 },
    mtu: 1500,
    capabilities: ['BRIDGE'],
    profile: {
      lock: 'drop',
      ttl: 'unchanged',
      capacity: 1,
      holdFrames: 0,
      idleSeconds: 0,
      leaseMs: 0,
    },
    barrier: 'in-order',
    clock: 'virtual',
    ...changes,
  };
}

/** A device that answers nothing and does nothing; `parts` replace calls. */
export function scriptedDevice(hello: Hello, parts: Partial<Device> = {}): Device {
  return {
    hello: async (): Promise<Hello> => hello,
    reset: async (): Promise<void> => undefined,
    command: async (): Promise<Reply> => ({ ok: true }),
    rules: async () => [],
    inject: async (): Promise<void> => undefined,
    collect: async (): Promise<Collected> => ({ frames: [], notices: [] }),
    barrier: async (): Promise<void> => undefined,
    advance: async (): Promise<void> => undefined,
    captureLoss: async (): Promise<number> => 0,
    controlFrame: async (): Promise<Uint8Array> => new Uint8Array(0),
    claims: async (): Promise<boolean> => false,
    close: async (): Promise<void> => undefined,
    ...parts,
  };
}

/** A hub: every frame leaves at all other ports; `spoil` changes what is collected. */
export function hub(
  hello: Hello,
  spoil: (frames: readonly PortFrame[]) => readonly PortFrame[] = (frames) => frames,
  parts: Partial<Device> = {},
): Device {
  let left: PortFrame[] = [];
  const ports = Object.values(hello.ports);
  return scriptedDevice(hello, {
    inject: async (frames): Promise<void> => {
      for (const { port, frame } of frames) {
        left.push(...ports.filter((each) => each !== port).map((each) => ({ port: each, frame })));
      }
    },
    collect: async (): Promise<Collected> => {
      const frames = spoil(left);
      left = [];
      return { frames, notices: [] };
    },
    ...parts,
  });
}

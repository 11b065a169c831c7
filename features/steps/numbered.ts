/**
 * The step that sends a hundred thousand numbered frames and looks for each number once.
 *
 *   | headers | flow 16 | ~flow 16 | number 32 | ~number 32 |
 *
 * A number stands beside its complement, so that all frames of a flow have the same checksums. Only
 * the number is looked at: what else a frame must be is judged elsewhere.
 */
import { Then } from '@cucumber/cucumber';
import { atPorts, type Observation } from '../../conformance/observe/observer.ts';
import { segment } from '../../conformance/traffic/segment.ts';
import { HOSTS, type Host } from '../../conformance/traffic/testbed.ts';
import { Failure, Inconclusive } from '../../conformance/verdict/outcome.ts';
import { pathBetween } from '../support/bridge.ts';
import type { PrismWorld } from '../support/world.ts';
import { pathFrom } from './segments.ts';

/** Frames that are sent before a look at what left. */
const BATCH = 5000;
/** A slow device is sent no more after this time; it decides how much is sent, never a verdict. */
const EFFORT_MS = 8000;
/** Octets of an Ethernet, an IPv4 and a TCP header, none of which grows on its way. */
const HEADERS_OCTETS = 54;

/** A flow, and the frame that its numbers are written into. */
interface NumberedFlow {
  readonly host: Host;
  readonly template: Uint8Array;
}

/** Where a flow of frames goes. */
interface Way {
  readonly host: Host;
  /** The connection's other end when left out. */
  readonly to?: Host;
  /** The destination MAC address where it is not that of `to`: such frames are flooded. */
  readonly destinationMac?: string;
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
/** Of nobody: no frame ever comes from there. */
const NEVER_HEARD = '02:00:00:00:fe:01';

function template(world: PrismWorld, way: Way, index: number): Uint8Array {
  const { host, to, destinationMac } = way;
  const known = to === undefined ? pathFrom(world, host) : pathBetween(host, to);
  const path = destinationMac === undefined ? known : { ...known, destinationMac };
  const payload = new Uint8Array(12);
  const view = new DataView(payload.buffer);
  view.setUint16(0, index);
  view.setUint16(2, ~index);
  view.setUint32(8, 0xffffffff);
  return segment(path, { flags: 'PA', payload });
}

/** The connection's directions, and traffic without a rule where the device carries any. */
function flowsOf(world: PrismWorld): readonly NumberedFlow[] {
  const { client, 'backend 1': owner, 'backend 2': other, 'other client': otherClient } = HOSTS;
  const isBridge = world.has('BRIDGE') && world.has('MATCH');
  const ways: readonly (Way & { readonly if: boolean })[] = [
    { host: client, if: true },
    { host: owner, if: world.has('REVERSE') },
    { host: otherClient, to: other, if: isBridge },
    { host: other, to: client, if: isBridge },
    { host: otherClient, to: other, destinationMac: BROADCAST, if: isBridge },
    { host: other, to: otherClient, destinationMac: NEVER_HEARD, if: isBridge },
  ];
  return ways
    .filter((way) => way.if)
    .map((way, index) => ({ host: way.host, template: template(world, way, index) }));
}

function numbered({ template: frame }: NumberedFlow, number: number): Uint8Array {
  const octets = frame.slice();
  const view = new DataView(octets.buffer);
  view.setUint32(HEADERS_OCTETS + 4, number);
  view.setUint32(HEADERS_OCTETS + 8, ~number);
  return octets;
}

/** What has been seen of one flow at one port. */
interface Seen {
  readonly numbers: Uint8Array;
  highest: number;
  count: number;
  late: number;
}

/** Counts what left; fails at the first number that leaves a port for the second time. */
function note(seen: Map<string, Seen>, { outputs }: Observation, total: number): void {
  for (const { role, frame } of outputs) {
    if (frame.length < HEADERS_OCTETS + 12) continue;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const flow = view.getUint16(HEADERS_OCTETS);
    const number = view.getUint32(HEADERS_OCTETS + 4);
    if (number >= total) continue;
    const key = `flow ${flow} at ${role}`;
    const one = seen.get(key) ?? { numbers: new Uint8Array(total), highest: -1, count: 0, late: 0 };
    seen.set(key, one);
    if (one.numbers[number] === 1) {
      const observed = `number ${number} again, ${key}, after ${one.count} others`;
      throw new Failure({ expected: 'each frame at most once at a port', observed });
    }
    one.numbers[number] = 1;
    one.count += 1;
    if (number < one.highest) one.late += 1;
    one.highest = Math.max(one.highest, number);
  }
}

Then(
  'of {int} numbered frames none leaves a port twice',
  async function (this: PrismWorld, frames: number) {
    const wanted = this.quickly(frames);
    const { device, observer } = this.session;
    const flows = flowsOf(this);
    const [first] = flows;
    if (first === undefined) throw new Error('there is no flow to number');
    const seen = new Map<string, Seen>();
    const startedMs = performance.now();
    let sent = 0;
    while (sent < wanted && (sent === 0 || performance.now() - startedMs < EFFORT_MS)) {
      const size = Math.min(BATCH, wanted - sent);
      const batch = Array.from({ length: size }, (_, index) => {
        const flow = flows[(sent + index) % flows.length] ?? first;
        return { role: flow.host.role, frame: numbered(flow, sent + index) };
      });
      await device.inject(atPorts(this.hello, batch));
      note(seen, await observer.observe(), wanted);
      sent += size;
    }
    const left = [...seen.values()].reduce((sum, flow) => sum + flow.count, 0);
    const late = [...seen.values()].reduce((sum, flow) => sum + flow.late, 0);
    // Order is reported and not judged: the requirement says "should".
    this.log(`${sent} frames were sent, ${left} left, ${late} of them after a later one`);
    if (left === 0) throw new Inconclusive('nothing-left', 'none of the numbered frames left');
  },
);

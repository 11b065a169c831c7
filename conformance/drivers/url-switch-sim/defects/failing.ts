/** What stands around the controllers, and does the wrong thing where a server fails. */
import { ipv4Address, layer, parse, TCP_FLAG, type Ipv4Address } from 'scapy-ts';
import type { Process, ProcessEvent } from '../../../../reference/sim/network/process.ts';
import { createPeer, type Peer } from '../../../../reference/sim/peer.ts';
import { createHost } from '../../../../reference/sim/tcp/host.ts';
import { BALANCER_MAC, SERVER_HOSTS } from '../../virtual-bed/hosts.ts';
import type { Around } from './around.ts';

interface Heard {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly port: number;
  readonly isReset: boolean;
  readonly text: string;
}

function heardIn(event: ProcessEvent): Heard | undefined {
  if (event.kind !== 'frame') return undefined;
  const { layers } = parse(event.octets);
  const ip = layer(layers, 'ipv4');
  const tcp = layer(layers, 'tcp');
  if (ip === undefined || tcp === undefined) return undefined;
  const text = new TextDecoder('latin1').decode(layer(layers, 'raw')?.octets);
  const isReset = (tcp.flags & TCP_FLAG.RST) !== 0;
  return { source: ip.src, destination: ip.dst, port: tcp.dstPort, isReset, text };
}

function isServer(address: Ipv4Address): boolean {
  return SERVER_HOSTS.some((each) => each.address === address);
}

/** Controllers that hear no RST of a server. */
export const deafToResets: Around = () => (part, process) =>
  part !== 'controller'
    ? process
    : {
        nextAtNs: process.nextAtNs,
        step(event, nowNs) {
          const heard = heardIn(event);
          const isRefusal = heard?.isReset === true && isServer(heard.source);
          return process.step(isRefusal ? { kind: 'tick' } : event, nowNs);
        },
      };

const REPEATER = ipv4Address('10.2.0.199');
const FIRST_PORT = 50_000;
const PORT = 80;

/** Sends `octets` to the first server in a connection of its own. */
function createRepeater(octets: Uint8Array, nth: number): Peer {
  const [server] = SERVER_HOSTS;
  if (server === undefined) throw new Error('there is no server');
  const host = createHost({
    mac: BALANCER_MAC,
    addresses: [],
    hidden: [REPEATER],
    gateway: server.mac,
    random: () => 1,
  });
  const ends = {
    local: { address: REPEATER, port: FIRST_PORT + nth },
    remote: { address: server.address, port: PORT },
  };
  return createPeer(host, ends, [
    { cue: { kind: 'at-once' }, play: { kind: 'connect' } },
    { cue: { kind: 'opened' }, play: { kind: 'write', octets } },
  ]);
}

/** Controllers that send what a dead server was asked for to the first one. */
export const repeatingPosts: Around = () => (part, process) =>
  part === 'controller' ? withRepeats(process) : process;

function withRepeats(process: Process): Process {
  /** The last POST of a client: all of them are alike here. */
  let post: string | undefined;
  const repeaters: Peer[] = [];
  return {
    nextAtNs() {
      const times = [process, ...repeaters].flatMap((each) => each.nextAtNs() ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    step(event, nowNs) {
      const heard = heardIn(event);
      if (heard?.text.startsWith('POST ') === true) post = heard.text;
      const isRepeated = heard?.destination === REPEATER;
      const effects = [...process.step(isRepeated ? { kind: 'tick' } : event, nowNs)];
      const isFailure = heard?.isReset === true && isServer(heard.source) && !isRepeated;
      if (isFailure && post !== undefined) {
        const octets = Uint8Array.from(post, (letter) => letter.charCodeAt(0));
        repeaters.push(createRepeater(octets, repeaters.length));
      }
      for (const [nth, repeater] of repeaters.entries()) {
        const isOwn = isRepeated && heard.port === FIRST_PORT + nth;
        effects.push(...repeater.step(isOwn ? event : { kind: 'tick' }, nowNs));
      }
      return effects;
    },
  };
}

/**
 * The test bed on this kernel: what lives on from story to story, and the switch, which does not.
 *
 * Clients, servers and their network stay; the namespace of the switch is made anew for each story,
 * so that rules, addresses and connections of an earlier one are gone with it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { raiseLab, removeStaleLabs, type Lab } from '../../../reference/host/lab.ts';
import { SERVERS, type ServerName } from '../../driver/balancer.ts';
import { DriverFault } from '../../driver/device.ts';
import { openCapture, type Capture } from '../lab/capture.ts';
import {
  bedTopology,
  CLIENTS,
  DEVICE,
  ETHERNET,
  plugLines,
  portOf,
  switchLines,
  switchTopology,
  type SwitchSeat,
} from './network.ts';
import { createProduct, type Product, type ProgramOptions } from './program.ts';
import { openSender, type Sender } from './sender.ts';
import { openTunnelEnds, type TunnelEnds } from './tunnels.ts';
import { startServers, type ServedLine, type Servers } from './servers.ts';

/** Where a capture is. */
export type Place = typeof CLIENTS | ServerName;

/** What stories are played on. */
export interface Bed {
  readonly lab: Lab;
  readonly servers: Servers;
  readonly senders: ReadonlyMap<ServerName, Sender>;
  readonly capture: Capture<Place>;
  /** Hears what the servers carry out. */
  onServed: (line: ServedLine) => void;
  /** Puts a new switch into its place, whose program is not started yet. */
  readonly plug: (seat: SwitchSeat) => Product;
  /** Ends a switch, and all that it has left; nobody hears a word of it any more. */
  readonly unplug: (seat: SwitchSeat) => Promise<void>;
  /** From now on tunnels end at the servers. Throws where this kernel does not let them. */
  readonly endTunnels: () => void;
  readonly close: () => Promise<void>;
}

const NO_OFFLOADS = 'tx off rx off sg off tso off gso off gro off'.split(' ');
const COMMAND_MAX_MS = 10_000;

function runIn(namespace: string, words: readonly string[]): string {
  const done = spawnSync('ip', ['netns', 'exec', namespace, ...words], {
    encoding: 'utf8',
    timeout: COMMAND_MAX_MS,
  });
  if (done.status === 0) return done.stdout;
  const said = done.error?.message ?? done.stderr.trim();
  throw new DriverFault('bed', `${words.join(' ')}: ${said}`);
}

/** Ends what a program has left behind; it can only be in the namespace of that program. */
function endAllIn(namespace: string): void {
  const told = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  for (const pid of told.stdout.split('\n').map(Number)) {
    try {
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

interface Plugged {
  readonly lab: Lab;
  readonly product: Product;
}

interface Socket {
  /** Of the bed. */
  readonly name: string;
  readonly lab: Lab;
  readonly folder: string;
}

function plugIn({ name, lab, folder }: Socket, options: ProgramOptions, seat: SwitchSeat): Plugged {
  const { host } = seat;
  const own = raiseLab(switchTopology(name, seat));
  const namespace = own.nameOf(host);
  lab.ip(ETHERNET, ...plugLines(seat, namespace));
  own.ip(host, ...switchLines(seat));
  runIn(lab.nameOf(ETHERNET), ['ethtool', '-K', portOf(host), ...NO_OFFLOADS]);
  runIn(namespace, ['ethtool', '-K', DEVICE, ...NO_OFFLOADS]);
  const product = createProduct(options, namespace, join(folder, `${host}.json`), seat);
  return { lab: own, product };
}

/** Beds of this process: several may be there at a time. */
let raised = 0;

/** Brings up the bed for switches that are started so. Throws SyscallError, Error. */
export function raiseBed(options: ProgramOptions): Bed {
  removeStaleLabs();
  raised += 1;
  const name = `bed${raised}`;
  const lab = raiseLab(bedTopology(name));
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-balancer-'));
  const places: readonly Place[] = [CLIENTS, ...SERVERS];
  const ports = new Map(places.map((place) => [portOf(place), place]));
  const plugged = new Map<SwitchSeat, Plugged>();
  let tunnels: TunnelEnds | undefined;

  async function unplug(seat: SwitchSeat): Promise<void> {
    const { host } = seat;
    const old = plugged.get(seat);
    if (old === undefined) return;
    plugged.delete(seat);
    lab.ip(ETHERNET, `link set ${portOf(host)} down`);
    await old.product.end();
    endAllIn(old.lab.nameOf(host));
    lab.ip(ETHERNET, `link del ${portOf(host)}`);
    old.lab.down();
  }

  const bed: Bed = {
    lab,
    servers: startServers(lab, (line) => bed.onServed(line)),
    senders: new Map(SERVERS.map((server) => [server, openSender(lab, server)])),
    capture: openCapture(lab, ETHERNET, ports),
    onServed: () => {},
    plug(seat) {
      const fresh = plugIn({ name, lab, folder }, options, seat);
      plugged.set(seat, fresh);
      return fresh.product;
    },
    unplug,
    endTunnels() {
      tunnels ??= openTunnelEnds(lab);
    },
    async close() {
      await Promise.all([...plugged.keys()].map(unplug));
      await tunnels?.close();
      bed.capture.close();
      for (const sender of bed.senders.values()) sender.close();
      lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bed;
}

/** What stands around the switch of the Prism: reads what clients say and are told, and changes it. */
import { build, formatIpv4, layer, parse, type Ipv4, type Layer, type Tcp } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { CLIENTS_MAX, clientHost, SERVER_HOSTS } from '../../virtual-bed/hosts.ts';
import type { UrlSwitchAlteration } from '../url-switch-sim.ts';

/** Something around the parts of a Prism, made anew for each story. */
export type Around = NonNullable<UrlSwitchAlteration['wrap']>;

/** A segment between a client and the virtual endpoint, or its server. */
export interface Said {
  /** `10.1.0.3:40000`; of what a server sends, whoever it is for. */
  readonly client: string;
  readonly tcp: Tcp;
  readonly ip: Ipv4;
  /** An octet a character. */
  readonly text: string;
}

/** What becomes of a segment: another text of the same length, other fields; or nothing at all. */
export type Edit = (said: Said) => { readonly text?: string; readonly tcp?: Partial<Tcp> } | 'lost';

const LATIN = new TextDecoder('latin1');
const CLIENT_PORTS = new Set(
  Array.from({ length: CLIENTS_MAX }, (_, index) => clientHost(index + 1).port),
);
const SERVER_PORTS = new Set(SERVER_HOSTS.map(({ port }) => port));

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function edited(octets: Uint8Array, way: 'from' | 'to', edit: Edit): Uint8Array | undefined {
  const { layers } = parse(octets);
  const ip = layer(layers, 'ipv4');
  const tcp = layer(layers, 'tcp');
  if (ip === undefined || tcp === undefined) return octets;
  const text = LATIN.decode(layer(layers, 'raw')?.octets);
  const [address, port] = way === 'from' ? [ip.src, tcp.srcPort] : [ip.dst, tcp.dstPort];
  const change = edit({ client: `${formatIpv4(address)}:${port}`, tcp, ip, text });
  if (change === 'lost') return undefined;
  if (change.text === undefined && change.tcp === undefined) return octets;
  const { text: other = text } = change;
  if (other.length !== text.length) throw new Error('another text is as long as the first');
  return build(
    layers.map((each): Layer => {
      if (each.kind === 'tcp') return { ...each, ...change.tcp, checksum: undefined };
      return each.kind === 'raw' ? { ...each, octets: octetsOf(other) } : each;
    }),
  );
}

/** The switch with all that comes from clients as `edit` makes it. */
export function fromClients(edit: () => Edit): Around {
  return editingArrivals(CLIENT_PORTS, 'from', edit);
}

/** The switch with all that comes from servers as `edit` makes it. */
export function fromServers(edit: () => Edit): Around {
  return editingArrivals(SERVER_PORTS, 'to', edit);
}

function editingArrivals(ports: ReadonlySet<number>, way: 'from' | 'to', edit: () => Edit): Around {
  return () => {
    const make = edit();
    return (part, process) =>
      part !== 'switch'
        ? process
        : {
            nextAtNs: process.nextAtNs,
            step(event, nowNs) {
              const isMeant = event.kind === 'frame' && ports.has(event.port);
              if (!isMeant) return process.step(event, nowNs);
              const octets = edited(event.octets, way, make);
              const left =
                octets === undefined ? ({ kind: 'tick' } as const) : { ...event, octets };
              return process.step(left, nowNs);
            },
          };
  };
}

/** The switch with all that leaves for clients as `edit` makes it. */
export function toClients(edit: () => Edit): Around {
  return () => {
    const make = edit();
    return (part, process) => (part === 'switch' ? editingDepartures(process, make) : process);
  };
}

function editingDepartures(process: Process, edit: Edit): Process {
  return {
    nextAtNs: process.nextAtNs,
    step: (event, nowNs) =>
      process.step(event, nowNs).flatMap((effect): readonly ProcessEffect[] => {
        if (effect.kind !== 'frame' || !CLIENT_PORTS.has(effect.port)) return [effect];
        const octets = edited(effect.octets, 'to', edit);
        return octets === undefined ? [] : [{ ...effect, octets }];
      }),
  };
}

/** Texts as `replace` makes them, by themselves. */
export function texts(replace: (text: string) => string): () => Edit {
  return () => (said) => {
    const text = replace(said.text);
    return text === said.text ? {} : { text };
  };
}

/** The text with X for each letter of a part. */
export function blank(text: string, part: string): string {
  return text.replaceAll(part, 'X'.repeat(part.length));
}

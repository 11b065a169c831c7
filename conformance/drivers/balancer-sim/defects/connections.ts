/** Server switches that take a connection for another, forget it, or lead it astray. */
import { TCP_FLAG, type Ether, type Ipv4 } from 'scapy-ts';
import type { Process, ProcessEffect } from '../../../../reference/sim/network/process.ts';
import { changed, leaving, read, towards, type Wrap } from './around.ts';

function isSyn(flags: number | undefined): boolean {
  return flags !== undefined && (flags & (TCP_FLAG.SYN | TCP_FLAG.ACK)) === TCP_FLAG.SYN;
}

/** Every segment but the SYN goes to the next of three servers. */
export const turningPerSegment: Wrap = () => {
  let turns = 0;
  return leaving(({ octets, isInbound, tcp }) => {
    if (!isInbound || tcp === undefined || isSyn(tcp.flags)) return octets;
    turns += 1;
    return changed(octets, towards(turns % 3));
  });
};

/** A SYN that comes again goes to another server than the first time. */
export const choosingAgain: Wrap = () => {
  const seen = new Map<string, number>();
  return leaving(({ octets, isInbound, tcp, caller }) => {
    if (!isInbound || !isSyn(tcp?.flags)) return octets;
    const times = seen.get(caller) ?? 0;
    seen.set(caller, times + 1);
    return times === 0 ? octets : changed(octets, towards(3));
  });
};

/** A client is known by its port alone: whoever had it first gets all answers. */
export const keyedByPort: Wrap = () => {
  const first = new Map<number, { readonly mac: Ether['src']; readonly address: Ipv4['src'] }>();
  return leaving(
    ({ octets, isInbound, tcp }) => {
      const owner = tcp === undefined || isInbound ? undefined : first.get(tcp.dstPort);
      if (owner === undefined) return octets;
      return changed(octets, { ether: { dst: owner.mac }, ip: { dst: owner.address } });
    },
    ({ ether, ip, tcp }) => {
      if (tcp === undefined || !isSyn(tcp.flags) || first.has(tcp.srcPort)) return;
      first.set(tcp.srcPort, { mac: ether.src, address: ip.src });
    },
  );
};

/** A port of a client that has been used is never used again. */
export const refusingUsedPorts: Wrap = () => {
  const numbers = new Map<string, number>();
  return leaving(({ octets, isInbound, tcp, caller }) => {
    if (!isInbound || tcp === undefined || !isSyn(tcp.flags)) return octets;
    const first = numbers.get(caller) ?? tcp.seq;
    numbers.set(caller, first);
    return first === tcp.seq ? octets : undefined;
  });
};

/** From so many SYNs on segments are dropped: SYNs, or all others. */
export function exhausted(from: number, what: 'SYN' | 'others'): Wrap {
  return () => {
    let count = 0;
    return leaving(({ octets, isInbound, tcp }) => {
      if (!isInbound || tcp === undefined) return octets;
      const isNew = isSyn(tcp.flags);
      if (isNew) count += 1;
      return count > from && isNew === (what === 'SYN') ? undefined : octets;
    });
  };
}

/** Remembers a SYN that was denied, and carries what then comes to the first server. */
export const rememberingDenied: Wrap =
  () =>
  (process): Process => {
    const denied = new Set<string>();
    return {
      nextAtNs: process.nextAtNs,
      step(event, nowNs) {
        const effects = process.step(event, nowNs);
        const entered = event.kind === 'frame' ? read(event.octets) : undefined;
        if (event.kind !== 'frame' || entered?.tcp === undefined) return effects;
        if (isSyn(entered.tcp.flags) && effects.length === 0) denied.add(entered.caller);
        const isKnown = !isSyn(entered.tcp.flags) && denied.has(entered.caller);
        if (!isKnown) return effects;
        const octets = changed(event.octets, towards(0));
        return [{ kind: 'frame', port: event.port, octets } satisfies ProcessEffect];
      },
    };
  };

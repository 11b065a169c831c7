/** IPv4 options. RFC 791 section 3.1: the known ones. The list's form is in option-list.ts. */
import { formatIpv4 } from '../address.ts';
import { header } from './compile.ts';
import { ipv4Field, whole } from './fields.ts';
import { fixedOption, optionList } from './option-list.ts';
import type { Ipv4Address } from '../address.ts';
import type { CommonOption, OptionCodec, OptionList } from './option-list.ts';

/** Asks every router to look at the packet, 16 bits. RFC 2113. */
export interface RouterAlertOption {
  readonly kind: 'routerAlert';
  readonly value: number;
}

interface Route {
  /** Place of the next address in the option, counted from 1 at its type; 4 is the first. */
  readonly pointer: number;
  readonly route: readonly Ipv4Address[];
}

/** RFC 791. */
export interface RecordRouteOption extends Route {
  readonly kind: 'recordRoute';
}

/** RFC 791. */
export interface LooseSourceRouteOption extends Route {
  readonly kind: 'looseSourceRoute';
}

/** RFC 791. */
export interface StrictSourceRouteOption extends Route {
  readonly kind: 'strictSourceRoute';
}

type RouteOption = RecordRouteOption | LooseSourceRouteOption | StrictSourceRouteOption;
type KnownOption = RouterAlertOption | RouteOption;

/** One IPv4 option. */
export type Ipv4Option = KnownOption | CommonOption;

/** The types of the known options, copy flag included. IANA "IP Option Numbers". */
export const IPV4_OPTION = {
  recordRoute: 7,
  looseSourceRoute: 131,
  strictSourceRoute: 137,
  routerAlert: 148,
} as const;

interface Hop {
  readonly kind: 'hop';
  readonly address: Ipv4Address;
}

const ROUTER_ALERT = header<RouterAlertOption>('routerAlert', 'Router alert', { value: whole(16) });
const HOP = header<Hop>('hop', 'Hop', { address: ipv4Field() });

/** Type, length and pointer stand in front of the addresses. */
const ROUTE_AT = 3;

function routeCodec<O extends RouteOption>(
  type: number,
  option: (pointer: number, route: readonly Ipv4Address[]) => O,
): OptionCodec<O> {
  const size = (o: O): number => ROUTE_AT + HOP.lengthOctets * o.route.length;
  return {
    type,
    fits: (length) => length >= ROUTE_AT && (length - ROUTE_AT) % HOP.lengthOctets === 0,
    read(octets, body, end): O {
      const route: Ipv4Address[] = [];
      for (let at = body + 1; at < end; at += HOP.lengthOctets) {
        route.push(HOP.read(octets, at).address);
      }
      return option(octets[body] ?? 0, route);
    },
    size,
    write(octets, at, o): void {
      octets[at] = type;
      octets[at + 1] = size(o);
      octets[at + 2] = o.pointer;
      o.route.forEach((address, index) => {
        HOP.write(octets, at + ROUTE_AT + HOP.lengthOctets * index, { kind: 'hop', address }, {});
      });
    },
    show: (o) => [o.kind, o.pointer, ...o.route.map(formatIpv4)].join(' '),
  };
}

/** The options of an IPv4 header. */
export const IPV4_OPTIONS: OptionList<Ipv4Option> = optionList<KnownOption>({
  routerAlert: fixedOption(IPV4_OPTION.routerAlert, ROUTER_ALERT),
  recordRoute: routeCodec<RecordRouteOption>(IPV4_OPTION.recordRoute, (pointer, route) => ({
    kind: 'recordRoute',
    pointer,
    route,
  })),
  looseSourceRoute: routeCodec<LooseSourceRouteOption>(
    IPV4_OPTION.looseSourceRoute,
    (pointer, route) => ({ kind: 'looseSourceRoute', pointer, route }),
  ),
  strictSourceRoute: routeCodec<StrictSourceRouteOption>(
    IPV4_OPTION.strictSourceRoute,
    (pointer, route) => ({ kind: 'strictSourceRoute', pointer, route }),
  ),
});

/** Services that have the same name or ports, and servers that have the same name. */
import type { Service } from '../config.ts';
import { formatIpv4 } from 'scapy-ts';
import type { Objection, Path } from './fault.ts';

/** All that is there a second time, told where it is. */
export function findClashes(services: readonly Service[]): readonly Objection[] {
  return [
    ...findSameNames(services, ['services']),
    ...services.flatMap(({ servers }, index) =>
      findSameNames(servers, ['services', index, 'servers']),
    ),
    ...findOverlaps(services),
  ];
}

function findSameNames(
  items: readonly { readonly name: string }[],
  path: Path,
): readonly Objection[] {
  const names = new Set<string>();
  return items.flatMap(({ name }, index): readonly Objection[] => {
    const isNew = !names.has(name);
    names.add(name);
    const expected = 'a name of its own';
    return isNew ? [] : [{ path: [...path, index, 'name'], expected, advice: 'rename it' }];
  });
}

/** Each service that begins before one has ended that begins before it. */
function findOverlaps(services: readonly Service[]): readonly Objection[] {
  const order = [...services.entries()].toSorted(
    ([, a], [, b]) =>
      a.address - b.address ||
      a.protocol.localeCompare(b.protocol) ||
      a.ports.first - b.ports.first,
  );
  let furthest: Service | undefined;
  return order.flatMap(([index, service]): readonly Objection[] => {
    const before = furthest;
    const isSameHost = before?.address === service.address && before.protocol === service.protocol;
    if (!isSameHost || service.ports.last > before.ports.last) furthest = service;
    if (!isSameHost || service.ports.first > before.ports.last) return [];
    const { name, protocol, address } = before;
    const expected = `${protocol} ports of ${formatIpv4(address)} that service ${name} has not`;
    const advice = 'write others';
    return [{ path: ['services', index, 'ports'], expected, advice }];
  });
}

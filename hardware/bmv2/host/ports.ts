/** Which port of `prism.p4` each device is. */

/** Ports that are not bridged: for what it cannot rewrite, for commands, and for its agent. */
const OWN_PORTS = [5, 6, 7] as const;

/** Devices by the numbers of their ports, which go round the program's own. */
export function portsOf(devices: Iterable<string>): ReadonlyMap<number, string> {
  const [first] = OWN_PORTS;
  const numbered = [...devices].map((name, at): [number, string] => [
    at < first ? at : at + OWN_PORTS.length,
    name,
  ]);
  return new Map(numbered);
}

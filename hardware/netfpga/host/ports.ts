/** Which port of the core each device is, by the bits of TUSER. */

/** The host's way by DMA, where the suite has the controller; then the wires, and two more by DMA. */
const BRIDGED = [1, 0, 2, 4, 6, 5, 7] as const;

/** Devices by the numbers of their ports; throws RangeError for more than the core has. */
export function portsOf(devices: Iterable<string>): ReadonlyMap<number, string> {
  const numbered = [...devices].map((name, at): [number, string] => {
    const port = BRIDGED[at];
    if (port === undefined) throw new RangeError(`the core bridges ${BRIDGED.length} devices`);
    return [port, name];
  });
  return new Map(numbered);
}

/** Which connections a frame may belong to. */
import { formatIpv4, formatIpv6, layer, parse } from 'scapy-ts';
import type { Command, Endpoint } from '../driver/device.ts';

/** One end of a connection as text, to be compared. */
export function endText({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** Both ends of the first segment in `frame`, quoted or not; empty when there is none. */
export function endsOf(frame: Uint8Array): readonly string[] {
  const { layers } = parse(frame);
  const [four, six] = [layer(layers, 'ipv4'), layer(layers, 'ipv6')];
  const { srcPort: from, dstPort: to } = layer(layers, 'tcp') ?? layer(layers, 'tcpQuote') ?? {};
  if (from === undefined || to === undefined) return [];
  const addresses =
    four?.src !== undefined && four.dst !== undefined
      ? [formatIpv4(four.src), formatIpv4(four.dst)]
      : six?.src !== undefined && six.dst !== undefined
        ? [formatIpv6(six.src), formatIpv6(six.dst)]
        : [];
  return addresses.map((address, index) => endText({ address, port: index === 0 ? from : to }));
}

/** The client of the connection that `command` is for. */
export function clientOf(command: Command): Endpoint {
  return command.op === 'add' ? command.rule.client : command.key.client;
}

/** The segment that the other end would send, were it to say the same back. */
import { build, mac, parse, type Layer } from 'scapy-ts';

function mirrorLayer(layer: Layer, destinationMac: string, ttl: number | undefined): Layer {
  switch (layer.kind) {
    case 'ether':
      return { ...layer, src: layer.dst, dst: mac(destinationMac) };
    case 'ipv4': {
      const { checksum: _recomputed, ...rest } = layer;
      return { ...rest, ttl: ttl ?? layer.ttl, src: layer.dst, dst: layer.src };
    }
    case 'tcp': {
      const { checksum: _recomputed, ...rest } = layer;
      return {
        ...rest,
        srcPort: layer.dstPort,
        dstPort: layer.srcPort,
        seq: layer.ack,
        ack: layer.seq,
      };
    }
    default:
      return layer;
  }
}

/** `frame` with its ends and its two numbers exchanged, sent to `destinationMac`. */
export function mirror(frame: Uint8Array, destinationMac: string, ttl?: number): Uint8Array {
  return build(parse(frame).layers.map((layer) => mirrorLayer(layer, destinationMac, ttl)));
}

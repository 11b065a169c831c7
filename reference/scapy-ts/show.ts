/** Packets for people: field by field, or in one line. */
import { HEADERS } from './layers/headers.ts';
import { fieldValues } from './layers/table.ts';
import type { Layer, LayerKind, Packet } from './layer.ts';

/** Each layer's name and under it its fields; one that is computed when built says so. */
export function show(packet: Packet): string {
  return packet.map(showLayer).join('\n');
}

/** `Ethernet / IPv4 10.0.0.1 > 10.0.0.2 / TCP 40000 > 80 SA seq 1 ack 2 / Raw 5 octets`. */
export function summary(packet: Packet): string {
  return packet.map(summariseLayer).join(' / ');
}

function showLayer(layer: Layer): string {
  const { title, fields } = HEADERS[layer.kind];
  const values = fieldValues(fields, layer);
  const width = Math.max(...values.map(({ name }) => name.length));
  const lines = values.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`);
  return [title, ...lines].join('\n');
}

/** The fields that tell the most, written `{name}`. */
const SUMMARIES: Readonly<Partial<Record<LayerKind, string>>> = {
  dot1q: 'vid {vid}',
  arp: '{operation} {senderIp} > {targetIp}',
  ipv4: '{src} > {dst}',
  ipv6: '{src} > {dst}',
  ipv6Extension: '{protocol}',
  ipv6Fragment: 'offset {fragmentOffset} mf {mf}',
  tcp: '{srcPort} > {dstPort} {flags} seq {seq} ack {ack}',
  tcpQuote: '{srcPort} > {dstPort} seq {seq}',
  udp: '{srcPort} > {dstPort}',
  icmpv4: '{type} code {code}',
  icmpv6: '{type} code {code}',
};

function summariseLayer(layer: Layer): string {
  const { title, fields } = HEADERS[layer.kind];
  if (layer.kind === 'raw' || layer.kind === 'padding') {
    return `${title} ${layer.octets?.length ?? 0} octets`;
  }
  const template = SUMMARIES[layer.kind];
  if (template === undefined) return title;
  const texts = new Map(fieldValues(fields, layer).map(({ name, text }) => [name, text]));
  return `${title} ${template.replaceAll(/\{(\w+)\}/g, (_, name: string) => texts.get(name) ?? '')}`;
}

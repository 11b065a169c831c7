/** What a server switch counts, in the text format of Prometheus. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { BalancerState } from '../../balancer/balancer.ts';
import { countConnections } from '../../balancer/connection-table.ts';
import { perSecond } from '../../balancer/rate.ts';

/** Metrics as they are sent. */
export interface Exposition {
  /** The media type. */
  readonly type: string;
  readonly text: string;
}

const SERVER = ['service', 'server'];

/** The metrics of a switch; `lost` are frames that its devices lost, by the reason. */
export async function expose(
  { services, counters, table, rate, isActive, nowMs }: BalancerState,
  lost: Readonly<Record<string, number>>,
): Promise<Exposition> {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
    new Counter({ name: `prism_balancer_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name: `prism_balancer_${name}`, help, labelNames: [...labelNames], registers });

  gauge('active', '1 if this switch is the active one').set(isActive ? 1 : 0);
  gauge('entries', 'Connections in the table').set(countConnections(table));
  gauge('opened_per_second', 'Connections opened in the last second').set(perSecond(rate, nowMs));
  const syns = counter('syns_total', 'Requests for a connection, those repeated too', ['service']);
  const refused = counter('refused_total', 'Connections that were refused', ['service']);
  const up = gauge('server_up', '1 if the server can serve, as its checks say', SERVER);
  const active = gauge('connections', 'Connections that have not ended', SERVER);
  const opened = counter('opened_total', 'Connections since the server came', SERVER);
  for (const [service, { counts, members }] of services.byName) {
    syns.inc({ service }, counts.syns);
    refused.inc({ service }, counts.refused);
    for (const member of members) {
      const labels = { service, server: member.server.name };
      up.set(labels, member.isUp ? 1 : 0);
      active.set(labels, member.active);
      opened.inc(labels, member.opened);
    }
  }
  const volumes = { 'to-server': counters.toServer, 'to-client': counters.toClient };
  const packets = counter('packets_total', 'Packets that left', ['direction']);
  const octets = counter('octets_total', 'Octets of the frames that left', ['direction']);
  for (const [direction, volume] of Object.entries(volumes)) {
    packets.inc({ direction }, volume.packets);
    octets.inc({ direction }, volume.octets);
  }
  const dropped = counter('dropped_total', 'Frames that went nowhere', ['reason']);
  for (const [reason, count] of Object.entries(counters.dropped)) dropped.inc({ reason }, count);
  const losses = counter('lost_total', 'Frames that devices lost', ['reason']);
  for (const [reason, count] of Object.entries(lost)) losses.inc({ reason }, count);
  return { type: registry.contentType, text: await registry.metrics() };
}

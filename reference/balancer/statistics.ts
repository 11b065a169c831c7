/** What a server switch tells of itself. */
import type { Protocol } from './config.ts';
import { countConnections } from './connection-table.ts';
import type { Stage } from './phase.ts';
import { perSecond } from './rate.ts';
import type { BalancerState } from './state.ts';

/** A server of a pool, as it is now. */
export interface ServerStatistics {
  readonly name: string;
  readonly isUp: boolean;
  /** Connections that have not ended. */
  readonly active: number;
  /** Connections since the server came into the pool. */
  readonly opened: number;
}

/** A service, as it is now. */
export interface ServiceStatistics {
  readonly name: string;
  readonly protocol: Protocol;
  /** Segments that asked for a connection, those sent again too; under UDP datagrams that did. */
  readonly syns: number;
  readonly opened: number;
  /** For want of a server, or of room. */
  readonly refused: number;
  readonly servers: readonly ServerStatistics[];
}

/** All of it. */
export interface Statistics {
  readonly connections: number;
  readonly stages: Readonly<Record<Stage, number>>;
  /** Opened in the last whole second. */
  readonly connectionsPerSecond: number;
  readonly services: readonly ServiceStatistics[];
}

/** The statistics at this moment. */
export function readStatistics(state: BalancerState): Statistics {
  const { table, rate, nowMs, services } = state;
  const { opening, established, closing, talking } = table.queues;
  return {
    connections: countConnections(table),
    stages: {
      opening: opening.size,
      established: established.size,
      closing: closing.size,
      talking: talking.size,
    },
    connectionsPerSecond: perSecond(rate, nowMs),
    services: [...services.byName.values()].map(({ service, members, counts }) => ({
      name: service.name,
      protocol: service.protocol,
      ...counts,
      servers: members.map(({ server, isUp, active, opened }) => ({
        name: server.name,
        isUp,
        active,
        opened,
      })),
    })),
  };
}

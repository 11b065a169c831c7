/** A migration between the owners of the bed, as the shells do one. */
import type { ExecutionContext } from 'ava';
import type { Exported } from '../../reference/host/export.ts';
import { closeExported, exportConnection } from '../../reference/host/export.ts';
import { importConnection, probePeer } from '../../reference/host/import.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { MSG_DONTWAIT, send } from '../../reference/host/socket.ts';
import type { TcpSnapshot } from '../../reference/tcp/snapshot.ts';

/** The export of a connection that can be exported; throws with the refusal. */
export function exported(fd: number): Exported {
  const result = exportConnection(fd);
  if (!result.ok) throw new Error(`not exported: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** Imports in the namespace of `host`, asks the client by a probe, and writes what is unsent. */
export function imported(
  t: ExecutionContext,
  lab: Lab,
  host: string,
  { ends, snapshot }: Pick<Exported, 'ends' | 'snapshot'>,
): number {
  const result = lab.inside(host, () => importConnection(ends, snapshot));
  if (!result.ok) throw new Error(`not imported: ${JSON.stringify(result.error)}`);
  probePeer(result.value);
  if (snapshot.unsent.length > 0) {
    t.is(send(result.value, snapshot.unsent, MSG_DONTWAIT), snapshot.unsent.length);
  }
  return result.value;
}

/** Export, silent close, import at `host`: the new descriptor. */
export function migrate(
  t: ExecutionContext,
  lab: Lab,
  host: string,
  fd: number,
  change: (snapshot: TcpSnapshot) => TcpSnapshot = (snapshot) => snapshot,
): number {
  const taken = exported(fd);
  closeExported(taken);
  return imported(t, lab, host, { ends: taken.ends, snapshot: change(taken.snapshot) });
}

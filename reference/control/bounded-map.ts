/** A Map as a memory of bounded size: what was set longest ago is forgotten first. */

/** Sets `key` as the newest entry; beyond `max` entries the oldest goes. */
export function setBounded<V>(map: Map<string, V>, key: string, value: V, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

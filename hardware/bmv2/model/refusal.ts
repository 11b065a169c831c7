/**
 * How the compilation of a program ends when the model has not what the program needs.
 *
 * Forty functions compile one construct each, deep in each other; thrown, a refusal needs no path
 * through all of them. `loadProgram` alone catches it.
 */

/** Says what the model has not, or what is wrong with the JSON, and where that stands. */
export class Refusal extends Error {}

/** Ends the compilation. */
export function refuse(where: string, what: string): never {
  throw new Refusal(`${where}: ${what}`);
}

/** Ends the compilation because of a construct that BMv2 may have. */
export function unknownTo(where: string, construct: string): never {
  return refuse(where, `${construct} is not in this model`);
}

/** The value of a key that has to be there. */
export function need<K, V>(map: ReadonlyMap<K, V>, key: K, where: string, kind: string): V {
  return map.get(key) ?? refuse(where, `no ${kind} has the name or id ${String(key)}`);
}

/**
 * Connections that differ from the client's connection in one thing.
 *
 *   the client's connection    192.0.2.10:40000 to 198.51.100.1:80
 */
import { defineParameterType } from '@cucumber/cucumber';
import type { ConnectionKey, Owner, Rule } from '../../conformance/driver/device.ts';
import { clientPath, ownerPath, type Path } from '../../conformance/traffic/segment.ts';
import {
  HOSTS,
  keyOf,
  OTHER_VIRTUAL,
  VIRTUAL,
  type Host,
} from '../../conformance/traffic/testbed.ts';

/** A connection beside the client's, and the host whose it is. */
export interface Twin {
  readonly host: Host;
  readonly key: ConnectionKey;
}

const { client } = keyOf(HOSTS.client);

const TWINS: Readonly<Record<string, Twin>> = {
  'from another port': {
    host: HOSTS.client,
    key: { client: { ...client, port: 40_001 }, virtual: VIRTUAL },
  },
  'from another address': { host: HOSTS['other client'], key: keyOf(HOSTS['other client']) },
  'to another port': { host: HOSTS.client, key: { client, virtual: { ...VIRTUAL, port: 81 } } },
  'to another address': { host: HOSTS.client, key: { client, virtual: OTHER_VIRTUAL } },
};

/** The way the segments of a twin's client go. */
export function twinPath({ key, host }: Twin): Path {
  return clientPath(key, host);
}

/** The way the segments of `owner` go to a twin's client. */
export function twinOwnerPath({ key, host }: Twin, owner: Owner): Path {
  return ownerPath(owner, key, host);
}

/** The client's connection as a twin of itself, for steps that treat both alike. */
export function twinOf(rule: Rule): Twin {
  return { host: HOSTS.client, key: { client: rule.client, virtual: rule.virtual } };
}

defineParameterType({
  name: 'twin',
  regexp: /the twin (from another (?:port|address)|to another (?:port|address))/u,
  transformer: (words: string): Twin => {
    const twin = TWINS[words];
    if (twin === undefined) throw new Error(`no connection is called the twin ${words}`);
    return twin;
  },
});

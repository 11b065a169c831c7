/** The words of scenarios that stand for values. */
import { defineParameterType } from '@cucumber/cucumber';
import { HOSTS, type Host } from '../../conformance/traffic/testbed.ts';

/** Text of a parameter that names a host. */
const HOST_PATTERN = /the client|the other client|the controller|backend 1|backend 2/u;

/** The host that `text` names, e.g. `the client`. */
export function hostByWords(text: string): Host {
  const name = text.replace(/^the /u, '');
  const found = Object.values(HOSTS).find((host) => host.name === name);
  if (found === undefined) throw new Error(`no host is called ${text}`);
  return found;
}

defineParameterType({ name: 'host', regexp: HOST_PATTERN, transformer: hostByWords });

defineParameterType({
  name: 'hex',
  regexp: /(?:0x)?[0-9a-f]+/u,
  transformer: (text: string): number => Number.parseInt(text.replace(/^0x/u, ''), 16),
});

defineParameterType({
  name: 'count',
  regexp: /no|one|two|three|\d+/u,
  transformer: (text: string): number =>
    ({ no: 0, one: 1, two: 2, three: 3 })[text] ?? Number.parseInt(text, 10),
});

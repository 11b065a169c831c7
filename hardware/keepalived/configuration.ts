/**
 * What keepalived is told: an instance of VRRP with all addresses that two switches share.
 *
 * keepalived.conf(5) of version 2.2, "VRRP instance(s)". Version 3 of VRRP has intervals shorter
 * than a second; the addresses are at the device itself, under its own MAC address.
 */
import { virtualAddresses, type SetupFile } from '../product/setup-file.ts';

/** Of the group of both; RFC 9568 section 5.2.3. */
const GROUP = 51;
/** The first comes first, and the skew of both is short. RFC 9568 section 6.1. */
const PRIORITY = { 1: 254, 2: 253 } as const;
/** Of version 3 in hundredths of a second, in 12 bits. */
const INTERVAL_MS = { unit: 10, most: 40_950 } as const;

/** Whether keepalived can speak every `intervalMs`. */
export function canSpeakEvery(intervalMs: number): boolean {
  const { unit, most } = INTERVAL_MS;
  return intervalMs >= unit && intervalMs <= most && intervalMs % unit === 0;
}

/** The configuration of one of two; undefined where there are no two. */
export function configurationOf({ setup, device, pair }: SetupFile): string | undefined {
  if (pair === undefined || setup.pair === undefined) return undefined;
  const { place, shared } = pair;
  const addresses = [...virtualAddresses(setup).map((each) => `${each}/32`), ...shared];
  return [
    'global_defs {',
    '  vrrp_version 3',
    '}',
    'vrrp_instance switch {',
    `  interface ${device}`,
    '  state BACKUP',
    `  virtual_router_id ${GROUP}`,
    `  priority ${PRIORITY[place]}`,
    `  advert_int ${setup.pair.intervalMs / 1000}`,
    '  virtual_ipaddress {',
    ...addresses.map((each) => `    ${each}`),
    '  }',
    '}',
    '',
  ].join('\n');
}

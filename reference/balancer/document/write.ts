/** A plan of a server switch as a document. */
import { formatIpv4, formatMac } from 'scapy-ts';
import { stringify } from 'yaml';
import type { CheckOptions, Probe } from '../../health/check.ts';
import type { Access } from '../access.ts';
import type { Server, Service } from '../config.ts';
import type { SwitchPlan } from './schema.ts';
import { formatPrefix, formatRange } from './value.ts';

/** The document that is read as this plan again. */
export function writeDocument({ options, checks }: SwitchPlan): string {
  const { mac, addresses, services, access, redundancy, ...rest } = options;
  const fields = {
    mac: formatMac(mac),
    ...rest,
    addresses: addresses?.map(formatIpv4),
    services: services.map((service) => serviceFields(service, checks.get(service.name))),
    access: access === undefined ? undefined : accessFields(access),
    redundancy:
      redundancy === undefined
        ? undefined
        : { ...redundancy, source: formatIpv4(redundancy.source) },
  };
  // What two services share is written twice: no aliases are read.
  return stringify(fields, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function serviceFields(service: Service, check: CheckOptions | undefined): object {
  const { address, ports, servers, ...rest } = service;
  return {
    ...rest,
    address: formatIpv4(address),
    ports: formatRange(ports),
    check: check === undefined ? undefined : { ...check, probe: probeFields(check.probe) },
    servers: servers.map(serverFields),
  };
}

function probeFields(probe: Probe): object {
  return probe.kind === 'http' ? { ...probe, statuses: probe.statuses.map(formatRange) } : probe;
}

function serverFields({ address, mac, isDrained, ...rest }: Server): object {
  return { ...rest, address: formatIpv4(address), mac: formatMac(mac), drained: isDrained };
}

function accessFields({ rules, ...rest }: Access): object {
  return {
    ...rest,
    rules: rules.map(({ source, sourcePorts, destination, destinationPorts, ...others }) => ({
      ...others,
      source: source === undefined ? undefined : formatPrefix(source),
      sourcePorts: sourcePorts === undefined ? undefined : formatRange(sourcePorts),
      destination: destination === undefined ? undefined : formatPrefix(destination),
      destinationPorts: destinationPorts === undefined ? undefined : formatRange(destinationPorts),
    })),
  };
}

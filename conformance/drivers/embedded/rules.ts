/** Rules and commands of the suite as the embedded switch has them, and back: text to numbers. */
import {
  formatIpv4,
  formatIpv6,
  formatMac,
  ipv4Address,
  ipv6Address,
  mac,
  parseIpv4,
} from 'scapy-ts';
import type * as control from '../../../reference/control/command.ts';
import type * as rules from '../../../reference/rules/rule.ts';
import type {
  Command,
  ConnectionKey,
  Endpoint,
  Owner,
  Rule,
  RuleStatus,
} from '../../driver/device.ts';

function addressOf(text: string): rules.Endpoint['address'] {
  return parseIpv4(text).ok ? ipv4Address(text) : ipv6Address(text);
}

function addressText(address: rules.Endpoint['address']): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}

function inEndpoint({ address, port }: Endpoint): rules.Endpoint {
  return { address: addressOf(address), port };
}

function outEndpoint({ address, port }: rules.Endpoint): Endpoint {
  return { address: addressText(address), port };
}

function inKey(key: ConnectionKey): rules.ConnectionKey {
  return { client: inEndpoint(key.client), virtual: inEndpoint(key.virtual) };
}

/** A key as the suite writes it. */
export function outKey(key: rules.ConnectionKey): ConnectionKey {
  return { client: outEndpoint(key.client), virtual: outEndpoint(key.virtual) };
}

function inOwner(owner: Owner): rules.Owner {
  return { ...inEndpoint(owner), mac: mac(owner.mac) };
}

function inRule(rule: Rule): rules.Rule {
  return {
    key: inKey(rule),
    owner: inOwner(rule.owner),
    deltas: rule.deltas,
    locked: rule.locked,
  };
}

/** A rule's state as the suite writes it. */
export function outStatus(status: control.RuleStatus): RuleStatus {
  const { rule } = status;
  return {
    rule: {
      ...outKey(rule.key),
      owner: { ...outEndpoint(rule.owner), mac: formatMac(rule.owner.mac) },
      deltas: rule.deltas,
      locked: rule.locked,
    },
    epoch: status.epoch,
    ...(status.leaseLeftMs === undefined ? {} : { leaseMs: status.leaseLeftMs }),
    clientFrames: status.fromClient.packets,
    ownerFrames: status.fromOwner.packets,
  };
}

/** A command as the switch takes it. */
export function inCommand(command: Command): control.Command {
  switch (command.op) {
    case 'add':
      return { op: 'add', rule: inRule(command.rule), epoch: command.epoch };
    case 'chown':
      return { ...command, key: inKey(command.key), owner: inOwner(command.owner) };
    default:
      return { op: command.op, key: inKey(command.key), epoch: command.epoch };
  }
}

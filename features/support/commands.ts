/** The commands of scenarios, in words. */
import { defineParameterType } from '@cucumber/cucumber';
import type { Command, Rule } from '../../conformance/driver/device.ts';
import { ownerOf } from '../../conformance/traffic/testbed.ts';
import { hostByWords } from './parameters.ts';

/** Makes the command that the words mean for the connection of `rule`. */
export type CommandWords = (rule: Rule, epoch: number) => Command;

const HOST = /(?<host>the controller|backend [12])/u.source;
const ADD = new RegExp(`^an? (?<locked>locked )?add for ${HOST}$`, 'u');
const CHOWN = new RegExp(`^a chown to ${HOST}(?<keeps> that keeps the lock)?$`, 'u');
const OTHERS = /^an? (?<op>lock|unlock|delete)$/u;

function chown(words: string): CommandWords | undefined {
  const found = CHOWN.exec(words)?.groups;
  if (found === undefined) return undefined;
  const owner = ownerOf(hostByWords(found['host'] ?? ''));
  const unlock = found['keeps'] === undefined;
  return (rule, epoch) => ({ op: 'chown', key: rule, owner, deltas: rule.deltas, unlock, epoch });
}

function add(words: string): CommandWords | undefined {
  const found = ADD.exec(words)?.groups;
  if (found === undefined) return undefined;
  const owner = ownerOf(hostByWords(found['host'] ?? ''));
  const locked = found['locked'] !== undefined;
  return (rule, epoch) => ({ op: 'add', rule: { ...rule, owner, locked }, epoch });
}

function other(words: string): CommandWords | undefined {
  const op = OTHERS.exec(words)?.groups?.['op'];
  if (op !== 'lock' && op !== 'unlock' && op !== 'delete') return undefined;
  return (key, epoch) => ({ op, key, epoch });
}

/** The command that `words` mean, e.g. `a chown to backend 2`; a chown unlocks unless it says so. */
export function commandByWords(words: string): CommandWords {
  const command = add(words) ?? chown(words) ?? other(words);
  if (command === undefined) throw new Error(`no command is called ${words}`);
  return command;
}

defineParameterType({
  name: 'command',
  regexp:
    /(?:a|an) (?:(?:locked )?add for|chown to) (?:the controller|backend [12])(?: that keeps the lock)?|an? (?:lock|unlock|delete)(?![a-z])/u,
  transformer: commandByWords,
});

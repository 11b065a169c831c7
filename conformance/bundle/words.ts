/** Operations in words, for captures and for people. */
import type { Command, Deltas, Endpoint, Reply } from '../driver/device.ts';
import { describeFrame } from '../observe/delivery.ts';
import { hostAt } from '../traffic/testbed.ts';
import type { PortRole } from '../driver/device.ts';
import type { Operation, RecordedStimulus } from './sequence.ts';

function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The deltas that are not 0, or `HANDOFF`. */
function deltasText({ clientWindow, ownerWindow, ...numbers }: Deltas): string {
  const shifts = Object.entries(numbers).flatMap(([name, value]) =>
    value === 0 ? [] : [`${name} +${value}`],
  );
  const windows = Object.entries({ clientWindow, ownerWindow }).flatMap(([name, shift]) =>
    shift.in === shift.out ? [] : [`${name} ${shift.in} to ${shift.out}`],
  );
  const all = [...shifts, ...windows];
  return all.length === 0 ? 'HANDOFF' : `SPLICE ${all.join(', ')}`;
}

/** A command, e.g. `add 192.0.2.10:40000 > 198.51.100.1:80, owner 10.0.0.21:8080, HANDOFF`. */
export function describeCommand(command: Command): string {
  const key = command.op === 'add' ? command.rule : command.key;
  const connection = `${endpointText(key.client)} > ${endpointText(key.virtual)}`;
  const words = [`${command.op} ${connection}`];
  if (command.op === 'add' || command.op === 'chown') {
    const { owner, deltas } = command.op === 'add' ? command.rule : command;
    words.push(`owner ${endpointText(owner)} at ${owner.mac}`, deltasText(deltas));
  }
  if (command.op === 'add' && command.rule.locked) words.push('locked');
  if (command.op === 'chown') words.push(command.unlock ? 'unlocked' : 'still locked');
  return [...words, `epoch ${command.epoch}`].join(', ');
}

function describeReply(reply: Reply): string {
  return reply.ok ? 'done' : `refused: ${reply.error}, ${reply.detail}`;
}

/** A port by who is attached to it, e.g. `client0 (client)`. */
export function describePort(role: PortRole): string {
  const host = hostAt(role);
  return host === undefined ? role : `${role} (${host.name})`;
}

/** An operation that has no frames, in one line; undefined for one that has. */
export function describeOperation(operation: Operation): string | undefined {
  switch (operation.kind) {
    case 'reset':
      return 'reset: no rule, no address is known';
    case 'command':
      return `command: ${describeCommand(operation.command)}: ${describeReply(operation.reply)}`;
    case 'advance':
      return `the clock was moved on by ${operation.seconds} s`;
    default:
      return undefined;
  }
}

/** What had to become of a stimulus. */
export function describeExpectation(stimulus: RecordedStimulus): string {
  const { expectation, unchangedAt } = stimulus;
  if (unchangedAt !== undefined) return `as it was sent, at ${unchangedAt.join(' and ')}`;
  if (expectation.kind === 'nothing') return 'no frame at any port';
  const frame = `${describeFrame(expectation.frame)} at ${describePort(expectation.at)}`;
  const others = (stimulus.alternatives ?? []).length > 0 ? ', or another of several ways' : '';
  return `${frame}${expectation.optional === true ? ', or no frame' : ''}${others}`;
}

/** The rules of a laboratory's switch, asked for as its controller would. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuleStatus } from '../../control/command.ts';
import { CONTROLLER } from '../../handoff/message.ts';
import { createMessenger } from '../prism/messenger.ts';
import { askThere, SWITCH, type AskRules } from '../prism/rule-switch.ts';
import { sealOf } from '../prism/seal.ts';

/** Who commands a switch in the name of its controller. */
export interface SwitchClient {
  readonly ask: AskRules;
  readonly close: () => void;
}

/** A client of the switch of the Prism whose plan is in the file `plan`. */
export function createSwitchClient(plan: string): SwitchClient {
  const folder = dirname(plan);
  const seal = sealOf(readFileSync(join(folder, 'key')));
  const rules = askThere(seal, (octets) => messenger.send(SWITCH, octets));
  const messenger = createMessenger({
    name: CONTROLLER,
    peers: new Map([[SWITCH, { path: join(folder, SWITCH) }]]),
    seal,
    onMessage: (_, octets) => rules.onReply(octets),
  });
  return { ask: rules.ask, close: () => messenger.close() };
}

/** Who asks a switch for its rules. */
export interface RuleReader {
  readonly read: () => Promise<readonly RuleStatus[]>;
  readonly close: () => void;
}

const REPLY_MAX_MS = 2000;

/** A reader of the rules of the Prism whose plan is in the file `plan`. */
export function createRuleReader(plan: string): RuleReader {
  const { ask, close } = createSwitchClient(plan);
  return {
    read: () =>
      new Promise((resolve, reject) => {
        const silent = setTimeout(() => reject(new Error('the switch is silent')), REPLY_MAX_MS);
        ask({ op: 'get' }, (reply) => {
          clearTimeout(silent);
          if (reply.ok) resolve(reply.rules);
          else reject(new Error(`the switch refuses to list its rules: ${reply.error}`));
        });
      }),
    close,
  };
}

/** The rules of the switch of that Prism, now. Rejects as a reader does. */
export async function readRules(plan: string): Promise<readonly RuleStatus[]> {
  const reader = createRuleReader(plan);
  try {
    return await reader.read();
  } finally {
    reader.close();
  }
}

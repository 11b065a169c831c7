/** The rules of a laboratory's switch, asked for as its controller would. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RuleStatus } from '../../control/command.ts';
import { CONTROLLER } from '../../handoff/message.ts';
import { createMessenger } from '../prism/messenger.ts';
import { askThere, SWITCH } from '../prism/rule-switch.ts';
import { sealOf } from '../prism/seal.ts';

/** Who asks a switch for its rules. */
export interface RuleReader {
  read(): Promise<readonly RuleStatus[]>;
  close(): void;
}

const REPLY_MAX_MS = 2000;

/** A reader of the rules of the Prism whose plan is in the file `plan`. */
export function createRuleReader(plan: string): RuleReader {
  const folder = dirname(plan);
  const seal = sealOf(readFileSync(join(folder, 'key')));
  const rules = askThere(seal, (octets) => messenger.send(SWITCH, octets));
  const messenger = createMessenger({
    name: CONTROLLER,
    peers: new Map([[SWITCH, { path: join(folder, SWITCH) }]]),
    seal,
    onMessage: (_, octets) => rules.onReply(octets),
  });
  return {
    read: () =>
      new Promise((resolve, reject) => {
        const silent = setTimeout(() => reject(new Error('the switch is silent')), REPLY_MAX_MS);
        rules.ask({ op: 'get' }, (reply) => {
          clearTimeout(silent);
          if (reply.ok) resolve(reply.rules);
          else reject(new Error(`the switch refuses to list its rules: ${reply.error}`));
        });
      }),
    close: () => messenger.close(),
  };
}

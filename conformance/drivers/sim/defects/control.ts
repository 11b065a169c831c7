/** Prisms whose parts talk to each other, or do not, as they should not. */
import type { Wrap } from '../sim.ts';
import { around, type Hooks } from './around.ts';
import type { SystemDefect } from './defect.ts';
import {
  answerOwnPings,
  believeAll,
  commands,
  commitEarly,
  deleteAtOnce,
  dieOfFin,
  overlookSignatures,
  refuseKnownPorts,
  sayOnce,
  snapshotEarly,
  swallowErrors,
  sweep,
  waitForever,
} from './hooks.ts';

/** Hooks of the controller. */
function controller(hooks: () => Hooks): () => Wrap {
  return () => around(['controller'], hooks);
}

/** In the parts of a Prism that talk to each other. */
export const CONTROL_DEFECTS: readonly SystemDefect[] = [
  {
    name: 'silent-backend-locks-for-ever',
    sentence: 'The controller waits for the answer to its offer as long as it takes.',
    breaks: 'PRISM-MIG-11',
    wrap: controller(waitForever),
  },
  {
    name: 'half-close-kills-controller',
    sentence: 'The controller dies of a FIN.',
    breaks: 'PRISM-MIG-14',
    wrap: controller(dieOfFin),
  },
  {
    name: 'lost-replies-not-repeated',
    sentence: 'A command whose reply was lost is not said again.',
    breaks: 'PRISM-CTRL-15',
    wrap: controller(sayOnce),
  },
  {
    name: 'rules-never-deleted',
    sentence: 'The controller deletes no rule.',
    breaks: 'PRISM-FIN-07',
    wrap: controller(
      commands((request) => (request.command.op === 'delete' ? undefined : request)),
    ),
  },
  {
    name: 'rule-does-not-linger',
    sentence: 'A rule goes at once when its connection has ended.',
    breaks: 'PRISM-FIN-04',
    wrap: controller(deleteAtOnce),
  },
  {
    name: 'snapshot-without-a-lock',
    sentence: 'The rule is added, and not locked.',
    breaks: 'PRISM-MIG-03',
    wrap: controller(
      commands(({ requestId, command }) => {
        if (command.op !== 'add') return { requestId, command };
        return { requestId, command: { ...command, rule: { ...command.rule, locked: false } } };
      }),
    ),
  },
  {
    name: 'commit-before-chown',
    sentence: 'A backend may speak before the switch has confirmed that it owns the connection.',
    breaks: 'PRISM-MIG-10',
    wrap: controller(commitEarly),
  },
  {
    name: 'new-controller-sweeps',
    sentence: 'A controller that has started anew deletes the rules that it finds.',
    breaks: 'PRISM-CTRL-16',
    wrap: controller(sweep),
  },
  {
    name: 'snapshot-before-the-lock',
    sentence: 'What comes between the lock command and its reply is not handed over.',
    breaks: 'PRISM-PIPE-02',
    wrap: controller(snapshotEarly),
  },
  {
    name: 'errors-swallowed',
    sentence: 'What the controller would answer by itself does not leave it.',
    breaks: 'PRISM-CTRL-14',
    wrap: controller(swallowErrors),
  },
  {
    name: 'dead-backend-not-noticed',
    sentence: 'A backend that has died is believed to live.',
    breaks: 'PRISM-CTRL-17',
    wrap: controller(answerOwnPings),
  },
  {
    name: 'port-used-once',
    sentence: 'A client that uses its port again is not let in.',
    breaks: 'PRISM-RST-08',
    wrap: controller(refuseKnownPorts),
  },
  {
    name: 'signature-overlooked',
    sentence: 'A connection whose SYN is signed is handed off as any other.',
    breaks: 'PRISM-SEQ-17',
    wrap: controller(overlookSignatures),
  },
  {
    name: 'seal-not-checked',
    sentence: 'Backends believe whoever speaks to them, whatever the seal.',
    breaks: 'PRISM-SEC-09',
    wrap: () => around(['b1', 'b2'], believeAll),
  },
];

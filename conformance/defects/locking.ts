/** Defects of locks: how they are set, and what they block. */
import { blockingAlso, commanding, passingLock, setLock, statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { hasFlag, hasIpOptions } from './edit.ts';
import { isForth, keyOfCommand, sameEnd } from './passage.ts';

const DROPS = { lock: 'drop' } as const;

const toggleDefects: readonly Defect[] = [
  {
    name: 'lock-toggles',
    sentence: 'A lock for a locked rule unlocks it.',
    breaks: 'PRISM-RULE-07',
    apply: commanding(() => async (command, tap) => {
      const before = await statusOf(tap, keyOfCommand(command));
      const reply = await tap.tell(command);
      const after = await statusOf(tap, keyOfCommand(command));
      const isAgain = command.op === 'lock' && reply.ok && before?.rule.locked === true;
      if (isAgain && after !== undefined) await setLock(tap, after, false);
      return reply;
    }),
  },
  {
    name: 'unlock-toggles',
    sentence: 'An unlock for an unlocked rule locks it.',
    breaks: 'PRISM-RULE-07',
    apply: commanding(() => async (command, tap) => {
      const before = await statusOf(tap, keyOfCommand(command));
      const reply = await tap.tell(command);
      const after = await statusOf(tap, keyOfCommand(command));
      const isAgain = command.op === 'unlock' && reply.ok && before?.rule.locked === false;
      if (isAgain && after !== undefined) await setLock(tap, after, true);
      return reply;
    }),
  },
  {
    name: 'unlock-counts-locks',
    sentence: 'A rule that was locked twice has to be unlocked twice.',
    breaks: 'PRISM-RULE-07',
    apply: commanding(() => {
      let depth = 0;
      return async (command, tap) => {
        const reply = await tap.tell(command);
        if (!reply.ok) return reply;
        if (command.op === 'lock') depth += 1;
        else if (command.op !== 'unlock') depth = 0;
        else depth = Math.max(0, depth - 1);
        const status = await statusOf(tap, keyOfCommand(command));
        if (command.op === 'unlock' && depth > 0 && status !== undefined) {
          await setLock(tap, status, true);
        }
        return reply;
      };
    }),
  },
  {
    name: 'chown-toggles',
    sentence: 'A chown with unlock locks a rule that is not locked.',
    breaks: 'PRISM-RULE-08',
    apply: commanding(() => async (command, tap) => {
      const before = await statusOf(tap, keyOfCommand(command));
      const reply = await tap.tell(command);
      const after = await statusOf(tap, keyOfCommand(command));
      const isAgain = command.op === 'chown' && reply.ok && before?.rule.locked === false;
      if (isAgain && after !== undefined) await setLock(tap, after, true);
      return reply;
    }),
  },
];

const blockDefects: readonly Defect[] = [
  {
    name: 'lock-blocks-owner-alone',
    sentence: "A lock does not block the client's segments.",
    breaks: 'PRISM-RULE-11',
    base: DROPS,
    apply: passingLock((_segment, passage) => isForth(passage)),
  },
  {
    name: 'lock-passes-resets',
    sentence: 'A lock lets a RST of the client through to the owner.',
    breaks: 'PRISM-RULE-11',
    base: DROPS,
    apply: passingLock((segment, passage) => isForth(passage) && hasFlag(segment, 'RST')),
  },
  {
    name: 'lock-passes-ip-options',
    sentence: 'A lock does not block packets of the client that have IPv4 options.',
    breaks: 'PRISM-RULE-11',
    base: DROPS,
    apply: passingLock((segment, passage) => isForth(passage) && hasIpOptions(segment)),
  },
  {
    name: 'chown-takes-lock-away',
    sentence: 'A chown that does not unlock unlocks.',
    breaks: 'PRISM-RULE-11',
    apply: commanding(
      () => async (command, tap) =>
        tap.tell(command.op === 'chown' ? { ...command, unlock: true } : command),
    ),
  },
  {
    name: 'locked-add-is-unlocked',
    sentence: 'A rule that is added locked is not locked.',
    breaks: 'PRISM-RULE-11',
    apply: commanding(
      () => async (command, tap) =>
        tap.tell(
          command.op === 'add' ? { ...command, rule: { ...command.rule, locked: false } } : command,
        ),
    ),
  },
  {
    name: 'lock-blocks-client-alone',
    sentence: "A lock does not block the owner's segments.",
    breaks: 'PRISM-RULE-12',
    base: DROPS,
    apply: passingLock((_segment, passage) => !isForth(passage)),
  },
  {
    name: 'lock-passes-acknowledgments',
    sentence: 'A lock lets pure acknowledgments of the owner through to the client.',
    breaks: 'PRISM-RULE-12',
    base: DROPS,
    apply: passingLock(
      ({ payload, end, flags }, passage) => !isForth(passage) && payload === end && flags === 0x10,
    ),
  },
  {
    name: 'lock-passes-owner-ip-options',
    sentence: 'A lock does not block packets of the owner that have IPv4 options.',
    breaks: 'PRISM-RULE-12',
    base: DROPS,
    apply: passingLock((segment, passage) => !isForth(passage) && hasIpOptions(segment)),
  },
  {
    name: 'lock-blocks-client-address',
    sentence: 'A lock blocks all connections of the client.',
    breaks: 'PRISM-RULE-14',
    apply: blockingAlso(({ client }, locked) => client.address === locked.client.address),
  },
  {
    name: 'lock-blocks-client-port',
    sentence: 'A lock blocks all connections from the same port of any client.',
    breaks: 'PRISM-RULE-14',
    apply: blockingAlso(({ client }, locked) => client.port === locked.client.port),
  },
  {
    name: 'lock-blocks-owner',
    sentence: 'A lock blocks all connections of the same owner.',
    breaks: 'PRISM-RULE-14',
    apply: blockingAlso((of, locked) => sameEnd(of.owner, locked.owner)),
  },
  {
    name: 'unlock-unlocks-all',
    sentence: 'An unlock takes away the locks of all connections of the client.',
    breaks: 'PRISM-RULE-14',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      if (command.op !== 'unlock' || !reply.ok) return reply;
      const { rules } = await tap.passages();
      for (const status of rules) {
        const isOne = status.rule.client.address === command.key.client.address;
        if (status.rule.locked && isOne) await setLock(tap, status, false);
      }
      return reply;
    }),
  },
  {
    name: 'lock-at-first-port-alone',
    sentence: "A lock does not block what comes in at the second client's port.",
    breaks: 'PRISM-RULE-22',
    base: DROPS,
    apply: passingLock((_segment, _passage, { port, ports }) => port === ports.client1),
  },
];

/** Defects of locks. */
export const lockDefects: readonly Defect[] = [...toggleDefects, ...blockDefects];

/** Defects of rules: whom they let through, and to whom. */
import type { ProgramDefect } from './defect.ts';

/** Locks, owners, counters. */
export const RULES: readonly ProgramDefect[] = [
  {
    name: 'lock-blocks-client-alone',
    sentence: "A lock does not block the owner's segments.",
    breaks: 'PRISM-RULE-12',
    file: 'prism.p4',
    find: 'is_foreign || meta.rule.locked == 1',
    replace: 'is_foreign || (meta.rule.locked == 1 && meta.from_client == 1)',
  },
  {
    name: 'lock-blocks-owner-alone',
    sentence: "A lock does not block the client's segments.",
    breaks: 'PRISM-RULE-11',
    file: 'prism.p4',
    find: 'is_foreign || meta.rule.locked == 1',
    replace: 'is_foreign || (meta.rule.locked == 1 && meta.from_client == 0)',
  },
  {
    name: 'lock-passes-fragments',
    sentence: 'A lock does not block later fragments.',
    breaks: 'PRISM-RULE-01',
    file: 'prism.p4',
    find: 'is_foreign || meta.rule.locked == 1',
    replace: 'is_foreign || (meta.rule.locked == 1 && meta.view != FRAGMENT)',
  },
  {
    name: 'lock-passes-client-errors',
    sentence: 'A lock does not block ICMP errors on their way to the owner.',
    breaks: 'PRISM-RULE-11',
    file: 'prism.p4',
    find: 'is_foreign || meta.rule.locked == 1',
    replace:
      'is_foreign || (meta.rule.locked == 1 && (meta.view != ERROR || meta.from_client == 0))',
  },
  {
    name: 'lock-passes-owner-errors',
    sentence: 'A lock does not block ICMP errors on their way to the client.',
    breaks: 'PRISM-RULE-12',
    file: 'prism.p4',
    find: 'is_foreign || meta.rule.locked == 1',
    replace:
      'is_foreign || (meta.rule.locked == 1 && (meta.view != ERROR || meta.from_client == 1))',
  },
  {
    name: 'controller-taken-for-direct-owner',
    sentence: 'Of two with the virtual address the MAC address does not tell.',
    breaks: 'PRISM-RULE-04',
    file: 'prism.p4',
    find: 'meta.view != ERROR && hdr.ethernet.src != meta.rule.owner_mac',
    replace: 'false',
  },
  {
    name: 'owner-mac-not-written',
    sentence: "What goes to an owner keeps the controller's MAC address.",
    breaks: 'PRISM-REW-01',
    file: 'prism.p4',
    find: 'hdr.ethernet.dst = meta.rule.owner_mac;',
    replace: '',
  },
  {
    name: 'owner-port-not-written',
    sentence: "What goes to an owner keeps the virtual endpoint's port.",
    breaks: 'PRISM-REW-01',
    file: 'prism.p4',
    find: 'translated.dst_port = meta.rule.owner_port;',
    replace: '',
  },
  {
    name: 'owner-counted-as-client',
    sentence: "The owner's packets are counted as the client's.",
    breaks: 'PRISM-RULE-24',
    file: 'prism.p4',
    find: 'from_owner.count(meta.index);',
    replace: 'from_client.count(meta.index);',
  },
  {
    name: 'unknown-flows-dropped',
    sentence: 'Segments of connections without a rule are dropped.',
    breaks: 'PRISM-FWD-01',
    file: 'prism.p4',
    find: `client_of; owner_of; drop; @defaultonly NoAction; }
        const default_action = NoAction;`,
    replace: `client_of; owner_of; drop; @defaultonly NoAction; }
        const default_action = drop();`,
  },
];

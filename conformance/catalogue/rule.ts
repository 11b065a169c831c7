/** PRISM-RULE: what the commands do, and which packets a rule is for. */
import type { RequirementGroup } from './requirement.ts';
import { must, should } from './requirement.ts';

/** The group RULE. */
export const rule: RequirementGroup = {
  id: 'RULE',
  title: 'Rules and commands',
  summary: 'What the rule commands do, and which packets a rule is for.',
  requirements: [
    must(
      'PRISM-RULE-01',
      "A packet that is injected after a command's success reply, or after the declared " +
        'barrier, MUST follow the new state.',
      {
        sources: ['derived'],
        needs: ['RULES'],
        observed: 'Command, then inject.',
      },
    ),
    must(
      'PRISM-RULE-02',
      'While a rule changes, each packet MUST follow the old or the new state entirely, ' +
        'and at one ingress port a connection MUST NOT return to the old state.',
      {
        sources: ['derived'],
        needs: ['RULES'],
        observed: 'A numbered stream during 1000 changes of owner.',
      },
    ),
    must(
      'PRISM-RULE-03',
      'A rule MUST match only TCP segments of its client address, client port, virtual ' +
        'address and virtual port.',
      {
        sources: ['RFC9293/3.4.1'],
        needs: ['RULES'],
        observed: 'The same client port towards a second virtual endpoint.',
        note: 'A connection is defined by its pair of sockets in section 3.4.1, not 3.3.',
      },
    ),
    must(
      'PRISM-RULE-04',
      'A packet that carries the virtual endpoint as its source MUST NOT reach the client ' +
        'of a ruled connection unless it comes from the current owner, even when the ' +
        "controller's own address is the virtual address.",
      {
        sources: ['derived'],
        needs: ['RULES', 'REVERSE'],
        observed:
          'Inject from the second backend and from the controller while the first backend owns.',
        note:
          'Narrowed: a packet that a former owner sends from its own address is other ' +
          'traffic and may be forwarded. With a MAC-only rule the owner is told by its MAC ' +
          'address or port.',
      },
    ),
    must(
      'PRISM-RULE-05',
      'An add for a key that has a different rule MUST fail and leave that rule as it is, ' +
        'while an identical add may succeed.',
      {
        sources: [{ ref: 'code', note: 'bpf:152-155' }],
        needs: ['RULES'],
        observed: 'Add twice.',
      },
    ),
    must(
      'PRISM-RULE-06',
      'Lock, unlock and chown for a key without a rule MUST fail without effect, while ' +
        'delete may report success.',
      {
        sources: [{ ref: 'code', note: 'bpf:213-216' }],
        needs: ['RULES'],
        observed: 'Each command on an unknown key.',
      },
    ),
    must(
      'PRISM-RULE-07',
      'Locking a locked rule and unlocking an unlocked rule MUST change nothing.',
      {
        sources: ['derived', { ref: 'defect', note: '1' }],
        needs: ['RULES', 'LOCK'],
        observed: 'Each command two and three times.',
      },
    ),
    must(
      'PRISM-RULE-08',
      'A repeated chown with unlock MUST leave the rule with that owner and unlocked.',
      {
        sources: ['derived', { ref: 'defect', note: '1' }],
        needs: ['RULES', 'LOCK'],
        observed: 'The command twice.',
      },
    ),
    must(
      'PRISM-RULE-09',
      'A delayed command of an older epoch MUST have no effect after a newer one.',
      {
        sources: ['derived'],
        needs: ['RULES', 'EPOCH'],
        observed: 'Replay older commands, also after delete; epochs around 2^8, 2^16 and 2^31.',
        note:
          'Needs EPOCH: on an ordered control channel no older command arrives late, and a ' +
          'device that relies on this is correct.',
      },
    ),
    must(
      'PRISM-RULE-10',
      'Chown with unlock MUST be atomic: once one packet has gone to the new owner, none ' +
        'goes to the old one.',
      {
        sources: ['code'],
        needs: ['RULES', 'LOCK'],
        observed: 'A numbered stream during the command.',
      },
    ),
    must(
      'PRISM-RULE-11',
      'A packet from the client MUST NOT be delivered to any owner while the rule is locked.',
      {
        sources: ['N21', 'Z'],
        needs: ['RULES', 'LOCK'],
        observed: 'No frame at any owner; dropped, held or punted as declared.',
      },
    ),
    must(
      'PRISM-RULE-12',
      'A packet from an owner MUST NOT be delivered to the client while the rule is locked.',
      {
        sources: [{ ref: 'code', note: 'bpf:370' }, 'measured'],
        needs: ['RULES', 'LOCK', 'LOCKBOTH', 'REVERSE'],
        observed: "Inject at the owner's and the controller's port: no frame.",
        note:
          'The waiver became a capability: a device with a one-way lock does not declare ' +
          'LOCKBOTH and relies on a controller that freezes its TCP first.',
      },
    ),
    must(
      'PRISM-RULE-13',
      'Held packets MUST leave once, in order, rewritten for the owner that unlock finds, ' +
        'and before later packets, while of more packets than the declared limit the oldest ' +
        'or the newest are dropped.',
      {
        sources: ['Capybara'],
        needs: ['RULES', 'LOCK', 'HOLD'],
        observed: 'A numbered stream through a lock, longer than the limit.',
        note:
          'Which packets an overflow drops is the choice of the device: TCP sends either again. ' +
          'As many as are declared leave.',
      },
    ),
    must('PRISM-RULE-14', 'Locking one connection MUST NOT affect another.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK'],
      observed: 'Two connections of one client.',
    }),
    must(
      'PRISM-RULE-15',
      'After delete, packets of both directions MUST be treated as if the rule had never ' +
        'existed.',
      {
        sources: ['code'],
        needs: ['RULES'],
        observed:
          'The same packets before add and after delete, with MAC addresses learned before both.',
      },
    ),
    must(
      'PRISM-RULE-16',
      'With a full table an add MUST fail visibly and existing rules MUST keep working, ' +
        'and after a delete the deleted rule MUST fit again.',
      {
        sources: ['derived'],
        needs: ['RULES', 'CAPACITY'],
        observed: 'Add until one fails; check all rules; delete one, add it again.',
        note:
          'Too strict before: in a hashed table a free slot need not suit every key, so ' +
          'only the deleted key must fit again. Capacity is a floor: the device may take ' +
          'more.',
      },
    ),
    should('PRISM-RULE-17', 'The declared capacity SHOULD be reached with arbitrary keys.', {
      sources: ['derived'],
      needs: ['RULES', 'CAPACITY'],
      observed: 'Fill, then check every rule with a packet.',
    }),
    must('PRISM-RULE-18', 'Keys that differ in one bit MUST be different rules.', {
      sources: ['derived'],
      needs: ['RULES'],
      observed: 'Flip each of the 96 bits of a key.',
    }),
    must(
      'PRISM-RULE-19',
      'A rule MUST take precedence over load balancing, NAT and L2 forwarding for the ' +
        'packets that it matches.',
      {
        sources: ['P17', 'Chase'],
        needs: ['RULES'],
        observed: 'A default that overlaps the rule.',
      },
    ),
    should(
      'PRISM-RULE-20',
      'An idle active rule SHOULD live for at least 2 hours and 4 minutes or its expiry ' +
        'be reported, packets of both directions refresh it, and it ends when the declared ' +
        'idle time is over.',
      {
        sources: [{ ref: 'RFC5382/5', note: 'REQ-5, by analogy' }],
        needs: ['RULES', 'AGE'],
        observed: 'With the virtual clock.',
        note:
          "REQ-5 is a MUST NOT for NATs that guess; a Prism's rule has a controller, hence " +
          'SHOULD. Refresh by both directions is derived: REQ-5 does not say it. Twice the ' +
          'declared time is given.',
      },
    ),
    must(
      'PRISM-RULE-21',
      'A rule that is added again after delete MUST show no field of the deleted one.',
      {
        sources: ['derived'],
        needs: ['RULES'],
        observed: 'Delete, add with other values, compare packets and get.',
      },
    ),
    must('PRISM-RULE-22', 'A rule MUST apply at every ingress port.', {
      sources: [{ ref: 'derived', note: 'tables per pipe' }],
      needs: ['RULES'],
      observed: 'The same segment at two client ports.',
    }),
    should('PRISM-RULE-23', 'A lock SHOULD end after a lease, and its end SHOULD be reported.', {
      sources: ['derived'],
      needs: ['RULES', 'LOCK'],
      observed: 'Lock and wait.',
    }),
    should(
      'PRISM-RULE-24',
      'Get SHOULD list the rules, and counters SHOULD count each packet once.',
      {
        sources: ['derived'],
        needs: ['RULES'],
        observed:
          'Get after known traffic: what was translated is counted, what was stopped is not.',
      },
    ),
  ],
};

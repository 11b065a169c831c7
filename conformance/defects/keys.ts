/** Defects of the key: which connection a segment belongs to, and who may send as its owner. */
import type { ConnectionKey, Endpoint, Owner } from '../driver/device.ts';
import { overlooking, underRule, type Mutation } from './change.ts';
import type { Defect } from './defect.ts';
import { add32, edited, segmentOf, sendFrom, sendTo, TCP, type Segment } from './edit.ts';
import { isForth, keyText, sameEnd, shiftsOf } from './passage.ts';
import { tapped } from './tap.ts';

/** Whether a device takes one key for another. */
type Confuses = (seen: ConnectionKey, known: ConnectionKey) => boolean;

/** A device that sends segments of other connections to a rule's owner. */
function confusing(confuses: Confuses): Mutation {
  return (device) =>
    tapped(device, () => ({
      past: ({ frame }, { rules, arriving }) => {
        const segment = segmentOf(frame);
        if (segment?.version !== 4 || arriving(segment) !== undefined) return undefined;
        const seen = { client: segment.from, virtual: segment.to };
        const owner = rules.find(({ rule }) => confuses(seen, rule))?.rule.owner;
        if (owner === undefined || owner.address.includes(':')) return undefined;
        return edited(segment, (octets) => {
          sendTo(octets, segment, owner);
        });
      },
    }));
}

function number({ address }: Endpoint): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** What is left of two ends when each bit of one is turned by that of the other. */
function mixed({ client, virtual }: ConnectionKey): string {
  return `${number(client) ^ number(virtual)} ${client.port ^ virtual.port}`;
}

/** The sum of the six words of a key. */
function keySum({ client, virtual }: ConnectionKey): number {
  const words = [number(client), number(virtual)].flatMap((each) => [each >>> 16, each & 0xffff]);
  return [...words, client.port, virtual.port].reduce((sum, word) => sum + word, 0) & 0xffff;
}

const keyDefects: readonly Defect[] = [
  {
    name: 'key-without-virtual-endpoint',
    sentence: 'A rule is for whatever its client sends from its port, to wherever.',
    breaks: 'PRISM-RULE-03',
    apply: confusing((seen, known) => sameEnd(seen.client, known.client)),
  },
  {
    name: 'key-without-virtual-port',
    sentence: 'A rule does not look at the port of the virtual endpoint.',
    breaks: 'PRISM-RULE-03',
    apply: confusing(
      (seen, known) =>
        sameEnd(seen.client, known.client) && seen.virtual.address === known.virtual.address,
    ),
  },
  {
    name: 'key-without-client-address',
    sentence: "Another client's segments from the same port are caught by a rule.",
    breaks: 'PRISM-RULE-03',
    apply: confusing(
      (seen, known) =>
        seen.client.port === known.client.port && sameEnd(seen.virtual, known.virtual),
    ),
  },
  {
    name: 'key-of-mixed-ends',
    sentence: 'A key is compared by the exclusive or of its two ends.',
    breaks: 'PRISM-RULE-03',
    apply: confusing((seen, known) => mixed(seen) === mixed(known)),
  },
  {
    name: 'key-of-sum',
    sentence: 'A key is compared by the sum of its 16-bit words.',
    breaks: 'PRISM-RULE-03',
    apply: confusing((seen, known) => keySum(seen) === keySum(known)),
  },
  {
    name: 'key-without-lowest-port-bit',
    sentence: "The lowest bit of the client's port is not compared.",
    breaks: 'PRISM-RULE-18',
    apply: confusing(
      ({ client, virtual }, known) =>
        sameEnd({ ...client, port: client.port ^ 1 }, known.client) &&
        sameEnd(virtual, known.virtual),
    ),
  },
  {
    name: 'key-without-first-address-bit',
    sentence: 'The first bit of the virtual address is not compared.',
    breaks: 'PRISM-RULE-18',
    apply: confusing(
      ({ client, virtual }, known) =>
        sameEnd(client, known.client) &&
        virtual.port === known.virtual.port &&
        (number(virtual) & 0x7fffffff) === (number(known.virtual) & 0x7fffffff),
    ),
  },
];

/** A device that takes another end for the current owner. */
export function trusting(
  isTrusted: (from: Endpoint, owner: Owner, former: readonly Owner[], segment: Segment) => boolean,
): Mutation {
  return (device) =>
    tapped(device, () => {
      const former = new Map<string, Owner[]>();
      return {
        command: async (command, tap) => {
          const { rules } = await tap.passages();
          const before = rules.map(({ rule }) => [keyText(rule), rule.owner] as const);
          const reply = await tap.tell(command);
          if (command.op === 'chown' && reply.ok) {
            const key = keyText(command.key);
            const left = before.flatMap(([each, owner]) => (each === key ? [owner] : []));
            former.set(key, [...(former.get(key) ?? []), ...left]);
          }
          return reply;
        },
        input: (input, { rules, arriving }) => {
          const segment = segmentOf(input.frame);
          if (segment === undefined || arriving(segment) !== undefined) return [input];
          const rule = rules.find(
            ({ rule: { client, owner, ...key } }) =>
              sameEnd(client, segment.to) &&
              isTrusted(
                segment.from,
                owner,
                former.get(keyText({ client, ...key })) ?? [],
                segment,
              ),
          )?.rule;
          if (rule === undefined) return [input];
          const frame = edited(segment, (octets) => {
            sendFrom(octets, segment, rule.owner);
          });
          return [{ ...input, frame }];
        },
      };
    });
}

const ownerDefects: readonly Defect[] = [
  {
    name: 'impostor-not-dropped',
    sentence: 'What anybody sends as the virtual endpoint is bridged to the client.',
    breaks: 'PRISM-RULE-04',
    apply: (device) =>
      tapped(device, () => ({
        past: ({ frame }, { arriving, leaving }) => {
          const segment = segmentOf(frame);
          if (segment === undefined || arriving(segment) !== undefined) return undefined;
          return leaving(segment)?.direction === 'owner-to-client' ? frame : undefined;
        },
      })),
  },
  {
    name: 'controller-not-dropped-beside-direct-owner',
    sentence: 'Under a MAC-only rule the controller is taken for the owner.',
    breaks: 'PRISM-RULE-04',
    apply: overlooking(
      (_segment, passage, { port, ports }) =>
        !isForth(passage) &&
        sameEnd(passage.rule.owner, passage.rule.virtual) &&
        port === ports.controller,
    ),
  },
  {
    name: 'former-owner-translated',
    sentence: 'What a former owner sends is still translated.',
    breaks: 'PRISM-RULE-04',
    apply: trusting((from, _owner, former) => former.some((each) => sameEnd(each, from))),
  },
  {
    name: 'owner-port-not-compared',
    sentence: "The port of the owner's segments is not compared.",
    breaks: 'PRISM-RULE-04',
    apply: trusting((from, owner) => from.address === owner.address),
  },
];

const ingressDefects: readonly Defect[] = [
  {
    name: 'learned-address-beats-rule',
    sentence: 'Frames to a MAC address that was heard since the last command go past the rules.',
    breaks: 'PRISM-RULE-19',
    apply: (device) =>
      tapped(device, () => {
        const heard = new Set<string>();
        const mac = (frame: Uint8Array, at: number): string => frame.slice(at, at + 6).join(':');
        return {
          command: async (command, tap) => {
            heard.clear();
            return tap.tell(command);
          },
          past: (input, { arriving }) => {
            heard.add(mac(input.frame, 6));
            const isBridged = heard.has(mac(input.frame, 0));
            return isBridged && underRule(input, arriving) !== undefined ? input.frame : undefined;
          },
        };
      }),
  },
  {
    name: 'rules-at-first-port-alone',
    sentence: "A rule does not apply at the second client's port.",
    breaks: 'PRISM-RULE-22',
    apply: overlooking(
      (_segment, { rule }, { port, ports }) =>
        port === ports.client1 && rule.client.address.endsWith('.10'),
    ),
  },
  {
    name: 'shifted-twice-at-second-port',
    sentence: "What comes in at the second client's port is shifted twice.",
    breaks: 'PRISM-RULE-22',
    apply: (device) =>
      tapped(device, () => ({
        input: (input, { arriving, ports }) => {
          const found = input.port === ports.client1 ? underRule(input, arriving) : undefined;
          if (found === undefined) return [input];
          const frame = edited(found.segment, (octets, { tcp }) => {
            add32(octets, tcp + TCP.seq, shiftsOf(found.passage).seq);
          });
          return [{ ...input, frame }];
        },
      })),
  },
];

/** Defects of keys, owners and ports of entry. */
export const matchingDefects: readonly Defect[] = [
  ...keyDefects,
  ...ownerDefects,
  ...ingressDefects,
];

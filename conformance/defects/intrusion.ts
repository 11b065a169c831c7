/** Defects of control messages: where they count, which are whole, and what rules they may ask for. */
import { build, parse, type Layer } from 'scapy-ts';
import type { Command, PortFrame, Rule } from '../driver/device.ts';
import type { Mutation } from './change.ts';
import { commanding, DONE, setLock, statusOf } from './commanding.ts';
import type { Defect } from './defect.ts';
import { keyOfCommand, sameEnd, type Passages } from './passage.ts';
import { tapped, type Tap } from './tap.ts';

/** The UDP port of the reference's control messages. */
const CONTROL_UDP_PORT = 0x5052;
/** Offset of the type in a control message of the reference, and the type of a delete. */
const TYPE = { at: 3, delete: 4, known: 6 } as const;

function isCommand(frame: Uint8Array): boolean {
  return parse(frame).layers.some(
    (layer) => layer.kind === 'udp' && layer.dstPort === CONTROL_UDP_PORT,
  );
}

/** A device that takes commands at other ports than its own for them. */
function listening(
  unwrap: (input: PortFrame, ports: Passages['ports']) => Uint8Array | undefined,
): Mutation {
  return (device) =>
    tapped(device, () => ({
      input: (input, { ports }) => {
        if (ports.control === undefined || input.port === ports.control) return [input];
        const frame = unwrap(input, ports);
        if (frame === undefined || !isCommand(frame)) return [input];
        return [{ port: ports.control, frame }];
      },
    }));
}

function untagged(frame: Uint8Array): Uint8Array | undefined {
  const isTagged = frame[12] === 0x81 && frame[13] === 0;
  return isTagged ? Uint8Array.of(...frame.subarray(0, 12), ...frame.subarray(16)) : undefined;
}

function messageOf(frame: Uint8Array): Uint8Array | undefined {
  const found = parse(frame).layers.find(({ kind }) => kind === 'raw');
  return found?.kind === 'raw' ? found.octets : undefined;
}

/** `layer` around another message: its lengths and checksums are left to be computed. */
function around(layer: Layer, message: Uint8Array): readonly Layer[] {
  if (layer.kind === 'ipv4') {
    const { totalLength: _length, checksum: _checksum, ...rest } = layer;
    return [rest];
  }
  if (layer.kind === 'udp') {
    const { length: _length, checksum: _checksum, ...rest } = layer;
    return [rest];
  }
  if (layer.kind === 'raw') return [{ ...layer, octets: message }];
  return layer.kind === 'padding' ? [] : [layer];
}

/** The lengths that a sound message can have, by its type. */
type Lengths = ReadonlyMap<number, number>;

const SAMPLE_KEY = {
  client: { address: '192.0.2.1', port: 1 },
  virtual: { address: '192.0.2.2', port: 2 },
};

async function readLengths({ device }: Tap, like: Rule): Promise<Lengths> {
  const { owner, deltas } = like;
  const commands: readonly Command[] = [
    { op: 'lock', key: SAMPLE_KEY, epoch: 0 },
    { op: 'unlock', key: SAMPLE_KEY, epoch: 0 },
    { op: 'delete', key: SAMPLE_KEY, epoch: 0 },
    { op: 'chown', key: SAMPLE_KEY, owner, deltas, unlock: true, epoch: 0 },
    { op: 'add', rule: { ...like, ...SAMPLE_KEY }, epoch: 0 },
  ];
  const frames = await Promise.all(commands.map(async (command) => device.controlFrame(command)));
  return new Map(
    frames.flatMap((frame) => {
      const message = messageOf(frame);
      return message === undefined ? [] : [[message[TYPE.at] ?? 0, message.length] as const];
    }),
  );
}

/** A device that makes a sound message of an unsound one. */
function mending(mend: (message: Uint8Array, lengths: Lengths) => Uint8Array): Mutation {
  return (device) =>
    tapped(device, () => {
      let lengths: Lengths | undefined;
      return {
        frame: async (input, tap) => {
          const { ports, rules } = await tap.passages();
          const [status] = rules;
          const message = input.port === ports.control ? messageOf(input.frame) : undefined;
          if (message === undefined || status === undefined || !isCommand(input.frame)) {
            return tap.pass(input);
          }
          lengths ??= await readLengths(tap, status.rule);
          const whole = mend(message, lengths);
          if (whole === message) return tap.pass(input);
          const frame = build(parse(input.frame).layers.flatMap((layer) => around(layer, whole)));
          return tap.pass({ ...input, frame });
        },
      };
    });
}

const messageDefects: readonly Defect[] = [
  {
    name: 'command-of-client-obeyed',
    sentence: 'A command that comes in at the port of a client is obeyed.',
    breaks: 'PRISM-SEC-01',
    apply: listening(({ port, frame }, ports) => (port === ports.client0 ? frame : undefined)),
  },
  {
    name: 'command-of-second-backend-obeyed',
    sentence: 'A command that comes in at the port of the second backend is obeyed.',
    breaks: 'PRISM-SEC-01',
    apply: listening(({ port, frame }, ports) => (port === ports.backend1 ? frame : undefined)),
  },
  {
    name: 'tagged-command-obeyed',
    sentence: 'A command in a tagged frame is obeyed at every port.',
    breaks: 'PRISM-SEC-01',
    apply: listening(({ frame }) => untagged(frame)),
  },
  {
    name: 'cut-command-filled-with-zeros',
    sentence: 'What is missing of a control message is taken for octets of 0.',
    breaks: 'PRISM-SEC-02',
    apply: mending((message, lengths) => {
      const need = lengths.get(message[TYPE.at] ?? 0) ?? 0;
      if (message.length >= need) return message;
      return Uint8Array.of(...message, ...new Uint8Array(need - message.length));
    }),
  },
  {
    name: 'damaged-command-obeyed',
    sentence: 'The UDP checksum of a control message is not verified.',
    breaks: 'PRISM-SEC-02',
    apply: mending((message) => message.slice()),
  },
  {
    name: 'long-command-obeyed',
    sentence: 'A control message with octets after its end is obeyed.',
    breaks: 'PRISM-SEC-02',
    apply: mending((message, lengths) =>
      message.slice(0, lengths.get(message[TYPE.at] ?? 0) ?? message.length),
    ),
  },
  {
    name: 'unknown-command-taken-for-delete',
    sentence: 'A control message of a type that does not exist is taken for a delete.',
    breaks: 'PRISM-SEC-02',
    apply: mending((message) => {
      const type = message[TYPE.at];
      return type === undefined || type < TYPE.known ? message : message.with(TYPE.at, TYPE.delete);
    }),
  },
  {
    name: 'bad-command-empties-table',
    sentence: 'A control message that cannot be read empties the table.',
    breaks: 'PRISM-SEC-02',
    apply: (device) =>
      tapped(device, () => ({
        frame: async (input, tap) => {
          const { ports } = await tap.passages();
          const left = await tap.pass(input);
          if (input.port !== ports.control || left.length > 0) return left;
          for (const { rule, epoch } of (await tap.passages()).rules) {
            await tap.tell({ op: 'delete', key: rule, epoch });
          }
          return left;
        },
      })),
  },
];

/** A device that says it has taken a rule that no connection can have. */
function accepting(isTaken: (rule: Rule) => boolean, error: string = 'invalid'): Mutation {
  return commanding(() => async (command, tap) => {
    const reply = await tap.tell(command);
    const isRefused = !reply.ok && reply.error === error;
    return isRefused && command.op === 'add' && isTaken(command.rule) ? DONE : reply;
  });
}

const impossibleDefects: readonly Defect[] = [
  {
    name: 'virtual-port-0-accepted',
    sentence: 'A rule with port 0 in its key is accepted.',
    breaks: 'PRISM-SEC-03',
    apply: accepting(({ client, virtual }) => client.port === 0 || virtual.port === 0),
  },
  {
    name: 'ipv6-multicast-owner-accepted',
    sentence: "A rule whose owner's MAC address is an IPv6 multicast one is accepted.",
    breaks: 'PRISM-SEC-03',
    apply: accepting(({ owner }) => owner.mac.startsWith('33:33')),
  },
  {
    name: 'loopback-owner-accepted',
    sentence: 'A rule whose owner has a loopback address is accepted.',
    breaks: 'PRISM-SEC-03',
    apply: accepting(({ owner }) => owner.address.startsWith('127.')),
  },
  {
    name: 'shift-count-15-accepted',
    sentence: 'A rule with a shift count of 15 is accepted.',
    breaks: 'PRISM-SEC-03',
    apply: accepting(({ deltas }) => deltas.ownerWindow.in === 15),
  },
  {
    name: 'same-sockets-accepted',
    sentence: 'A second rule with the sockets of the same client and the same owner is accepted.',
    breaks: 'PRISM-SEC-03',
    apply: accepting(() => true, 'conflict'),
  },
  {
    name: 'client-accepted-as-owner',
    sentence: 'A rule whose owner is its client is accepted.',
    breaks: 'PRISM-SEC-03',
    apply: accepting(({ client, owner }) => sameEnd(client, owner)),
  },
  {
    name: 'refused-chown-unlocks',
    sentence: 'A chown that is refused for its owner takes the lock away.',
    breaks: 'PRISM-SEC-03',
    apply: commanding(() => async (command, tap) => {
      const reply = await tap.tell(command);
      const isInvalid = command.op === 'chown' && !reply.ok && reply.error === 'invalid';
      const status = isInvalid ? await statusOf(tap, keyOfCommand(command)) : undefined;
      if (status?.rule.locked === true) await setLock(tap, status, false);
      return reply;
    }),
  },
];

/** Defects of control messages and rules. */
export const intrusionDefects: readonly Defect[] = [...messageDefects, ...impossibleDefects];

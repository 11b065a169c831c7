/** Checks of commands and of reset: the suite begins every scenario with an empty device. */
import { NO_DELTAS } from '../../driver/deltas.ts';
import type { Command, Hello } from '../../driver/device.ts';
import { atPorts, bridgedRoles } from '../../observe/observer.ts';
import { isUnchanged } from '../../observe/unchanged.ts';
import { createRandom } from '../../traffic/random.ts';
import { clientPath, pattern, segment } from '../../traffic/segment.ts';
import { HOSTS, keyOf, ownerOf } from '../../traffic/testbed.ts';
import {
  GOOD,
  pairs,
  pass,
  path,
  wrong,
  type Check,
  type Directed,
  type Finding,
  type Patient,
} from './check.ts';

/** Frames of the batch that is sent twice. */
const BATCH = 200;
const SEED = 1;

/** The client's connection, owned by backend 1. */
const RULE = {
  ...keyOf(HOSTS.client),
  owner: ownerOf(HOSTS['backend 1']),
  deltas: NO_DELTAS,
  locked: false,
};

async function resetCheck({ device, hello, observer }: Patient): Promise<Finding> {
  const todo = 'reset has to empty the rule table, the epochs and the address table';
  await observer.observe();
  await device.command({ op: 'add', rule: RULE, epoch: 9 });
  await device.reset();
  await device.reset();
  if (hello.capabilities.includes('RULES')) {
    const { length } = await device.rules();
    if (length > 0) return wrong(`${length} rules are left after a reset`, todo);
  }
  const again = await device.command({ op: 'add', rule: RULE, epoch: 1 });
  if (!again.ok) return wrong(`an add after a reset is refused: ${again.error}`, todo);
  await device.reset();
  const frame = segment(clientPath(RULE, HOSTS.client), { seq: 1 });
  await device.inject(atPorts(hello, [{ role: 'client0', frame }]));
  const { outputs } = await observer.observe();
  if (outputs.some((output) => !isUnchanged(frame, output.frame, hello))) {
    return wrong('a segment is still translated after a reset', todo);
  }
  if (!hello.capabilities.includes('BRIDGE')) return GOOD;
  // A bridge that knows nothing floods, or drops; it does not send to the right port alone.
  const [only] = outputs;
  if (outputs.length !== 1 || only?.role !== 'controller') return GOOD;
  return wrong('an address is still known after a reset', todo);
}

/** A fixed batch: segments of the client under the rule, and frames between other hosts. */
function fixedBatch(hello: Hello): readonly Directed[] {
  const random = createRandom(SEED);
  const ways = pairs(hello);
  return Array.from({ length: BATCH }, (_, index): Directed => {
    const fields = { seq: random.below(2 ** 32), ack: random.below(2 ** 32) };
    const payload = pattern(random.below(1400), index);
    const way = ways[random.below(ways.length)];
    const isRuled = index % 2 === 0 || way === undefined || !hello.capabilities.includes('BRIDGE');
    const { role, at } = isRuled
      ? { role: HOSTS.client.role, at: clientPath(RULE, HOSTS.client) }
      : { role: way.from.role, at: path(way.from, way.to) };
    return { role, frame: segment(at, { ...fields, payload }) };
  });
}

async function repeatCheck(patient: Patient): Promise<Finding> {
  const { device, hello, observer } = patient;
  const frames = fixedBatch(hello);
  const seen: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    await device.reset();
    await observer.observe();
    await device.command({ op: 'add', rule: RULE, epoch: 1 });
    const outputs = await pass(patient, frames);
    // Ports are told apart; between two of them there is no order.
    const told = bridgedRoles(hello).map((role) => {
      const left = outputs.filter((output) => output.role === role);
      return left.map(({ frame }) => Buffer.from(frame).toString('base64')).join(' ');
    });
    seen.push(told.join('\n'));
  }
  if (seen[0] === seen[1]) return GOOD;
  return wrong(
    'the same frames after a reset came out differently the second time',
    'let reset start from one state: identifications, hashes, random numbers',
  );
}

/** The commands that a device with `hello` claims to know, each possible after the one before. */
function commandsOf({ capabilities }: Hello): readonly Command[] {
  const key = keyOf(HOSTS.client);
  const owner = ownerOf(HOSTS['backend 2']);
  const add: Command = { op: 'add', rule: RULE, epoch: 1 };
  if (!capabilities.includes('RULES')) return [add];
  const lock: readonly Command[] = capabilities.includes('LOCK')
    ? [
        { op: 'lock', key, epoch: 2 },
        { op: 'unlock', key, epoch: 3 },
      ]
    : [];
  const chown: Command = { op: 'chown', key, owner, deltas: NO_DELTAS, unlock: true, epoch: 4 };
  return [add, ...lock, chown, { op: 'delete', key, epoch: 5 }];
}

async function commandsCheck({ device, hello }: Patient): Promise<Finding> {
  for (const command of commandsOf(hello)) {
    const reply = await device.command(command);
    if (!reply.ok) {
      const told = `${command.op} is refused: ${reply.error} ${reply.detail}`.trimEnd();
      return wrong(told, 'let it succeed, or do not claim what it needs');
    }
  }
  if (hello.capabilities.includes('RULES')) await device.rules();
  if (hello.capabilities.includes('AGE') && hello.clock === 'virtual') await device.advance(0);
  if (hello.capabilities.includes('INBAND')) {
    await device.controlFrame({ op: 'add', rule: RULE, epoch: 1 });
  }
  return GOOD;
}

/** The checks, each of which stands on those before it. */
export const RULE_CHECKS: readonly Check[] = [
  { name: 'every rule command that is claimed is answered', perform: commandsCheck },
  { name: 'reset forgets everything, twice as well as once', perform: resetCheck },
  { name: 'the same frames come out alike after a reset', perform: repeatCheck },
];

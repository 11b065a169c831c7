/** Steps about the frames that left: how many, where, and what is in them. */
import { Then, type DataTable } from '@cucumber/cucumber';
import type { Aspect } from '../../conformance/observe/aspect.ts';
import { describeFrame, type Output } from '../../conformance/observe/delivery.ts';
import type { Host } from '../../conformance/traffic/testbed.ts';
import { Failure } from '../../conformance/verdict/outcome.ts';
import { fieldOf, normalize } from '../support/fields.ts';
import type { PrismWorld } from '../support/world.ts';

/** How many frames are described one by one. */
const MAX_DESCRIBED = 3;

function describe(outputs: readonly Output[]): string {
  if (outputs.length === 0) return 'no frame on any port';
  const told = outputs
    .slice(0, MAX_DESCRIBED)
    .map(({ role, frame }) => `${describeFrame(frame)} at ${role}`);
  const more = outputs.length - told.length;
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join(', then ');
}

/** Fails unless exactly `count` frames left, all of them at `host` when it is given. */
export async function expectFrames(world: PrismWorld, count: number, host?: Host): Promise<void> {
  const outputs = await world.outputs();
  const right =
    outputs.length === count && outputs.every(({ role }) => !host || role === host.role);
  if (right) return;
  const where = host === undefined ? 'in all' : `at ${host.name} and none elsewhere`;
  throw new Failure({ expected: `${count} frames ${where}`, observed: describe(outputs) });
}

/** The only frame that left. */
export async function onlyFrame(world: PrismWorld): Promise<Output> {
  await expectFrames(world, 1);
  const [only] = await world.outputs();
  if (only === undefined) throw new Error('one frame was counted and none is there');
  return only;
}

Then('{count} frame(s) leave(s)', async function (this: PrismWorld, count: number) {
  await expectFrames(this, count);
});

Then(
  '{count} frame(s) leave(s), at {host}',
  async function (this: PrismWorld, count: number, host: Host) {
    await expectFrames(this, count, host);
    await this.turnPage();
  },
);

Then('as many frames leave as were sent, at {host}', async function (this: PrismWorld, host: Host) {
  await expectFrames(this, this.stimuli.length, host);
});

Then('it is addressed to {host}', async function (this: PrismWorld, host: Host) {
  const { frame } = await onlyFrame(this);
  const rule = this.theRule();
  const wanted = [host.mac, rule.owner.address, rule.owner.port].join(' ');
  const seen = ['destination MAC', 'destination address', 'destination port']
    .map((name) => fieldOf(frame, name))
    .join(' ');
  if (seen !== wanted) throw new Failure({ expected: wanted, observed: seen });
});

Then('it comes from the virtual endpoint', async function (this: PrismWorld) {
  const { frame } = await onlyFrame(this);
  const { virtual } = this.theRule();
  const wanted = `${virtual.address} ${virtual.port}`;
  const seen = `${fieldOf(frame, 'source address')} ${fieldOf(frame, 'source port')}`;
  if (seen !== wanted) throw new Failure({ expected: wanted, observed: seen });
});

/** What a scenario that names a field is about. */
const OF_FIELDS: Readonly<Record<string, readonly Aspect[]>> = {
  seq: ['sequence'],
  ack: ['sequence'],
  flags: ['flags'],
  window: ['window'],
  urgent: ['urgent'],
  options: ['options', 'sack', 'timestamps'],
  'TCP checksum': ['tcp-checksum', 'canonical-checksum', 'repaired-checksum'],
  'IPv4 checksum': ['ipv4-checksum', 'canonical-checksum'],
  ttl: ['ttl'],
};

Then('it leaves with', async function (this: PrismWorld, table: DataTable) {
  const { frame } = await onlyFrame(this);
  for (const [name = '', wanted = ''] of table.raw()) {
    const seen = fieldOf(frame, name);
    if (normalize(seen) === normalize(wanted)) continue;
    // A wrong checksum may only be that of a wrong number: all that is wrong is told.
    this.fail(await this.judgeAll(), OF_FIELDS[name] ?? []);
    throw new Failure({ expected: `${name} ${wanted}`, observed: `${name} ${seen}` });
  }
});

/** What no rule names: whatever it shifts, these pass as they came. */
const NEVER_NAMED: readonly Aspect[] = [
  'traffic-class',
  'urgent',
  'flags',
  'options',
  'vlan',
  'payload',
  'other',
];

/** What a sentence about a frame looks at; all aspects where undefined. */
const SENTENCES: Readonly<Record<string, readonly Aspect[] | undefined>> = {
  'nothing but what the rule names changes': NEVER_NAMED,
  'nothing but what the rule names changes, its TCP checksum right': [
    ...NEVER_NAMED,
    'tcp-checksum',
  ],
  'it leaves as the rule says': undefined,
  'it leaves as the rule says, behind its tag': undefined,
  'it leaves as the rule says, its payload with it': undefined,
  'its IPv4 header checksum is right': ['ipv4-checksum'],
  'its TCP checksum is right': ['tcp-checksum'],
  'its checksums are those of a full computation': ['canonical-checksum'],
  'its DSCP, ECN, identification and DF are unchanged': ['traffic-class'],
  'its sequence and acknowledgment numbers are shifted': ['sequence'],
  'its sequence and acknowledgment numbers are unchanged': ['sequence'],
  'its SACK edges are shifted': ['sack'],
  'its SACK edges are unchanged': ['sack'],
  'its SACK edges are shifted, its TCP checksum right': ['sack', 'tcp-checksum'],
  'its timestamps are shifted': ['timestamps'],
  'its timestamps are unchanged': ['timestamps'],
  'its window is converted': ['window'],
  'its flags, reserved bits, window and urgent pointer are unchanged': [
    'flags',
    'window',
    'urgent',
  ],
  'its urgent pointer is unchanged': ['urgent'],
  'its other options are unchanged': ['options'],
  'its TTL is unchanged or one less': ['ttl'],
};

/** What a sentence that looks at all aspects is about; a failure in these is its own. */
const ABOUT: Readonly<Record<string, readonly Aspect[]>> = {
  'it leaves as the rule says, its payload with it': ['payload', 'flags'],
  'it leaves as the rule says, behind its tag': [
    'delivery',
    'delivery-to-client',
    'port',
    'vlan',
    'addressed-to-owner',
    'addressed-from-virtual',
  ],
};

/** The aspects that a sentence looks at. */
export function aspectsOf(sentence: string): readonly Aspect[] | undefined {
  if (!(sentence in SENTENCES)) throw new Error(`no judgement is worded: ${sentence}`);
  return SENTENCES[sentence];
}

// One step for each sentence, so that every judgement can be read in the feature as it stands.
for (const sentence of Object.keys(SENTENCES)) {
  Then(sentence, async function (this: PrismWorld) {
    const aspects = aspectsOf(sentence);
    await this.expectNoFindings(aspects, aspects ?? ABOUT[sentence]);
    await this.turnPage();
  });
}

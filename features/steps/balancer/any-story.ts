/** Steps that hold for any story: who comes, what they send, and how pools change is generated. */
import { Then } from '@cucumber/cucumber';
import {
  answersFault,
  foreignFault,
  keepingFault,
  strayFault,
  sumsFault,
} from '../../../conformance/balancer/invariants.ts';
import { towardsClientsFault, towardsServersFault } from '../../../conformance/balancer/passage.ts';
import type { Told } from '../../../conformance/balancer/talk.ts';
import type { Fault } from '../../../conformance/balancer/unchanged.ts';
import { NotSupported } from '../../../conformance/driver/device.ts';
import {
  PACKET_MODES,
  talesFor,
  tell,
  type PacketMode,
} from '../../support/balancer/story-arbitrary.ts';
import type { BalancerWorld } from '../../support/balancer/world.ts';
import { forAny } from '../../support/story-properties.ts';

/** How many stories are tried. */
const STORIES = 20;
const MODES: readonly PacketMode[] = ['nat', 'dsr', 'ipip'];
const WAYS: Readonly<Record<string, PacketMode>> = {
  NAT: 'nat',
  'direct return': 'dsr',
  'a tunnel': 'ipip',
};

/** What is looked at of one story. */
type Judge = (told: Told, world: BalancerWorld) => Fault;

/** Holds `judges` against stories in which packets go any of `wanted` ways that the switch claims. */
async function forAnyStory(
  world: BalancerWorld,
  wanted: readonly PacketMode[],
  judges: readonly Judge[],
): Promise<void> {
  const { capabilities, choices } = world.hello;
  const modes = wanted.filter((mode) => capabilities.includes(PACKET_MODES[mode]));
  if (modes.length === 0) throw new NotSupported('NAT');
  await forAny(world, talesFor(capabilities, modes), STORIES, async (tale) => {
    tell(world, tale);
    const seen = await world.seen();
    const told = { story: world.story(), seen, choices };
    for (const judge of judges) world.fail(judge(told, world));
  });
}

const answers: Judge = (told, { visitors }) =>
  answersFault(
    told,
    visitors.map(({ asked }) => asked),
  );

Then(
  'whoever comes, each connection has one server, from its SYN on',
  async function (this: BalancerWorld) {
    await forAnyStory(this, MODES, [keepingFault]);
  },
);

Then(
  'whoever comes, all have their answers, and nobody else',
  async function (this: BalancerWorld) {
    await forAnyStory(this, MODES, [answers, foreignFault]);
  },
);

Then('whoever comes, every packet has right checksums', async function (this: BalancerWorld) {
  await forAnyStory(this, MODES, [sumsFault]);
});

Then(
  'whoever comes, what belongs to no connection reaches no server but as declared',
  async function (this: BalancerWorld) {
    await forAnyStory(this, MODES, [strayFault]);
  },
);

Then(
  /^whoever comes, (NAT|direct return|a tunnel) brings servers what clients have sent, and nothing else$/u,
  async function (this: BalancerWorld, way: string) {
    const mode = WAYS[way];
    if (mode === undefined) throw new Error(`no packets come by ${way}`);
    await forAnyStory(this, [mode], [towardsServersFault]);
  },
);

Then(
  'whoever comes, clients have what servers have sent, from the virtual endpoint',
  async function (this: BalancerWorld) {
    await forAnyStory(this, ['nat'], [towardsClientsFault]);
  },
);

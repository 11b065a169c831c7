/**
 * A whole Prism on this kernel that plays one story after the other.
 *
 * What a story has not touched lives on for the next one, whose clients come from other ports. What
 * was killed, or is to be set up in another way, is started anew before the story begins.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { raiseLab, removeStaleLabs } from '../../../reference/host/lab.ts';
import { createRuleReader } from '../../../reference/host/laboratory/rules.ts';
import { sealOf } from '../../../reference/host/prism/seal.ts';
import { DriverFault } from '../../driver/device.ts';
import type { Observation, Story } from '../../driver/system.ts';
import { topologyOf } from './network.ts';
import { createParts, PROCESSES } from './parts.ts';
import type { PlanOptions } from './plan.ts';
import { openRelay } from './relay.ts';
import type { Stage } from './performance.ts';
import { playStory } from './story.ts';
import { openTap } from './tap.ts';
import { openWire } from './wire.ts';

/** A Prism that runs. */
export interface LivePrism {
  readonly play: (story: Story) => Promise<Observation>;
  readonly close: () => Promise<void>;
}

/** Three of the controller's pings: an agent that is silent for longer may be taken for lost. */
const SILENT_MAX_MS = 600;
const AGENTS_MAX_MS = 20_000;
const POLL_MS = 10;

/** Brings up network, relay and taps; the parts are started by the first story. */
export function raisePrism(name: string, lock: Story['lock']): LivePrism {
  removeStaleLabs();
  const lab = raiseLab(topologyOf(name, lock));
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-lab-'));
  const key = randomBytes(32);
  writeFileSync(join(folder, 'key'), key, { mode: 0o600 });
  const realPath = (part: string): string => join(folder, part);
  const listening = PROCESSES.filter((part) => part !== 'controller');
  const relay = openRelay(folder, sealOf(key), listening, realPath);
  const rules = createRuleReader(join(folder, 'plan.json'));
  const stage: Stage = {
    lab,
    parts: createParts(lab, folder, (part, line) => stage.onLine(part, line)),
    relay,
    rules,
    tap: openTap(lab),
    wire: openWire(lab),
    onLine: () => {},
  };
  const { parts, tap, wire } = stage;

  function plan({ way, policy, mishaps }: Story): PlanOptions {
    const refusing = mishaps.flatMap((each) => (each.kind === 'refusal' ? each.backend : []));
    return { lock, way, policy, refusing, realPath, pathTo: relay.pathTo };
  }

  async function prepare(options: PlanOptions): Promise<void> {
    await Promise.all(PROCESSES.map((part) => parts.ensure(part, options)));
    const deadline = performance.now() + AGENTS_MAX_MS;
    while (!['b1', 'b2'].every((part) => relay.silentMs(part) < SILENT_MAX_MS)) {
      if (performance.now() > deadline) throw new DriverFault('start', 'an agent is not there');
      // oxlint-disable-next-line no-await-in-loop -- until they are there
      await sleep(POLL_MS);
    }
  }

  return {
    async play(story) {
      const options = plan(story);
      await prepare(options);
      const observation = await playStory(stage, story, options);
      // Nobody begins with what another story has left.
      if (observation.rules > 0) for (const part of PROCESSES) parts.kill(part);
      return observation;
    },
    async close() {
      rules.close();
      relay.close();
      await wire.close();
      tap.close();
      lab.down();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

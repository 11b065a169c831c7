/** Reads captured connections from the folder `fixtures`. */
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCapture } from 'scapy-ts';
import { z } from 'zod';
import { PRISM_CAPABILITIES } from '../catalogue/capability.ts';
import type { Fixture } from '../traffic/fixture.ts';

const ROOT = fileURLToPath(new URL('../../fixtures', import.meta.url));

const endpoint = z.object({ address: z.string(), port: z.int() });
const description = z.object({
  family: z.union([z.literal(4), z.literal(6)]),
  connections: z.array(z.object({ client: endpoint, virtual: endpoint })).min(1),
  needs: z.array(z.enum(PRISM_CAPABILITIES)),
});

/** Captures of a whole Prism, which has changed what they show: nothing to be replayed to a switch. */
const PRISM_TOPIC = 'prism/';

/** Names of all fixtures that a switch can be given, `topic/name`, sorted. */
export function fixtureNames(): readonly string[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.pcapng') && !path.startsWith(PRISM_TOPIC))
    .map((path) => path.replace(/\.pcapng$/u, ''))
    .toSorted();
}

/** Reads one fixture; rejects with an `Error` that names the file. */
export async function readFixture(name: string): Promise<Fixture> {
  const path = join(ROOT, name);
  const { family, connections, needs } = description.parse(
    JSON.parse(readFileSync(`${path}.json`, 'utf8')),
  );
  const frames: Uint8Array[] = [];
  for await (const events of readCapture(createReadStream(`${path}.pcapng`))) {
    for (const event of events) if (event.kind === 'packet') frames.push(event.octets.slice());
  }
  return { name, family, connections, needs, frames };
}

/** Rules as the suite writes them for a command: a list in JSON. */
import { parseIpv4, parseMac, type Ipv4Address, type MacAddress } from 'scapy-ts';
import { z } from 'zod';
import type { Rule } from '../../../../reference/rules/rule.ts';

const ipv4 = z.string().transform((text, context): Ipv4Address => {
  const parsed = parseIpv4(text);
  if (parsed.ok) return parsed.value;
  context.addIssue('expected an IPv4 address: the core has no rules for others');
  return z.NEVER;
});

const mac = z.string().transform((text, context): MacAddress => {
  const parsed = parseMac(text);
  if (parsed.ok) return parsed.value;
  context.addIssue('expected a MAC address');
  return z.NEVER;
});

const port = z.int().min(1).max(0xffff);
const word = z.int().min(0).max(0xffff_ffff);
const shift = z.int().min(0).max(14);
const window = z.strictObject({ in: shift, out: shift });
const endpoint = z.strictObject({ address: ipv4, port });

const rule = z
  .strictObject({
    client: endpoint,
    virtual: endpoint,
    owner: z.strictObject({ address: ipv4, port, mac }),
    deltas: z.strictObject({
      clientSeq: word,
      ownerSeq: word,
      clientTimestamp: word,
      ownerTimestamp: word,
      clientWindow: window,
      ownerWindow: window,
    }),
    locked: z.boolean(),
  })
  .transform(({ client, virtual, owner, deltas, locked }): Rule => {
    return { key: { client, virtual }, owner, deltas, locked };
  });

/** The rules in a text. Throws Error, in a sentence, where it is none. */
export function parseRules(text: string): readonly Rule[] {
  const parsed = z.array(rule).safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

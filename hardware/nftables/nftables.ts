/**
 * nftables as a server switch.
 *
 * Connection tracking takes no segment for the first of a connection that is not its SYN, and does
 * not judge sequence numbers: who sends what is not expected is for the server to tell.
 */
import { writeFileSync } from 'node:fs';
import { lackOf, type Lack, type Sharing } from '../product/ability.ts';
import type { Product } from '../product/serve.ts';
import type { SetupFile } from '../product/setup-file.ts';
import { loadRules } from './nft.ts';
import { ABILITY, ESTABLISHED_SECONDS, rulesetOf } from './ruleset.ts';

const SETTINGS = {
  nf_conntrack_tcp_loose: 0,
  nf_conntrack_tcp_be_liberal: 1,
  nf_conntrack_tcp_timeout_established: ESTABLISHED_SECONDS,
};

/** Why the rules cannot be what the file says. */
function lackIn({ setup }: SetupFile, sharing: Sharing): Lack | undefined {
  const mapped = setup.services.find(
    ({ mode, port, serverPort = port }) => mode === 'dsr' && serverPort !== port,
  );
  if (mapped !== undefined) return { refused: `${mapped.name}: direct return keeps the port` };
  return lackOf(ABILITY, setup, sharing);
}

/** Makes nftables a server switch, or one of two. */
export function openNftables(sharing: Sharing = 'alone'): Product {
  for (const [name, value] of Object.entries(SETTINGS)) {
    writeFileSync(`/proc/sys/net/netfilter/${name}`, String(value));
  }
  return {
    async apply(file) {
      const lack = lackIn(file, sharing);
      if (lack !== undefined) return lack;
      const fault = loadRules(rulesetOf(file));
      return fault === undefined ? undefined : { refused: fault };
    },
    // The rules are gone with the namespace.
    end: async () => undefined,
  };
}

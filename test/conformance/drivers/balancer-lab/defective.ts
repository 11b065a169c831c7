/** `defective.ts DEFECT FILE`: nftables as a server switch, with one thing wrong. */
import { loadRules } from '../../../../hardware/nftables/nft.ts';
import { rulesetOf } from '../../../../hardware/nftables/ruleset.ts';
import { serveProduct } from '../../../../hardware/product/serve.ts';

/** Rules at a hook that packets pass on their way on. */
const DEFECTS: Readonly<Record<string, string>> = {
  none: '',
  ttl: 'ip ttl set 9',
  marks: 'ip dscp set cs1',
  segments: 'tcp option maxseg size set 1200',
};

const [defect = ''] = process.argv.splice(2, 1);
const line = DEFECTS[defect];
if (line === undefined) throw new Error(`there is no defect ${defect}`);
const extra = `table ip defect { chain on { type filter hook forward priority 0; ${line}; }; }\n`;

serveProduct(() => ({
  async apply(file) {
    const fault = loadRules(rulesetOf(file) + extra);
    return fault === undefined ? undefined : { refused: fault };
  },
  end: async () => undefined,
}));

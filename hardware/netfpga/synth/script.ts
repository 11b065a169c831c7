/**
 * What yosys is told: map each part of the core by itself, count, put all together, look for the
 * longest path.
 *
 * Parts are mapped apart so that what grew can be named, and because it takes a third of the time;
 * a tool that maps the core as one finds a little more to leave out.
 */
import type { Size } from './size.ts';

const TOP = 'prism_core';
/** Small modules, which become part of the module that they are in. */
const LEAVES = ['add', 'checksum', 'delay', 'hash', 'memory'];

/** The instances in `prism_core`; what it has beside them is told as the part `core`. */
export const PARTS = [
  'ingress',
  'words',
  'parse',
  'flows',
  'rules',
  'decide',
  'usage',
  'bridge',
  'option_walk',
  'rewrite',
  'edits',
  'egress',
  'axi_lite',
  'registers',
  'tables',
] as const;

/** Where yosys writes the count of the whole core, or of one part. */
export function statFile(part?: string): string {
  return part === undefined ? 'stat.json' : `stat-${part}.json`;
}

/** Where yosys writes the longest path. */
export const PATH_FILE = 'sta.txt';

/** A cell is called after its part, with a dot; what yosys made is called `$flatten\part.`. */
function countOf(part: string): string {
  const cells = `${TOP}/c:${part}.* ${TOP}/c:$flatten\\${part}.*`;
  return `tee -q -o ${statFile(part)} stat -json -tech xilinx ${cells}`;
}

/** The script for one size; `sources` are paths of the core's Verilog, `include` their folder. */
export function scriptOf(
  { parameters }: Size,
  sources: readonly string[],
  include: string,
): string {
  const chosen = Object.entries(parameters).map(([name, value]) => ` -set ${name} ${value}`);
  return [
    `read_verilog -I ${include} ${sources.join(' ')}`,
    ...(chosen.length === 0 ? [] : [`chparam${chosen.join('')} ${TOP}`]),
    `hierarchy -check -top ${TOP}`,
    ...PARTS.map((part) => `select -assert-count 1 ${TOP}/c:${part}`),
    'setattr -mod -set keep_hierarchy 1 *prism_*',
    `setattr -mod -unset keep_hierarchy ${LEAVES.map((leaf) => `*prism_${leaf}*`).join(' ')}`,
    `synth_xilinx -family xc7 -top ${TOP} -flatten -noiopad -noclkbuf -abc9`,
    `select -assert-count ${PARTS.length} ${TOP}/t:*prism_*`,
    'setattr -mod -unset keep_hierarchy *',
    'flatten -noscopeinfo',
    // Notes about where a module was, left by the flattening before.
    `delete ${TOP}/t:$scopeinfo`,
    `tee -q -o ${statFile()} stat -json -tech xilinx`,
    ...PARTS.map(countOf),
    // abc9 takes the delays out of its library: carry chains would cost nothing.
    'design -save mapped',
    'design -reset',
    'read_verilog -lib -specify +/xilinx/cells_sim.v',
    `design -copy-from mapped ${TOP}`,
    `tee -q -o ${PATH_FILE} sta ${TOP}`,
    '',
  ].join('\n');
}

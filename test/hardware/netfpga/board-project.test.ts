/** What goes into a card's project: the wrapper, its crossing of clocks, the scripts. No Vivado here. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { oracle } from '../../oracle.ts';

const NETFPGA = fileURLToPath(new URL('../../../hardware/netfpga', import.meta.url));
const BENCHES = fileURLToPath(new URL('.', import.meta.url));
const RTL = join(NETFPGA, 'rtl');
const TOP = 'prism_output_port_lookup';
const folder = mkdtempSync(join(tmpdir(), 'prismspec-project-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function verilogIn(path: string): readonly string[] {
  return readdirSync(path)
    .filter((name) => name.endsWith('.v'))
    .map((name) => join(path, name));
}

const BOARD = verilogIn(join(NETFPGA, 'board'));
const ALL = [...BOARD, ...verilogIn(RTL)];

function run(program: string, words: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

const VERILATOR = [
  '--lint-only',
  '-Wall',
  '--default-language',
  '1364-2005',
  `-I${RTL}`,
  '--top-module',
  TOP,
];
const ICARUS = ['-g2005', '-Wall', '-Wno-timescale', '-I', RTL, '-t', 'null', '-s', TOP];

/** What a test bench says that is compiled with Icarus Verilog. */
function simulate(
  bench: string,
  parameters: readonly string[],
  sources: readonly string[],
): string {
  const program = join(folder, `${bench}${parameters.join('')}.vvp`);
  const words = ['-g2005', '-Wall', '-I', RTL, '-s', bench, '-o', program];
  const source = join(BENCHES, `${bench.replace('_', '-')}.v`);
  const compiled = run('iverilog', [...words, ...parameters, source, ...sources]);
  return compiled.status === 0 ? run('vvp', ['-n', program]).said : compiled.said;
}

for (const width of [256, 512, 1024]) {
  test(`with ${width} bits the wrapper has no warning of Verilator or Icarus`, (t) => {
    if (!oracle(t, 'verilator') || !oracle(t, 'iverilog')) return;
    const names = ['C_S_AXIS_DATA_WIDTH', 'C_M_AXIS_DATA_WIDTH'];
    const lint = run('verilator', [
      ...VERILATOR,
      ...names.map((name) => `-G${name}=${width}`),
      ...ALL,
    ]);
    t.regex(lint.said, /^$|^%/u);
    t.deepEqual(
      lint.said.split('\n').filter((line) => /^%(?:Warning|Error).*netfpga\/board\//u.test(line)),
      [],
    );
    const icarus = run('iverilog', [
      ...ICARUS,
      ...names.map((name) => `-P${TOP}.${name}=${width}`),
      ...ALL,
    ]);
    t.is(icarus.status, 0, icarus.said);
    t.notRegex(icarus.said, /netfpga\/board\//u);
  });
}

for (const [slave, master] of [
  [10, 7],
  [7, 10],
  [10, 10],
  [3, 40],
  [40, 3],
] as const) {
  test(`registers are read and written from a clock of ${slave} ns with one of ${master} ns`, (t) => {
    if (!oracle(t, 'iverilog')) return;
    const parameters = [
      `-Pboard_crossing.S_PERIOD=${slave}`,
      `-Pboard_crossing.M_PERIOD=${master}`,
    ];
    const crossing = BOARD.filter((path) => path.endsWith('prism_clock_crossing.v'));
    t.is(simulate('board_crossing', parameters, crossing), 'accesses 2000 resets 40 errors 0\n');
  });
}

test('the core works in its wrapper, in a simulator that is not ours', (t) => {
  if (!oracle(t, 'iverilog')) return;
  const said = simulate('board_lookup', [], ALL);
  const [seconds = ''] = /\d+$/u.exec(said.trim()) ?? [];
  t.is(
    said.replace(/\d+\n$/u, ''),
    `id 5052534d
flip edcba987
age 77
word 1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020101 keep ffffffff user 56010040 last 0
word 3f3e3d3c3b3a393837363534333231302f2e2d2c2b2a29282726252423222120 keep ffffffff user 00000000 last 1
in 1
out 1
seconds `,
  );
  // 500 clocks each, and some 2,000 in all.
  t.true(Number(seconds) >= 3 && Number(seconds) <= 6, seconds);
});

/** A project that has what upstream's have, in the two files that matter. */
function project(name: string, scripts: readonly [string, string]): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'hw', 'tcl'), { recursive: true });
  for (const [index, script] of ['reference_switch.tcl', 'reference_switch_sim.tcl'].entries()) {
    writeFileSync(join(path, 'hw', 'tcl', script), scripts[index] ?? '');
  }
  return path;
}

function scriptsOf(path: string): readonly string[] {
  return ['reference_switch.tcl', 'reference_switch_sim.tcl'].map((script) =>
    readFileSync(join(path, 'hw', 'tcl', script), 'utf8'),
  );
}

const SWAP = join(NETFPGA, 'board', 'swap.tcl');
const LOOKUP =
  'create_ip -name switch_output_port_lookup -vendor NetFPGA -library NetFPGA -module_name';
const OURS =
  'create_ip -name prism_output_port_lookup -vendor prismspec -library prismspec -module_name';
const QUEUES =
  'create_ip -name output_queues -vendor NetFPGA -library NetFPGA -module_name queues\n';

test('the lookup is swapped in both scripts, once', (t) => {
  if (!oracle(t, 'tclsh')) return;
  const path = project('plus', [
    `set datapath_freq_mhz     340\n${LOOKUP} opl_ip
set_property CONFIG.C_CAM_LUT_DEPTH_BITS \${opl_cam_depth_bits} [get_ips opl_ip]\n${QUEUES}`,
    `${LOOKUP} opl_ip
set_property CONFIG.C_CAM_LUT_DEPTH_BITS \${opl_cam_depth_bits} [get_ips opl_ip]\n${QUEUES}run 10us\n`,
  ]);
  const swapped = [
    `set datapath_freq_mhz     340\n${OURS} opl_ip
set_property CONFIG.CLOCK_HZ [expr {\${datapath_freq_mhz} * 1000000}] [get_ips opl_ip]\n${QUEUES}`,
    `${OURS} opl_ip\n${QUEUES}run 1ms\n`,
  ];
  t.is(run('tclsh', [SWAP, path]).status, 0);
  t.deepEqual(scriptsOf(path), swapped);
  t.regex(run('tclsh', [SWAP, path]).said, /reference_switch\.tcl: as it is\n/u);
  t.deepEqual(scriptsOf(path), swapped);
});

test('a project with another lookup, or two, is left alone', (t) => {
  if (!oracle(t, 'tclsh')) return;
  for (const [index, text] of [QUEUES, `${LOOKUP} a\n${LOOKUP} b\n`].entries()) {
    const path = project(`other${index}`, [text, text]);
    const { status, said } = run('tclsh', [SWAP, path]);
    t.is(status, 1);
    t.regex(said, /not one line begins 'create_ip -name switch_output_port_lookup/u);
    t.deepEqual(scriptsOf(path), [text, text]);
  }
});

test('the script for Vivado is whole Tcl, and packages what is there', (t) => {
  if (!oracle(t, 'tclsh')) return;
  // What Vivado knows and tclsh does not is said, and not done.
  const stubs = `
    proc unknown {args} { puts $args; return core }
    set argv [list xc7vx690t-3-ffg1761 ${join(folder, 'ip')}]
    source ${join(NETFPGA, 'board', 'package.tcl')}`;
  const script = join(folder, 'stubs.tcl');
  writeFileSync(script, stubs);
  const { status, said } = run('tclsh', [script]);
  t.is(status, 0, said);
  t.regex(said, /create_project -name prism_output_port_lookup .*-part xc7vx690t-3-ffg1761 -ip/u);
  t.regex(said, /ipx::package_project -root_dir \S+\/ip -vendor prismspec -library prismspec/u);
  t.regex(said, /ipx::save_core core/u);
  const sources = readdirSync(join(folder, 'ip', 'hdl')).toSorted();
  t.true(sources.includes('prism_registers.vh'));
  t.deepEqual(
    sources.filter((name) => name.endsWith('.v')),
    ALL.map((path) => path.slice(path.lastIndexOf('/') + 1)).toSorted(),
  );
});

/** A core in Verilog, simulated clock by clock, as a switch with tables. */
import { REGISTERS } from '../../../hardware/netfpga/driver/registers.ts';
import { openTables, type Tables } from '../../../hardware/netfpga/driver/tables.ts';
import { TableError } from '../../../hardware/netfpga/driver/table-error.ts';
import { CoreFault, type Core } from '../../../hardware/netfpga/sim/core.ts';
import { openCore } from '../../../hardware/netfpga/sim/library.ts';
import type { FrameOut } from '../../../hardware/netfpga/sim/wire.ts';
import { DriverFault, type PortFrame } from '../../driver/device.ts';
import type { TableSwitch } from '../agent/switch.ts';

/** Which core is simulated. */
export interface Simulated {
  readonly name: string;
  /** A folder of Verilog; this project's when left out. */
  readonly rtl?: string | undefined;
  /** The binary logarithm of the rules that there is room for. */
  readonly rulesLog2: number;
  /** The same of the stations that the bridge has rows for; as in the core when left out. */
  readonly stationsLog2?: number | undefined;
  /** What the register DEBUG holds. */
  readonly debug?: number | undefined;
}

interface Opened {
  readonly core: Core;
  /** Anew after each reset of the core. */
  tables: Tables;
}

/** Rows for the flows of each rule, its hosts, and owners that it has left. */
const FLOWS_PER_RULE_LOG2 = 3;
const MS_PER_SECOND = 1000;
const PORTS_MAX = 8;

/** What a failure of the core is to the suite. */
function faultOf(error: unknown): unknown {
  if (error instanceof CoreFault) return new DriverFault('crash', error.message);
  if (error instanceof TableError) return new DriverFault(error.reason, error.message);
  return error;
}

/** A frame leaves at each port that has a bit. */
function leaving({ destination, octets }: FrameOut): readonly PortFrame[] {
  const ports = Array.from({ length: PORTS_MAX }, (_, port) => port);
  return ports
    .filter((port) => ((destination >> port) & 1) === 1)
    .map((port) => ({ port, frame: octets }));
}

/** A core that is built and started when it is first asked; its clock starts at 0. */
export function openSimulated({
  name,
  rtl,
  rulesLog2,
  stationsLog2,
  debug = 0,
}: Simulated): TableSwitch & { readonly nowMs: () => number } {
  let opening: Promise<Opened> | undefined;
  let nowMs = 0;
  let frames: PortFrame[] = [];

  const clock = { nowMs: () => nowMs };

  async function start(): Promise<Opened> {
    const parameters = {
      RULES_LOG2: rulesLog2,
      FLOWS_LOG2: rulesLog2 + FLOWS_PER_RULE_LOG2,
      ...(stationsLog2 === undefined ? {} : { STATIONS_LOG2: stationsLog2 }),
    };
    const core = await openCore({ parameters, ...(rtl === undefined ? {} : { rtl }) }).catch(
      (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        throw new DriverFault('not-started', why);
      },
    );
    return { core, tables: await openTables(core, clock) };
  }

  async function ask<T>(call: (opened: Opened) => Promise<T>): Promise<T> {
    opening ??= start();
    try {
      return await call(await opening);
    } catch (error) {
      throw faultOf(error);
    }
  }

  async function exchange(core: Core, injected: readonly PortFrame[]): Promise<void> {
    const { outputs, breaches } = await core.exchange(
      injected.map(({ port, frame }) => ({ source: 1 << port, octets: frame })),
    );
    frames.push(...outputs.flatMap(leaving));
    const [breach] = breaches;
    if (breach === undefined) return;
    throw new DriverFault('bus', `in cycle ${breach.cycle} the core broke: ${breach.rule}`);
  }

  let known: Tables | undefined;
  return {
    name,
    vendor: 'prismspec',
    clock: 'virtual',
    ...clock,
    version: () => ask(async ({ tables }) => tables.version),
    reset: () =>
      ask(async (opened) => {
        await opened.core.reset();
        await opened.core.write([{ address: REGISTERS.DEBUG, value: debug }]);
        opened.tables = await openTables(opened.core, clock);
        known = opened.tables;
        frames = [];
      }),
    write: (updates) => ask(({ tables }) => tables.write(updates)),
    fits: (added) => known?.fits(added) ?? true,
    readCounter: (counter, index) => ask(({ tables }) => tables.readCounter(counter, index)),
    readIdleMs: (indices) => ask(({ tables }) => tables.readIdleMs(indices)),
    inject: (injected) => ask(({ core }) => exchange(core, injected)),
    collect: async () => {
      const collected = frames;
      frames = [];
      return collected;
    },
    advance: (seconds) =>
      ask(async ({ core }) => {
        const before = Math.floor(nowMs / MS_PER_SECOND);
        nowMs += Math.round(seconds * MS_PER_SECOND);
        await core.tick(Math.floor(nowMs / MS_PER_SECOND) - before);
      }),
    close: async () => {
      const opened = await opening?.catch(() => undefined);
      await opened?.core.close();
    },
  };
}

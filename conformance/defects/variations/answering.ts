/** Devices that answer otherwise: in another way, later, or about other numbers. */
import type { Collected, Device, Hello, PortFrame } from '../../driver/device.ts';
import type { Variation } from '../defect.ts';
import { keyText } from '../passage.ts';
import { tapped } from '../tap.ts';

/** `device` with another introduction. */
function introducedAs(device: Device, change: (hello: Hello) => Hello): Device {
  return { ...device, hello: async () => change(await device.hello()) };
}

/** What the sender and the receiver of a frame are, as far as an order between frames needs it. */
function flowOf({ port, frame }: PortFrame): string {
  return `${port} ${frame.subarray(0, 14).join(' ')} ${frame.subarray(26, 38).join(' ')}`;
}

/** The frames with the flows in the opposite order; within a flow nothing changes. */
function flowsReversed(frames: readonly PortFrame[]): readonly PortFrame[] {
  const flows = new Map<string, PortFrame[]>();
  for (const each of frames) {
    const flow = flowOf(each);
    flows.set(flow, [...(flows.get(flow) ?? []), each]);
  }
  return [...flows.values()].toReversed().flat();
}

/** How many rules the small table has. */
const SMALL_CAPACITY = 20;
/** How many frames a lock holds. */
const FEW_HELD = 4;
/** How many frames a slow device gives at a time. */
const FEW_FRAMES = 7;
const PORT_SHIFT = 100;
const SETTLE_MS = 1;

/** Correct devices whose packets are those of the reference. */
export const answeringVariations: readonly Variation[] = [
  {
    name: 'rpc-barrier',
    sentence: 'The device keeps what leaves until it is asked for a barrier.',
    apply(device) {
      let through: Collected = { frames: [], notices: [] };
      return {
        ...introducedAs(device, (hello) => ({ ...hello, barrier: 'rpc' })),
        async reset() {
          await device.reset();
          through = { frames: [], notices: [] };
        },
        async barrier() {
          const { frames, notices } = await device.collect();
          through = {
            frames: [...through.frames, ...frames],
            notices: [...through.notices, ...notices],
          };
        },
        async collect() {
          const collected = through;
          through = { frames: [], notices: [] };
          return collected;
        },
      };
    },
  },
  {
    name: 'time-bound',
    sentence: 'The device has no barrier and declares that everything has left within 1 ms.',
    apply: (inner) =>
      introducedAs(inner, (hello) => ({
        ...hello,
        barrier: 'none',
        profile: { ...hello.profile, settleMs: SETTLE_MS },
      })),
  },
  {
    name: 'reorders-flows',
    sentence: 'Frames of different flows overtake each other; the device declares a barrier.',
    apply(device) {
      return {
        ...introducedAs(device, (hello) => ({ ...hello, barrier: 'rpc' })),
        async collect() {
          const { frames, notices } = await device.collect();
          return { frames: flowsReversed(frames), notices };
        },
      };
    },
  },
  {
    name: 'slow',
    sentence: 'Frames come out a few at a time, however often the device is asked.',
    apply(device) {
      let waiting: readonly PortFrame[] = [];
      return {
        ...device,
        async reset() {
          await device.reset();
          waiting = [];
        },
        async collect() {
          const { frames, notices } = await device.collect();
          waiting = waiting.concat(frames);
          const few = waiting.slice(0, Math.max(FEW_FRAMES, Math.ceil(waiting.length / 3)));
          waiting = waiting.slice(few.length);
          return { frames: few, notices };
        },
      };
    },
  },
  {
    name: 'other-port-numbers',
    sentence: 'The ports have other numbers.',
    apply(device) {
      const away = ({ port, frame }: PortFrame): PortFrame => ({ port: port - PORT_SHIFT, frame });
      return {
        ...introducedAs(device, (hello) => ({
          ...hello,
          ports: Object.fromEntries(
            Object.entries(hello.ports).map(([role, port]) => [role, port + PORT_SHIFT]),
          ),
        })),
        inject: async (frames) => device.inject(frames.map(away)),
        async collect() {
          const { frames, notices } = await device.collect();
          const numbered = frames.map(({ port, frame }) => ({ port: port + PORT_SHIFT, frame }));
          return { frames: numbered, notices };
        },
      };
    },
  },
  {
    name: 'small-table',
    sentence: 'The device declares, and has, room for twenty rules.',
    apply: (inner) =>
      tapped(
        introducedAs(inner, (hello) => ({
          ...hello,
          profile: { ...hello.profile, capacity: SMALL_CAPACITY },
        })),
        () => ({
          async command(command, tap) {
            const { rules } = await tap.passages();
            const known =
              command.op !== 'add' ||
              rules.some(({ rule }) => keyText(rule) === keyText(command.rule));
            if (known || rules.length < SMALL_CAPACITY) return tap.tell(command);
            return { ok: false, error: 'table-full', detail: 'twenty rules are there' };
          },
        }),
      ),
  },
  {
    name: 'drops-oldest-held',
    sentence: 'A lock holds few frames, the newest: what came before them is dropped.',
    apply: (inner) =>
      tapped(
        introducedAs(inner, (hello) => ({
          ...hello,
          profile: { ...hello.profile, holdFrames: FEW_HELD },
        })),
        () => ({ released: (frames) => frames.slice(-FEW_HELD) }),
      ),
  },
  {
    name: 'refuses-identical-add',
    sentence: 'An add of a rule that is there already is refused, though it is the same.',
    apply: (inner) =>
      tapped(inner, () => {
        // The list is asked for only where a rule may be there: it is long in a full table.
        const added = new Set<string>();
        return {
          async command(command, tap) {
            if (command.op !== 'add') return tap.tell(command);
            const key = keyText(command.rule);
            const isThere =
              added.has(key) &&
              (await tap.passages()).rules.some(({ rule }) => keyText(rule) === key);
            added.add(key);
            if (!isThere) return tap.tell(command);
            return { ok: false, error: 'exists', detail: 'there is such a rule' };
          },
        };
      }),
  },
  {
    name: 'delete-of-nothing',
    sentence: 'A delete of a key without a rule is answered the other way.',
    apply: (inner) =>
      tapped(inner, () => ({
        async command(command, tap) {
          if (command.op !== 'delete') return tap.tell(command);
          const { rules } = await tap.passages();
          const reply = await tap.tell(command);
          if (rules.some(({ rule }) => keyText(rule) === keyText(command.key))) return reply;
          return reply.ok
            ? { ok: false, error: 'no-rule', detail: 'there is no such rule' }
            : { ok: true };
        },
      })),
  },
  {
    name: 'lists-newest-first',
    sentence: 'The list of rules has another order.',
    apply: (inner) => tapped(inner, () => ({ rules: async (rules) => rules.toReversed() })),
  },
];

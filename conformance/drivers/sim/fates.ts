/** Which parts of a Prism die in a story, and when. */
import type { DeathCue, Mishap, Moment, Part, Story } from '../../driver/system.ts';

type Death = Extract<Mishap, { readonly kind: 'death' }>;

/** Is told what comes to pass, and knows whom it kills. */
export interface Fates {
  readonly deaths: readonly Death[];
  readonly onMoment: (moment: Moment) => void;
  /** How many octets the first client has received. */
  readonly onReceived: (octets: number) => void;
  readonly onTime: (ms: number) => void;
}

/** Who dies, when, and when it is back. */
export function createFates(
  { mishaps }: Story,
  kill: (part: Part, awayMs: number | undefined) => void,
): Fates {
  const deaths = mishaps.filter((each) => each.kind === 'death');
  const done = new Set<Death>();
  const strike = (isDue: (cue: DeathCue) => boolean): void => {
    for (const death of deaths) {
      if (done.has(death) || !isDue(death.at)) continue;
      done.add(death);
      kill(death.part, death.awayMs);
    }
  };
  return {
    deaths,
    onMoment: ({ message, nth, what }: Moment): void =>
      strike(
        (cue) =>
          cue.kind === 'moment' &&
          cue.moment.message === message &&
          cue.moment.nth === nth &&
          cue.moment.what === what,
      ),
    onReceived: (octets: number): void =>
      strike((cue) => cue.kind === 'received' && octets >= cue.octets),
    onTime: (ms: number): void => strike((cue) => cue.kind === 'time' && ms >= cue.ms),
  };
}

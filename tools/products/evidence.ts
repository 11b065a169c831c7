/**
 * What is kept of a run of a server switch: no dates, no durations, so that the same run twice is
 * the same text.
 */
import { z } from 'zod';
import { RUN_FORMAT } from '../../conformance/report/json.ts';

/** A scenario in which a product did not do what it must. */
export interface Failure {
  readonly requirement: string;
  readonly scenario: string;
  readonly expected: string;
  readonly observed: string;
  /** Where it is dealt with, where a baseline says so. */
  readonly known?: string | undefined;
}

/** What one run says of one product. */
export interface Evidence {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  readonly target: string;
  readonly claims: readonly string[];
  /** Verdicts by requirement, without what is said in brackets; in the order of the catalogue. */
  readonly verdicts: Readonly<Record<string, string>>;
  readonly failures: readonly Failure[];
}

const verdict = z.string().transform((text) => {
  const { kind = text, more } = /^(?<kind>[^(]*)(?:\((?<more>.*)\))?$/su.exec(text)?.groups ?? {};
  return { kind, more };
});

const runSchema = z.object({
  format: z.literal(RUN_FORMAT),
  settings: z.object({ target: z.string() }),
  hello: z.object({
    name: z.string(),
    vendor: z.string(),
    version: z.string(),
    capabilities: z.array(z.string()),
  }),
  requirements: z.array(z.object({ id: z.string(), verdict, partial: z.boolean().optional() })),
  cases: z.array(
    z.object({
      name: z.string(),
      requirements: z.array(z.string()),
      verdict,
      expected: z.string().optional(),
      observed: z.string().optional(),
    }),
  ),
});

const evidenceSchema: z.ZodType<Evidence> = z.strictObject({
  name: z.string(),
  vendor: z.string(),
  version: z.string(),
  target: z.string(),
  claims: z.array(z.string()),
  verdicts: z.record(z.string(), z.string()),
  failures: z.array(
    z.strictObject({
      requirement: z.string(),
      scenario: z.string(),
      expected: z.string(),
      observed: z.string(),
      known: z.string().optional(),
    }),
  ),
});

/** Reads what was kept. Throws where it is something else. */
export function parseEvidence(text: string): Evidence {
  return evidenceSchema.parse(JSON.parse(text));
}

/** As it is kept: a file that a reader can compare. */
export function evidenceText(evidence: Evidence): string {
  return `${JSON.stringify(evidence, undefined, 1)}\n`;
}

/** What to keep of the JSON report of a run. Throws where it is no such report, or not a whole one. */
export function evidenceOf(text: string): Evidence {
  const { hello, settings, requirements, cases } = runSchema.parse(JSON.parse(text));
  const partial = requirements.find((each) => each.partial === true);
  if (partial !== undefined) throw new Error(`${partial.id} was judged by some of its scenarios`);
  return {
    name: hello.name,
    vendor: hello.vendor,
    version: hello.version,
    target: settings.target,
    claims: hello.capabilities,
    verdicts: Object.fromEntries(requirements.map((each) => [each.id, each.verdict.kind])),
    failures: cases
      .filter(({ verdict: { kind } }) => kind === 'fail')
      .map(({ name, requirements: [id = ''], expected = '', observed = '' }): Failure => {
        const scenario = name.replace(/^\S+ /u, '');
        const standing = requirements.find((each) => each.id === id)?.verdict;
        const known = standing?.kind === 'known-failure' ? { known: standing.more } : {};
        return { requirement: id, scenario, expected, observed, ...known };
      }),
  };
}

/**
 * What two runs of one product say together: the later one of what it has judged.
 *
 * Throws where they are of two products, or of two versions of one.
 */
export function joined(earlier: Evidence, later: Evidence): Evidence {
  const [one, other] = [earlier, later].map(({ name, version }) => `${name} ${version}`);
  if (one !== other) throw new Error(`a run of ${one} and one of ${other}`);
  const kept = earlier.failures.filter(({ requirement }) => !(requirement in later.verdicts));
  return {
    ...later,
    verdicts: { ...earlier.verdicts, ...later.verdicts },
    failures: [...kept, ...later.failures],
  };
}

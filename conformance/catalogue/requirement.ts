/**
 * One requirement of a Prism, and the group it belongs to.
 *
 * Requirements are data: the plan selects them, reports print them, `docs/requirements.md` is
 * written from them.
 */
import type { Capability } from './capability.ts';

/** How binding a requirement is (RFC 2119); MUST NOT is `MUST` with a sentence that says so. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/**
 * Whom a failure blames: the switch alone, controller and backend with it, a server switch, which is
 * no part of a Prism, or nobody.
 */
export type Scope = 'switch' | 'system' | 'balancer' | 'performance';

/** Where a requirement comes from: `RFC9293/3.4` is section 3.4; else a key of `sourceNames`. */
export interface Source {
  readonly ref: string;
  readonly note?: string;
}

/** A sentence that a device is judged by, and all that a reader needs to look it up. */
export interface Requirement {
  /** `PRISM-REW-01`; stable. */
  readonly id: string;
  /** `REW` */
  readonly group: string;
  readonly level: Level;
  /** One sentence that a vendor understands without the code. */
  readonly text: string;
  readonly sources: readonly Source[];
  /** Capabilities without which the requirement is not-applicable. */
  readonly needs: readonly Capability[];
  readonly scope: Scope;
  /** What is sent, and what must be seen. */
  readonly observed: string;
  /** Where the starting catalogue was corrected, and why. */
  readonly note?: string;
}

/** Requirements about one thing. */
export interface RequirementGroup {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly requirements: readonly Requirement[];
}

/** The parts of a requirement beside id, level and text. */
export interface Details {
  readonly sources: readonly (string | Source)[];
  /** Default: none. */
  readonly needs?: readonly Capability[];
  /** Default: `switch`. */
  readonly scope?: Scope;
  readonly observed: string;
  readonly note?: string;
}

/** What the sources mean that are not RFCs. */
export const sourceNames: Readonly<Record<string, string>> = {
  P17: 'slides of "Prism: A Proxy Architecture for Datacenter Networks", SoCC 2017',
  A21: 'abstract of "Prism: Proxies without the Pain", NSDI 2021',
  N21: 'public notes on the slides of NSDI 2021',
  Z: 'a public third-party write-up of NSDI 2021',
  Chase: 'slides "Server Traffic Management"',
  Maglev: 'Maglev: A Fast and Reliable Software Network Load Balancer, NSDI 2016',
  SilkRoad: 'SilkRoad: Making Stateful Layer-4 Load Balancing Fast and Cheap, SIGCOMM 2017',
  Cheetah:
    'A High-Speed Load-Balancer Design with Guaranteed Per-Connection-Consistency, NSDI 2020',
  HAProxy: 'configuration manual of HAProxy 2.6',
  LARD: 'Locality-Aware Request Distribution in Cluster-based Network Servers, ASPLOS 1998',
  PHTTP: 'Efficient Support for P-HTTP in Cluster-Based Web Servers, USENIX 1999',
  Capybara: 'Capybara, 2023: the switch buffers packets during a migration',
  code: "the authors' public research prototype of 2021, read for its behaviour",
  defect: 'a defect of that prototype, by number',
  nf: 'Linux nf_conntrack_seqadj',
  card: 'asked for by the user',
  measured: 'measured on Linux 6.18',
  derived: 'derived by reasoning from the other requirements',
};

/** A requirement of level MUST; the sentence may say MUST NOT. */
export function must(id: string, text: string, details: Details): Requirement {
  return requirement(id, 'MUST', text, details);
}

/** A requirement of level SHOULD; the sentence may say SHOULD NOT. */
export function should(id: string, text: string, details: Details): Requirement {
  return requirement(id, 'SHOULD', text, details);
}

function requirement(id: string, level: Level, text: string, details: Details): Requirement {
  const { sources, needs = [], scope = 'switch', observed, note } = details;
  return {
    id,
    group: id.split('-')[1] ?? '',
    level,
    text,
    sources: sources.map((source) => (typeof source === 'string' ? { ref: source } : source)),
    needs,
    scope,
    observed,
    ...(note === undefined ? {} : { note }),
  };
}

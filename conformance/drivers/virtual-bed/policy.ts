/** How the references are told what a setup says of choosing, of sessions and of checks. */
import type { CheckOptions } from '../../../reference/health/check.ts';
import type {
  KeylessDeclaration,
  PolicyDeclaration,
} from '../../../reference/policy/declaration.ts';
import { CHECK_TARGET, type Choosing, type HealthCheck, type Pool } from '../../driver/balancer.ts';
import { NotSupported } from '../../driver/device.ts';

/** More clients than there are. */
const SESSIONS_MAX = 1024;
/** Each of four servers has its share but for 1 %. */
const MAGLEV_SIZE = 65_537;
/** The most targets that LARD remembers. */
export const LARD_TARGETS = 64;
/** What of a session is kept where its server cannot take anything new. */
const RULES = { dead: 'choose', weightless: 'keep' } as const;

function keylessPolicy(choosing: Choosing): KeylessDeclaration | undefined {
  if (choosing === 'round-robin') return { policy: 'weighted-round-robin', order: 'smooth' };
  if (choosing === 'random') return { policy: 'random' };
  if (choosing !== 'least-connections') return undefined;
  return { policy: 'least-connections', tie: 'first' };
}

function keyedPolicy(choosing: Choosing): PolicyDeclaration | undefined {
  switch (choosing) {
    case 'source-hash':
      return { policy: 'source-hash', placement: { kind: 'modulo', hash: 'crc32' } };
    case 'maglev': {
      const placement = { kind: 'maglev', variant: 'envoy', size: MAGLEV_SIZE } as const;
      return { policy: 'connection-hash', placement };
    }
    case 'url-hash': {
      const placement = { kind: 'modulo', hash: 'sdbm' } as const;
      return { policy: 'url-hash', input: 'path', placement };
    }
    default:
      return undefined;
  }
}

function policyByRequest(choosing: Exclude<Choosing, string>): PolicyDeclaration {
  if (choosing.kind === 'cookie-hash') {
    const { cookie } = choosing;
    return { policy: 'cookie-hash', cookie, placement: { kind: 'ring', variant: 'nginx' } };
  }
  const { low, high } = choosing;
  const common = { policy: 'lard', input: 'path', targets: LARD_TARGETS, low, high } as const;
  if (choosing.kind === 'lard') return { ...common, replicated: false };
  return { ...common, replicated: true, keepMs: choosing.replicaMs };
}

function policyWithSession(
  session: NonNullable<Pool['session']>,
  otherwise: KeylessDeclaration | undefined,
): PolicyDeclaration {
  if (otherwise === undefined) throw new NotSupported('sessions beside a hash');
  if (session.kind === 'cookie') {
    return { policy: 'cookie-insert', cookie: session.name, otherwise, ...RULES };
  }
  const limits = { entriesMax: SESSIONS_MAX, expireMs: session.expireMs };
  return { policy: 'source-affinity', otherwise, ...RULES, ...limits };
}

/** The policy of a pool. */
export function policyOf({ choosing, session }: Pool): PolicyDeclaration {
  const keyless = keylessPolicy(choosing);
  if (session !== undefined) return policyWithSession(session, keyless);
  if (typeof choosing !== 'string') return policyByRequest(choosing);
  const policy = keyless ?? keyedPolicy(choosing);
  if (policy === undefined) throw new Error(`there is no policy ${choosing}`);
  return policy;
}

/** How the servers of a pool are checked. */
export function checkOf({ probe, ...check }: HealthCheck): CheckOptions {
  const statuses = [{ first: 200, last: 299 }];
  return {
    ...check,
    jitterMs: 0,
    probe: probe === 'http' ? { kind: 'http', path: CHECK_TARGET, statuses } : { kind: 'connect' },
  };
}

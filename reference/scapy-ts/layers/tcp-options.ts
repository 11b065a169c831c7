/** TCP options: the tables of those that are known. The list's form is in option-list.ts. */
import { header } from './compile.ts';
import { octetsField, whole } from './fields.ts';
import { fixedOption, optionList, tailedOption } from './option-list.ts';
import type { CommonOption, OptionCodec, OptionList } from './option-list.ts';

/** Maximum segment size, 16 bits. RFC 9293 section 3.7.1. */
export interface MssOption {
  readonly kind: 'mss';
  readonly mss: number;
}

/** Window scale, 8 bits; only 0 … 14 mean something. RFC 7323 section 2.2. */
export interface WindowScaleOption {
  readonly kind: 'windowScale';
  readonly shift: number;
}

/** RFC 2018 section 2. */
export interface SackPermittedOption {
  readonly kind: 'sackPermitted';
}

/** One to four blocks. RFC 2018 section 3. */
export interface SackOption {
  readonly kind: 'sack';
  readonly blocks: readonly SackBlock[];
}

/** A block of received octets: sequence numbers, `right` is the first not in it. */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/** TSval and TSecr, 32 bits each. RFC 7323 section 3.2. */
export interface TimestampsOption {
  readonly kind: 'timestamps';
  readonly value: number;
  readonly echo: number;
}

/** A digest of 16 octets. RFC 2385. */
export interface Md5Option {
  readonly kind: 'md5';
  readonly digest: Uint8Array;
}

/** TCP-AO: two key ids of 8 bits and the code. RFC 5925 section 2.2. */
export interface AuthenticationOption {
  readonly kind: 'authentication';
  readonly keyId: number;
  readonly nextKeyId: number;
  readonly mac: Uint8Array;
}

/** A cookie, empty or of 4 to 16 octets. RFC 7413 section 4.1.1. */
export interface FastOpenOption {
  readonly kind: 'fastOpen';
  readonly cookie: Uint8Array;
}

type KnownOption =
  | MssOption
  | WindowScaleOption
  | SackPermittedOption
  | SackOption
  | TimestampsOption
  | Md5Option
  | AuthenticationOption
  | FastOpenOption;

/** One TCP option. */
export type TcpOption = KnownOption | CommonOption;

/** The types of the known options. IANA "TCP Option Kind Numbers". */
export const TCP_OPTION = {
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  sack: 5,
  timestamps: 8,
  md5: 19,
  authentication: 29,
  fastOpen: 34,
} as const;

const MSS = header<MssOption>('mss', 'MSS', { mss: whole(16) });
const WINDOW_SCALE = header<WindowScaleOption>('windowScale', 'Window scale', { shift: whole(8) });
const SACK_PERMITTED = header<SackPermittedOption>('sackPermitted', 'SACK permitted', {});
const TIMESTAMPS = header<TimestampsOption>('timestamps', 'Timestamps', {
  value: whole(32),
  echo: whole(32),
});
const MD5 = header<Md5Option>('md5', 'MD5', { digest: octetsField() });
const AUTHENTICATION = header<AuthenticationOption>('authentication', 'TCP-AO', {
  keyId: whole(8),
  nextKeyId: whole(8),
  mac: octetsField(),
});
const FAST_OPEN = header<FastOpenOption>('fastOpen', 'TCP Fast Open', { cookie: octetsField() });

interface SackEdges extends SackBlock {
  readonly kind: 'block';
}

const BLOCK = header<SackEdges>('block', 'SACK block', { left: whole(32), right: whole(32) });

const SACK: OptionCodec<SackOption> = {
  type: TCP_OPTION.sack,
  fits: (length) => length > 2 && (length - 2) % BLOCK.lengthOctets === 0,
  read(octets, body, end): SackOption {
    const blocks: SackBlock[] = [];
    for (let at = body; at < end; at += BLOCK.lengthOctets) {
      const { left, right } = BLOCK.read(octets, at);
      blocks.push({ left, right });
    }
    return { kind: 'sack', blocks };
  },
  size: ({ blocks }) => 2 + BLOCK.lengthOctets * blocks.length,
  write(octets, at, option): void {
    octets[at] = TCP_OPTION.sack;
    octets[at + 1] = SACK.size(option);
    option.blocks.forEach(({ left, right }, index) => {
      BLOCK.write(octets, at + 2 + BLOCK.lengthOctets * index, { kind: 'block', left, right }, {});
    });
  },
  show: ({ blocks }) => `sack ${blocks.map(({ left, right }) => `${left}..${right}`).join(' ')}`,
};

/** The options of a TCP header. */
export const TCP_OPTIONS: OptionList<TcpOption> = optionList<KnownOption>({
  timestamps: fixedOption(TCP_OPTION.timestamps, TIMESTAMPS),
  mss: fixedOption(TCP_OPTION.mss, MSS),
  windowScale: fixedOption(TCP_OPTION.windowScale, WINDOW_SCALE),
  sackPermitted: fixedOption(TCP_OPTION.sackPermitted, SACK_PERMITTED),
  sack: SACK,
  md5: tailedOption(TCP_OPTION.md5, MD5, {
    fits: (length) => length === 18,
    read: (octets, body, digest) => MD5.read(octets, body, digest),
    of: (option) => option.digest,
  }),
  authentication: tailedOption(TCP_OPTION.authentication, AUTHENTICATION, {
    fits: (length) => length >= 4,
    read: (octets, body, mac) => AUTHENTICATION.read(octets, body, mac),
    of: (option) => option.mac,
  }),
  fastOpen: tailedOption(TCP_OPTION.fastOpen, FAST_OPEN, {
    fits: (length) => length === 2 || (length >= 6 && length <= 18),
    read: (octets, body, cookie) => FAST_OPEN.read(octets, body, cookie),
    of: (option) => option.cookie,
  }),
});

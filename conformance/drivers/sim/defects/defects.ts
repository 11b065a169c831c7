/**
 * Prisms with one thing wrong, each around the reference and never in it, with the requirement
 * that has to notice.
 */
import { TCP_FLAG } from 'scapy-ts';
import { deafTo, mishearing, resettingAtClose } from './around.ts';
import { CONTROL_DEFECTS } from './control.ts';
import type { SystemDefect } from './defect.ts';
import { HAND_OFF_DEFECTS } from './hand-off.ts';

/** What of a request is misread. */
const READING_DEFECTS: readonly SystemDefect[] = [
  {
    name: 'length-and-coding-accepted',
    sentence: 'Content-Length beside Transfer-Encoding is passed over, and the connection kept.',
    breaks: 'PRISM-CTRL-06',
    wrap: () =>
      mishearing(
        ['controller'],
        /Content-Length(?=: 5\r\nTransfer-Encoding: chunked\r\n\r\n)/u,
        'Kontent-Length',
      ),
  },
  {
    name: 'bare-lf-accepted',
    sentence: 'A bare LF ends a field line.',
    breaks: 'PRISM-CTRL-06',
    wrap: () => mishearing(['controller'], /X: y\nT/u, 'X: \r\nT'),
  },
  {
    name: 'second-host-ignored',
    sentence: 'Of two Host fields the first counts.',
    breaks: 'PRISM-CTRL-05',
    wrap: () => mishearing(['controller'], /(?<=Host: a\.test\r\n)Host/u, 'Hosu'),
  },
  {
    name: 'space-before-colon-accepted',
    sentence: 'A field name may end in a space.',
    breaks: 'PRISM-CTRL-07',
    wrap: () => mishearing(['controller'], /Accept :/u, 'Accept_:'),
  },
  {
    name: 'expectation-ignored',
    sentence: 'Nobody says 100 to a client that waits for it.',
    breaks: 'PRISM-CTRL-08',
    wrap: () => mishearing(['controller'], /Expect:/u, 'Expecu:'),
  },
  {
    name: 'close-ignored',
    sentence: 'The connection is kept although the client has asked for a close.',
    breaks: 'PRISM-CTRL-10',
    wrap: () => mishearing(['controller'], /Connection: close/u, 'Connectiox: close'),
  },
  {
    name: 'empty-line-refused',
    sentence: 'An empty line before a request is no request.',
    breaks: 'PRISM-CTRL-12',
    wrap: () => mishearing(['controller'], /^\r\n/u, 'x\n'),
  },
  {
    name: 'backends-mixed-up',
    sentence: 'The policy is read with the backends in the wrong places.',
    breaks: 'PRISM-CTRL-03',
    misread: (story) => ({
      ...story,
      policy: story.policy.map(({ backends, ...pattern }) => {
        return { ...pattern, backends: backends.map((name) => (name === 'b1' ? 'b2' : 'b1')) };
      }),
    }),
  },
  {
    name: 'one-backend-for-all',
    sentence: 'All requests of a connection are answered by the backend of the first.',
    breaks: 'PRISM-PIPE-09',
    misread: (story) => ({ ...story, policy: [{ backends: ['b1'] }] }),
  },
  {
    name: 'payload-through-controller',
    sentence: 'The controller passes every answer on, whatever it was told.',
    breaks: 'PRISM-CTRL-04',
    misread: (story) => ({ ...story, way: 'pass-on' }),
  },
];

/** What of TCP's ends is missed. */
const CLOSING_DEFECTS: readonly SystemDefect[] = [
  {
    name: 'reset-ignored',
    sentence: 'Nobody hears resets.',
    breaks: 'PRISM-RST-05',
    wrap: () => deafTo(['controller', 'b1', 'b2'], TCP_FLAG.RST),
  },
  {
    name: 'reset-ignored-by-backends',
    sentence: 'The backends do not hear resets.',
    breaks: 'PRISM-RST-06',
    wrap: () => deafTo(['b1', 'b2'], TCP_FLAG.RST),
  },
  {
    name: 'fin-ignored-by-backends',
    sentence: 'The backends do not hear FIN.',
    breaks: 'PRISM-FIN-05',
    wrap: () => deafTo(['b1', 'b2'], TCP_FLAG.FIN),
  },
  {
    name: 'close-is-a-reset',
    sentence: 'A backend closes by a reset, which may overtake what the client has not read.',
    breaks: 'PRISM-PIPE-10',
    wrap: () => resettingAtClose(['b1', 'b2']),
  },
  {
    name: 'close-first-is-a-reset',
    sentence: 'A server that closes first resets the client.',
    breaks: 'PRISM-FIN-06',
    wrap: () => resettingAtClose(['b1', 'b2']),
  },
];

/** All of them. */
export const SYSTEM_DEFECTS: readonly SystemDefect[] = [
  ...HAND_OFF_DEFECTS,
  ...READING_DEFECTS,
  ...CLOSING_DEFECTS,
  ...CONTROL_DEFECTS,
];

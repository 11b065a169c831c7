/** The words of system scenarios that stand for parts, messages and moments. */
import { defineParameterType } from '@cucumber/cucumber';
import {
  MESSAGES,
  type MessageName,
  type Moment,
  type Part,
  type StrangeWord,
} from '../../../conformance/driver/system.ts';
import type { Timing } from './world.ts';

const PARTS: Readonly<Record<string, Part>> = {
  'the controller': 'controller',
  'backend 1': 'b1',
  'backend 2': 'b2',
};
const PLACES: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3 };

const MESSAGE = MESSAGES.toSorted((a, b) => b.length - a.length).join('|');
const NTH = 'first|second|third|\\d+th';
const MOMENT = `the (?:${NTH}) (?:${MESSAGE}) (?:is sent|arrives)`;

/** The part that `words` name. */
export function partOf(words: string): Part {
  const part = PARTS[words];
  if (part === undefined) throw new Error(`no part is called ${words}`);
  return part;
}

/** The message that `words` name. */
export function messageOf(words: string): MessageName {
  const message = MESSAGES.find((each) => each === words);
  if (message === undefined) throw new Error(`no message is called ${words}`);
  return message;
}

/** The place in a row that `words` name, from 1. */
export function placeOf(words: string): number {
  return PLACES[words] ?? Number.parseInt(words, 10);
}

/** The moment that `words` name: `the second offer is sent`, `the first reply to lock arrives`. */
export function momentOf(words: string): Moment {
  const parts = new RegExp(`^the (?<nth>${NTH}) (?<message>${MESSAGE}) (?<what>.*)$`, 'u').exec(
    words,
  )?.groups;
  const { nth = '', message = '', what = '' } = parts ?? {};
  return {
    message: messageOf(message),
    nth: placeOf(nth),
    what: what === 'is sent' ? 'sent' : 'arrived',
  };
}

function timingOf(words: string): Timing {
  const ms = /^after (?<ms>\d+) ms$/u.exec(words)?.groups?.['ms'];
  if (ms !== undefined) return { kind: 'after', ms: Number(ms) };
  const octets = /^once it has (?<octets>\d+) octets$/u.exec(words)?.groups?.['octets'];
  if (octets !== undefined) return { kind: 'received', octets: Number(octets) };
  if (words === 'once it has all answers') return { kind: 'answered' };
  if (words === 'once the server has closed') return { kind: 'peer-finished' };
  if (words === 'at once') return { kind: 'next' };
  return { kind: 'moment', moment: momentOf(words.replace(/^when /u, '')) };
}

defineParameterType({
  name: 'part',
  regexp: new RegExp(Object.keys(PARTS).join('|'), 'u'),
  transformer: partOf,
});

defineParameterType({
  name: 'message',
  regexp: new RegExp(MESSAGE, 'u'),
  transformer: messageOf,
});

defineParameterType({
  name: 'strange-word',
  regexp: /offer|commit|cancel/u,
  transformer: (words: string): StrangeWord =>
    words === 'offer' || words === 'commit' ? words : 'cancel',
});

defineParameterType({ name: 'nth', regexp: new RegExp(NTH, 'u'), transformer: placeOf });

defineParameterType({ name: 'moment', regexp: new RegExp(MOMENT, 'u'), transformer: momentOf });

defineParameterType({
  name: 'timing',
  regexp: new RegExp(
    `at once|after \\d+ ms|once it has all answers|once it has \\d+ octets|once the server has closed|when ${MOMENT}`,
    'u',
  ),
  transformer: timingOf,
});

/** A client by its number, from 0. */
defineParameterType({
  name: 'client',
  regexp: /the client|another client|a third client/u,
  transformer: (words: string): number =>
    ['the client', 'another client', 'a third client'].indexOf(words),
});

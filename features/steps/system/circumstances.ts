/** Steps that say how a Prism is set up, and what goes wrong. */
import { Given, type DataTable } from '@cucumber/cucumber';
import type {
  BackendName,
  MessageName,
  Moment,
  Part,
  PolicyRoute,
  StrangeWord,
} from '../../../conformance/driver/system.ts';
import type { SystemWorld } from '../../support/system/world.ts';

Given(/^locked packets are (dropped|held)$/u, function (this: SystemWorld, what: string) {
  this.lock = what === 'held' ? 'hold' : 'drop';
});

Given('the controller passes requests on', function (this: SystemWorld) {
  this.way = 'pass-on';
});

Given('a policy of', function (this: SystemWorld, table: DataTable) {
  this.policy = table.hashes().map((row): PolicyRoute => {
    const { host, path, cookie, backend: number } = row;
    return {
      ...(host ? { host } : {}),
      ...(path ? { pathPrefix: path } : {}),
      ...(cookie ? { cookie } : {}),
      backends: [number === '2' ? 'b2' : 'b1'],
    };
  });
});

function backend(part: Part): BackendName {
  if (part === 'controller') throw new Error('the controller is no backend');
  return part;
}

Given('{part} refuses every connection', function (this: SystemWorld, part: Part) {
  this.mishaps.push({ kind: 'refusal', backend: backend(part) });
});

Given('{part} hears no offer', function (this: SystemWorld, part: Part) {
  this.mishaps.push({ kind: 'message', message: 'offer', to: part, fate: { kind: 'lost' } });
});

Given('{part} is down', function (this: SystemWorld, part: Part) {
  this.mishaps.push({ kind: 'death', part, at: { kind: 'time', ms: 0 } });
});

Given(
  'the {nth} {message} is lost',
  function (this: SystemWorld, nth: number, message: MessageName) {
    this.mishaps.push({ kind: 'message', message, nth, fate: { kind: 'lost' } });
  },
);

Given('every {message} is lost', function (this: SystemWorld, message: MessageName) {
  this.mishaps.push({ kind: 'message', message, fate: { kind: 'lost' } });
});

Given('every {message} comes twice', function (this: SystemWorld, message: MessageName) {
  this.mishaps.push({ kind: 'message', message, fate: { kind: 'doubled' } });
});

Given(
  'every {message} is {int} ms late',
  function (this: SystemWorld, message: MessageName, ms: number) {
    this.mishaps.push({ kind: 'message', message, fate: { kind: 'late', ms } });
  },
);

Given(
  'the {nth} {message} is {int} ms late',
  function (this: SystemWorld, nth: number, message: MessageName, ms: number) {
    this.mishaps.push({ kind: 'message', message, nth, fate: { kind: 'late', ms } });
  },
);

Given(
  'at every {message} a stranger says {strange-word} to {part}',
  function (this: SystemWorld, hears: MessageName, says: StrangeWord, part: Part) {
    this.mishaps.push({ kind: 'stranger', hears, says, to: backend(part) });
  },
);

Given('{part} dies when {moment}', function (this: SystemWorld, part: Part, moment: Moment) {
  this.mishaps.push({ kind: 'death', part, at: { kind: 'moment', moment } });
});

Given(
  '{part} dies when {moment}, and is back after {int} ms',
  function (this: SystemWorld, part: Part, moment: Moment, awayMs: number) {
    this.mishaps.push({ kind: 'death', part, at: { kind: 'moment', moment }, awayMs });
  },
);

Given(
  '{part} dies when the client has {int} octets',
  function (this: SystemWorld, part: Part, octets: number) {
    this.mishaps.push({ kind: 'death', part, at: { kind: 'received', octets } });
  },
);

Given(
  '{part} dies when the client has {int} octets, and is back after {int} ms',
  function (this: SystemWorld, part: Part, octets: number, awayMs: number) {
    this.mishaps.push({ kind: 'death', part, at: { kind: 'received', octets }, awayMs });
  },
);

Given(
  '{int} of 100 frames and messages are lost, and as many come twice',
  function (this: SystemWorld, percent: number) {
    this.weather = { loss: percent, duplication: percent, jitterUs: 200 };
    // A segment that is lost five times in a row takes half a minute.
    this.patienceMs = 600_000;
  },
);

import test from 'ava';
import { formatReject } from '../../../reference/http/reject.ts';
import {
  createRequestState,
  finishRequests,
  frameRequests,
} from '../../../reference/http/request.ts';
import { brief, cut, octetsOf } from './bed.ts';
import { REJECTED } from './cases.ts';

for (const { name, text, status, reason, at } of REJECTED) {
  test(name, (t) => {
    const octets = octetsOf(`${text}\r\n\r\n`);
    const expected = `reject ${at} ${status} ${reason}`;
    const state = createRequestState();
    const events = frameRequests(state, octets).map(brief);
    t.is(events.at(-1), expected);
    t.is(state.received, at);
    t.deepEqual(frameRequests(state, octets), [], 'nothing after a reject');
    t.deepEqual(finishRequests(state), []);
    t.regex(formatReject(reason), / \(RFC [0-9]+ [0-9.]+\)$/);

    const each = createRequestState();
    const single = cut(octets, [...octets.keys()]).flatMap((octet) => frameRequests(each, octet));
    t.is(single.map(brief).at(-1), expected, 'octet by octet');
    t.deepEqual(
      single.map(brief).filter((event) => !event.startsWith('body')),
      events.filter((event) => !event.startsWith('body')),
    );
  });
}

/** Messages on the wire: field numbers of the specification, written by hand. */
import test from 'ava';
import { statusesOf } from '../../../hardware/p4runtime/grpc/statuses.ts';
import { MESSAGES, METHODS } from '../../../hardware/p4runtime/grpc/protocol.ts';
import { message, number, octetsOf, text } from './protobuf.ts';

const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);
const ELECTION = message(3, number(1, 5), number(2, 7));
const electionId = { high: '5', low: '7' };

test('arbitration: StreamMessageRequest', (t) => {
  const { path, requestSerialize } = METHODS.stream;
  t.is(path, '/p4.v1.P4Runtime/StreamChannel');
  t.deepEqual(
    requestSerialize({ arbitration: { deviceId: '3', electionId } }),
    octetsOf(message(1, number(1, 3), ELECTION)),
  );
});

test('arbitration and idle entries: StreamMessageResponse', (t) => {
  const { responseDeserialize } = METHODS.stream;
  const status = message(4, number(1, 6), text(2, 'Is backup'));
  t.like(responseDeserialize(octetsOf(message(1, number(1, 3), ELECTION, status))), {
    arbitration: { deviceId: '3', electionId, status: { code: 6, message: 'Is backup' } },
  });
  const exact = message(2, number(1, 4), message(2, message(1, [9])));
  const entry = message(1, number(1, 77), exact, number(4, 12));
  t.like(responseDeserialize(octetsOf(message(4, entry, number(2, 99)))), {
    idleTimeoutNotification: {
      tableEntry: [
        { tableId: 77, priority: 12, match: [{ fieldId: 4, exact: { value: Buffer.of(9) } }] },
      ],
      timestamp: '99',
    },
  });
});

test('a table entry: WriteRequest', (t) => {
  const { path, requestSerialize } = METHODS.write;
  t.is(path, '/p4.v1.P4Runtime/Write');
  const tableEntry = {
    tableId: 33554433,
    match: [
      { fieldId: 1, exact: { value: octets(1) } },
      { fieldId: 2, ternary: { value: octets(2), mask: octets(3) } },
      { fieldId: 3, lpm: { value: octets(10, 0), prefixLen: 8 } },
    ],
    action: { action: { actionId: 16777217, params: [{ paramId: 1, value: octets(4) }] } },
    priority: 10,
    idleTimeoutNs: '1500000000',
  };
  const written = message(
    2,
    number(1, 33554433),
    message(2, number(1, 1), message(2, message(1, [1]))),
    message(2, number(1, 2), message(3, message(1, [2]), message(2, [3]))),
    message(2, number(1, 3), message(4, message(1, [10, 0]), number(2, 8))),
    message(3, message(1, number(1, 16777217), message(4, number(2, 1), message(3, [4])))),
    number(4, 10),
    number(9, 1_500_000_000),
  );
  t.deepEqual(
    requestSerialize({
      deviceId: '3',
      electionId,
      updates: [{ type: 'DELETE', entity: { tableEntry } }],
    }),
    octetsOf(number(1, 3), ELECTION, message(4, number(1, 3), message(2, written))),
  );
});

test('a counter cell and a multicast group: WriteRequest', (t) => {
  const counterEntry = {
    counterId: 301989889,
    index: { index: '7' },
    data: { byteCount: '300', packetCount: '2' },
  };
  const multicastGroupEntry = {
    multicastGroupId: 1,
    replicas: [
      { egressPort: 5, instance: 6 },
      { port: octets(7), instance: 8 },
    ],
  };
  t.deepEqual(
    METHODS.write.requestSerialize({
      updates: [
        { type: 'MODIFY', entity: { counterEntry } },
        { type: 'INSERT', entity: { packetReplicationEngineEntry: { multicastGroupEntry } } },
      ],
    }),
    octetsOf(
      message(
        4,
        number(1, 2),
        message(
          2,
          message(
            7,
            number(1, 301989889),
            message(2, number(1, 7)),
            message(3, number(1, 300), number(2, 2)),
          ),
        ),
      ),
      message(
        4,
        number(1, 1),
        message(
          2,
          message(
            9,
            message(
              1,
              number(1, 1),
              message(2, number(1, 5), number(2, 6)),
              message(2, number(2, 8), message(3, [7])),
            ),
          ),
        ),
      ),
    ),
  );
});

test('entries with counter and time: ReadRequest and ReadResponse', (t) => {
  const { path, requestSerialize, responseDeserialize } = METHODS.read;
  t.is(path, '/p4.v1.P4Runtime/Read');
  const tableEntry = { tableId: 77, counterData: {}, timeSinceLastHit: {} };
  t.deepEqual(
    requestSerialize({ deviceId: '3', entities: [{ tableEntry }] }),
    octetsOf(number(1, 3), message(2, message(2, number(1, 77), message(7), message(10)))),
  );
  const entry = [
    number(1, 77),
    message(7, number(1, 1500), number(2, 1)),
    message(10, number(1, 2_500_000)),
  ];
  t.like(responseDeserialize(octetsOf(message(1, message(2, ...entry)))), {
    entities: [
      {
        tableEntry: {
          tableId: 77,
          counterData: { byteCount: '1500', packetCount: '1' },
          timeSinceLastHit: { elapsedNs: '2500000' },
        },
      },
    ],
  });
});

test('the pipeline: Set- and GetForwardingPipelineConfig', (t) => {
  t.is(METHODS.setPipeline.path, '/p4.v1.P4Runtime/SetForwardingPipelineConfig');
  t.is(METHODS.getPipeline.path, '/p4.v1.P4Runtime/GetForwardingPipelineConfig');
  const cookie = { cookie: '18446744073709551615' };
  const p4info = { tables: [{ preamble: { id: 77, name: 'T' }, size: '300' }] };
  t.deepEqual(
    METHODS.setPipeline.requestSerialize({
      deviceId: '3',
      electionId,
      action: 'VERIFY_AND_COMMIT',
      config: { p4info, p4DeviceConfig: octets(1, 2), cookie },
    }),
    octetsOf(
      number(1, 3),
      ELECTION,
      number(4, 3),
      message(
        5,
        message(1, message(2, message(1, number(1, 77), text(2, 'T')), number(8, 300))),
        message(2, [1, 2]),
        message(3, number(1, 0xffff_ffff_ffff_ffffn)),
      ),
    ),
  );
  t.deepEqual(
    METHODS.getPipeline.requestSerialize({ deviceId: '3', responseType: 'COOKIE_ONLY' }),
    octetsOf(number(1, 3), number(2, 1)),
  );
  const answer = octetsOf(message(1, message(3, number(1, 0xffff_ffff_ffff_ffffn))));
  t.like(METHODS.getPipeline.responseDeserialize(answer), { config: { cookie } });
});

test('P4Info: tables, fields, actions, counters and registers', (t) => {
  const p4info = {
    tables: [
      {
        preamble: { id: 77, name: 'T', alias: 't', annotations: ['@x'] },
        matchFields: [{ id: 1, name: 'f', bitwidth: 9, matchType: 'TERNARY' }],
        actionRefs: [{ id: 66, scope: 'DEFAULT_ONLY' }],
        constDefaultActionId: 66,
        initialDefaultAction: { actionId: 66, arguments: [{ paramId: 1, value: 'Bw==' }] },
        directResourceIds: [55],
        idleTimeoutBehavior: 'NOTIFY_CONTROL',
      },
    ],
    actions: [{ preamble: { id: 66, name: 'A' }, params: [{ id: 1, name: 'p', bitwidth: 9 }] }],
    counters: [{ preamble: { id: 44, name: 'C' }, spec: { unit: 'BOTH' }, size: '8' }],
    registers: [{ typeSpec: { bitstring: { bit: { bitwidth: 48 } } }, size: 4 }],
  };
  t.deepEqual(
    MESSAGES.p4info.serialize(p4info),
    octetsOf(
      message(
        2,
        message(1, number(1, 77), text(2, 'T'), text(3, 't'), text(4, '@x')),
        message(2, number(1, 1), text(2, 'f'), number(4, 9), number(5, 4)),
        message(3, number(1, 66), number(3, 2)),
        number(4, 66),
        message(5, number(1, 66), message(4, number(2, 1), message(3, [7]))),
        message(7, [55]),
        number(9, 1),
      ),
      message(
        3,
        message(1, number(1, 66), text(2, 'A')),
        message(2, number(1, 1), text(2, 'p'), number(4, 9)),
      ),
      message(5, message(1, number(1, 44), text(2, 'C')), message(2, number(1, 3)), number(3, 8)),
      message(11, message(2, message(1, message(1, number(1, 48)))), number(3, 4)),
    ),
  );
});

test('a frame: PacketStreamRequest and PacketStreamResponse', (t) => {
  const { path, requestSerialize, responseDeserialize } = METHODS.packetStream;
  t.is(path, '/p4.bm.DataplaneInterface/PacketStream');
  const frame = { id: '9', deviceId: '3', port: 511, packet: Buffer.of(1, 2, 3) };
  const octetsOfFrame = octetsOf(number(1, 9), number(2, 3), number(3, 511), message(4, [1, 2, 3]));
  t.deepEqual(requestSerialize(frame), octetsOfFrame);
  t.deepEqual(responseDeserialize(octetsOfFrame), frame);
});

const any = (typeUrl: string, ...fields: readonly (readonly number[])[]): readonly number[] =>
  message(3, text(1, typeUrl), message(2, ...fields));

test('what became of each update: google.rpc.Status with p4.v1.Error', (t) => {
  const status = octetsOf(
    number(1, 2),
    text(2, 'write failed'),
    any(
      'type.googleapis.com/p4.v1.Error',
      number(1, 8),
      text(2, 'full'),
      text(3, 'x'),
      number(4, 1),
    ),
    any('type.googleapis.com/p4.v1.Error'),
    any('type.googleapis.com/p4.v1.Error', number(1, 99), text(2, 'odd')),
  );
  t.deepEqual(statusesOf('s', { code: 'UNKNOWN', message: '', status }), [
    { ok: false, code: 'RESOURCE_EXHAUSTED', message: 'full' },
    { ok: true },
    { ok: false, code: 'UNKNOWN', message: 'odd' },
  ]);
});

test('a status without details, or with details of others, does not tell updates apart', (t) => {
  const other = octetsOf(number(1, 2), any('type.googleapis.com/google.rpc.Help', number(1, 8)));
  for (const status of [octetsOf(number(1, 2), text(2, 'no')), other]) {
    t.is(statusesOf('s', { code: 'UNKNOWN', message: '', status }), undefined);
  }
  t.is(statusesOf('s', { code: 'UNKNOWN', message: '' }), undefined);
});

test('details that are no protobuf message are told as such', (t) => {
  const status = Buffer.of(0x1a, 0xff);
  const error = t.throws(() => statusesOf('the switch', { code: 'UNKNOWN', message: '', status }));
  t.regex(error.message, /^the switch sends an error that cannot be read/u);
});

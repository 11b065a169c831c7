/** P4Info as p4c writes it, of a program that does not exist: one table of each kind. */

const tableOf = (id: number, name: string, matchFields: object[], more: object): object => ({
  preamble: { id, name: `Ingress.${name}`, alias: name },
  matchFields,
  actionRefs: [{ id: 16777217 }, { id: 16777218 }, { id: 16777219, scope: 'DEFAULT_ONLY' }],
  initialDefaultAction: { actionId: 16777219 },
  ...more,
});

/** The P4Info of the program. */
export const P4INFO: object = {
  pkgInfo: { arch: 'v1model' },
  tables: [
    tableOf(
      33554433,
      'flows',
      [
        { id: 1, name: 'src', bitwidth: 128, matchType: 'EXACT' },
        { id: 2, name: 'port', bitwidth: 16, matchType: 'EXACT' },
      ],
      { size: '1024' },
    ),
    tableOf(33554434, 'routes', [{ id: 1, name: 'dst', bitwidth: 32, matchType: 'LPM' }], {
      size: '4',
      directResourceIds: [318767105],
      idleTimeoutBehavior: 'NOTIFY_CONTROL',
    }),
    tableOf(
      33554435,
      'acl',
      [
        { id: 1, name: 'dst', bitwidth: 9, matchType: 'TERNARY' },
        { id: 2, name: 'src', bitwidth: 32, matchType: 'LPM' },
        { id: 3, name: 'flag', bitwidth: 1, matchType: 'EXACT' },
      ],
      { size: '64' },
    ),
  ],
  actions: [
    {
      preamble: { id: 16777217, name: 'Ingress.forward', alias: 'forward' },
      params: [
        { id: 1, name: 'to', bitwidth: 9 },
        { id: 2, name: 'mac', bitwidth: 48 },
      ],
    },
    { preamble: { id: 16777218, name: 'Ingress.drop', alias: 'drop', annotations: ['@a'] } },
    { preamble: { id: 16777219, name: 'NoAction', alias: 'NoAction' } },
  ],
  counters: [
    {
      preamble: { id: 301989889, name: 'Ingress.seen', alias: 'seen' },
      spec: { unit: 'BOTH' },
      size: '8',
    },
  ],
  directCounters: [
    {
      preamble: { id: 318767105, name: 'Ingress.hits', alias: 'hits' },
      spec: { unit: 'BOTH' },
      directTableId: 33554434,
    },
  ],
  registers: [
    {
      preamble: { id: 369098753, name: 'Ingress.macs', alias: 'macs' },
      typeSpec: { bitstring: { bit: { bitwidth: 48 } } },
      size: 4096,
    },
  ],
  typeInfo: {},
};

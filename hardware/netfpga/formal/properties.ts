/** All that is proved of the core. */
import type { Property } from './property.ts';

/** What a frame becomes, and what software does: it matters to no count of frames. */
const NOT_COUNTING = 'flows rules options rewrite bridge usage registers tables axi_lite';
const COUNTING = 'core ingress fifo parse decide egress delay memory hash add checksum';

/** The properties, the quickest of each subject first. */
export const PROPERTIES: readonly Property[] = [
  {
    name: 'recompute',
    says: 'a checksum that was right is what a sender would have computed, and words have no order',
    files: ['checksum', 'delay'],
    method: { kind: 'pipeline', clocks: 5 },
    witnessClocks: 6,
    mutants: [
      { file: 'checksum', from: "total[15:0] + {15'd0, total[16]}", to: 'total[15:0]' },
      { file: 'checksum', from: '~before[16*word', to: 'before[16*word' },
    ],
  },
  {
    name: 'checksum',
    says: 'the checksum of 28 words moves by equation 3 of RFC 1624',
    files: ['checksum', 'delay'],
    method: { kind: 'pipeline', clocks: 5 },
    witnessClocks: 6,
    mutants: [
      { file: 'checksum', from: "+ {11'd0, sum_reg[21:16]}", to: '' },
      { file: 'checksum', from: "+ {15'd0, folded_reg[16]}", to: '' },
      { file: 'checksum', from: "total[15:0] + {15'd0, total[16]}", to: 'total[15:0]' },
      { file: 'checksum', from: "folded_twice == 16'hffff ? 16'd0 : ", to: '' },
      { file: 'checksum', from: 'reg [20*PARTS-1:0]', to: 'reg [20*PARTS-2:0]' },
    ],
  },
  {
    name: 'add',
    says: 'a number at any place among the options grows by its delta, and nothing else changes',
    files: ['add'],
    method: { kind: 'pipeline', clocks: 2 },
    witnessClocks: 3,
    mutants: [
      { file: 'add', from: '(passes_1 && passes_2 && over_reg[octet+3])', to: "1'b0" },
      { file: 'add', from: '!last_reg[octet] && (', to: '(' },
      { file: 'add', from: "sum[7:0] == 8'hff", to: "sum[7:1] == 7'h7f" },
      { file: 'add', from: 'full_reg[octet+2] && !last_reg[octet+2]', to: 'full_reg[octet+2]' },
    ],
  },
  {
    name: 'options',
    says: 'the marks of any options are those of a walk from option to option',
    files: ['options'],
    method: { kind: 'pipeline', clocks: 11 },
    witnessClocks: 12,
    mutants: [
      { file: 'options', from: "length > {2'd0, behind}", to: "1'b0" },
      { file: 'options', from: "number == 6'd4", to: "number == 6'd5" },
      { file: 'options', from: 'ended_next = ended_next || looks', to: 'ended_next = looks' },
    ],
  },
  {
    name: 'fifo',
    says: 'a queue loses, doubles, tears and reorders nothing, and what it offers stands',
    files: ['fifo'],
    parameters: { DEPTH_LOG2: 3 },
    method: { kind: 'reachability' },
    witnessClocks: 20,
    mutants: [
      { file: 'fifo', from: 'assign in_ready = level != DEPTH', to: "assign in_ready = 1'b1" },
      { file: 'fifo', from: 'assign out_valid = level != 0', to: "assign out_valid = 1'b1" },
      { file: 'fifo', from: 'out_valid && out_ready', to: 'out_valid' },
      { file: 'fifo', from: 'if (is_written) memory', to: 'if (in_valid) memory' },
    ],
  },
  {
    name: 'ingress',
    says: 'whatever comes in, what goes on is well-formed, and gives one header',
    files: ['ingress'],
    method: { kind: 'induction', clocks: 2 },
    witnessClocks: 10,
    mutants: [
      { file: 'ingress', from: 'is_short = |(due_keep', to: 'is_short = &(due_keep' },
      { file: 'ingress', from: 'state_reg == SWALLOW || (word_ready', to: '(word_ready' },
      {
        file: 'ingress',
        from: '? s_axis_tkeep : (s_axis',
        to: '? s_axis_tkeep : s_axis_tkeep; wire [WORD_OCTETS-1:0] other = (s_axis',
      },
      { file: 'ingress', from: 's_axis_tlast ? FIRST : SWALLOW', to: 'FIRST' },
      { file: 'ingress', from: 'word_keep[octet] ?', to: 's_axis_tkeep[octet] ?' },
    ],
  },
  {
    name: 'egress',
    says: 'what leaves is what was queued with its edit, once, in order, and stands until taken',
    files: ['egress'],
    method: { kind: 'reachability' },
    witnessClocks: 20,
    mutants: [
      { file: 'egress', from: '!m_axis_tvalid || m_axis_tready', to: "1'b1" },
      { file: 'egress', from: 'is_taken && !is_dropped;', to: 'is_taken;' },
      { file: 'egress', from: 'else if (place_reg != ALL_EDITED)', to: 'else' },
      { file: 'egress', from: 'is_sent || (m_axis_tvalid && !m_axis_tready)', to: 'is_sent' },
    ],
  },
  {
    name: 'flows',
    says: 'a lookup finds what stood in its rows at one moment: no half row, none lost in a move',
    files: ['flows', 'memory', 'delay'],
    method: { kind: 'induction', clocks: 7 },
    witnessClocks: 20,
    mutants: [
      { file: 'flows', from: "is_emptied ? {WIDTH{1'b0}} : stored_word", to: 'stored_word' },
      { file: 'flows', from: 'if (hits_reg[0])', to: 'if (hits_reg[0] && !hits_reg[1])' },
      { file: 'flows', from: '.CYCLES(2)', to: '.CYCLES(1)' },
      {
        file: 'memory',
        from: 'rows[write_row] <= write_word',
        to: 'rows[write_row][WIDTH/2:0] <= write_word',
      },
    ],
  },
  {
    name: 'rules',
    says: 'a rule is whole at each moment, for both directions',
    files: ['rules', 'memory', 'delay'],
    method: { kind: 'induction', clocks: 4 },
    witnessClocks: 12,
    mutants: [
      {
        file: 'memory',
        from: 'rows[write_row] <= write_word',
        to: 'rows[write_row][WIDTH/2:0] <= write_word',
      },
      { file: 'rules', from: 'write_word[111:32]', to: 'write_word[110:31]' },
      { file: 'rules', from: 'rule_valid ? rule : read_row', to: 'read_request ? read_row : rule' },
    ],
  },
  {
    name: 'tables',
    says: 'what is refused changes nothing, a command ends, emptying comes by every row',
    files: ['tables'],
    method: { kind: 'reachability' },
    witnessClocks: 24,
    mutants: [
      { file: 'tables', from: 'epoch < fence', to: 'epoch < fence - 1' },
      { file: 'tables', from: 'if (is_write) fence_next', to: 'fence_next' },
      { file: 'tables', from: 'if (read_valid) state_next = IDLE', to: 'state_next = WAIT' },
      { file: 'tables', from: "emptied_next = {EMPTY_LOG2{1'b0}};", to: '' },
      {
        file: 'tables',
        from: 'address_next = address;',
        to: "address_next = {address[31:1], 1'b0};",
      },
    ],
  },
  {
    name: 'usage',
    says: 'all uses of a row are counted, back to back too',
    files: ['usage', 'memory', 'delay'],
    method: { kind: 'induction', clocks: 5 },
    witnessClocks: 14,
    mutants: [
      { file: 'usage', from: 'last_valid && last_row == fetched_row ? last_word :', to: '' },
      { file: 'usage', from: 'older_valid && older_row == fetched_row ? older_word :', to: '' },
      { file: 'usage', from: 'resetn && (fetched_valid || write_request)', to: 'fetched_valid' },
      { file: 'usage', from: 'write_request && !fetched_valid', to: 'write_request' },
    ],
  },
  {
    name: 'credits',
    says: 'what is decided about a frame finds room in its queue: no more frames are inside',
    files: `${NOT_COUNTING} ${COUNTING}`.split(' '),
    cuts: [
      ...NOT_COUNTING.split(' ').map((module) => `${module}*/c:*`),
      'fifo*/t:$mem*',
      'fifo*/m:*',
    ],
    method: { kind: 'induction', clocks: 12 },
    witnessClocks: 60,
    mutants: [
      { file: 'egress', from: 'is_taken && word_last;', to: 'word_valid && word_last;' },
      { file: 'core', from: "- {{QUEUE_LOG2{1'b0}}, frame_ends}", to: '' },
      { file: 'egress', from: 'assign word_ready = edit_valid && (', to: 'assign word_ready = (' },
    ],
  },
];

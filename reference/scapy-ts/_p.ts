import { build, ether, ipv4, parse, raw, tcp } from './index.ts';
const len = Number(process.argv[2]);
const packet = [ether({ dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' }), ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }),
 tcp({ srcPort: 40000, dstPort: 80, seq: 0xfffffff0, ack: 0x80000000, flags: 'PA', options: [{kind:'nop'},{kind:'nop'},{kind:'timestamps',value:0xdeadbeef,echo:77}] }), raw(new Uint8Array(len-66).fill(0x5a))];
const octets = build(packet);
for (let i = 0; i < 3e6; i++) { build(packet); parse(octets); }

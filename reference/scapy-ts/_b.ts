import { build, ether, ipv4, parse, raw, tcp } from './index.ts';
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) * 1000; };
for (const len of [66,1514]) for (const opt of [true,false]) {
const packet = [ether({ dst: '02:00:00:00:00:02', src: '02:00:00:00:00:01' }), ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }),
 tcp({ srcPort: 40000, dstPort: 80, seq: 0xfffffff0, ack: 0x80000000, flags: 'PA', options: opt?[{kind:'nop'},{kind:'nop'},{kind:'timestamps',value:0xdeadbeef,echo:77}]:[] }), raw(new Uint8Array(len-66).fill(0x5a))];
const octets = build(packet);
const N=100000;
const run = (n: string, f: () => unknown) => { let best=Infinity; for (let r=0;r<10;r++){ const t=cpu(); for (let i=0;i<N;i++) f(); const d=(cpu()-t)/N; best=Math.min(best,d);} console.log(octets.length, opt, n, best.toFixed(0),'ns'); };
run('parse', () => parse(octets));
const p = parse(octets).layers;
run('build parsed', () => build(p));
run('build written', () => build(packet));
run('parse+build', () => build(parse(octets).layers));
run('parse, checksums, build', () => build(parse(octets).layers.map((l) => ('checksum' in l ? { ...l, checksum: undefined } : l))));
}

// A Prism switch in Go: a learning bridge that hands connections off, by rules that stay until a
// reset. It speaks prism-dut/1 on a pipe. Its short lines are not gofmt's, which makes 110 of 60.
package main
import ("encoding/json"; "net"; "os")
const hello = `{ "protocol": "prism-dut/1", "name": "device-go", "version": "1", "mtu": 1500,
	"ports": { "client0": 0, "client1": 1, "controller": 2, "backend0": 3, "backend1": 4 },
	"capabilities": ["BRIDGE", "MATCH", "REVERSE"], "barrier": "in-order", "clock": "virtual" }`
type end struct { Address, Mac string; Port int }
type frame struct { Port int `json:"port"`; Frame []byte `json:"frame"` } // JSON has it in base64
type rule struct { Client, Virtual, Owner end }
type request struct { ID int; Method string; Params struct { Rule rule; Frames []frame } }
type object map[string]any
var macs, flows, left = map[string]int{}, map[string]string{}, []frame{} // flows: old ends, new ends
func ends(from, to end) string { // as they stand in a packet: both addresses, then both ports
	ports := []byte{byte(from.Port >> 8), byte(from.Port), byte(to.Port >> 8), byte(to.Port)}
	return string(net.ParseIP(from.Address).To4()) + string(net.ParseIP(to.Address).To4()) + string(ports)
}
func correct(sum, old []byte, new string) { // RFC 1624 is arithmetic modulo 65535
	total := int(sum[0])<<8 + int(sum[1]) + 12*65535
	for i := range old { total += (int(old[i]) - int(new[i])) << (8 - i%2*8) }
	sum[0], sum[1] = byte(total%65535>>8), byte(total%65535)
}
func passes(f []byte) bool { // translates a frame in place; false drops what is not claimed
	if len(f) < 35 || f[12] != 8 || f[13] != 0 || f[23] != 1 && f[23] != 6 { return true }
	if f[23] == 1 && len(f) > 65 { return flows["error about "+string(f[54:66])] == "" }
	if f[23] == 1 || len(f) < 54 || f[14] != 0x45 || f[20]&0x3f|f[21] != 0 { return false }
	if n, size := int(f[46]>>4)*4, int(f[16])<<8+int(f[17]); n < 20 || size < 20+n || size > len(f)-14 { return false }
	to, ruled := flows[string(f[26:38])]
	if !ruled || to == "" { return !ruled }
	correct(f[24:26], f[26:34], to); correct(f[50:52], f[26:38], to)
	copy(f[26:38], to); copy(f[:6], to[12:])
	return true
}
func forward(in int, f []byte) {
	if len(f) > 13 && f[6]&1 == 0 { macs[string(f[6:12])] = in }
	if len(f) < 14 || !passes(f) { return }
	out, known := macs[string(f[:6])]
	for p := 0; p < 5; p++ { if p != in && (!known || p == out) { left = append(left, frame{p, f}) } }
}
func main() {
	for in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout); ; {
		var ask request
		if in.Decode(&ask) != nil { return }
		reply, rule := object{"jsonrpc": "2.0", "id": ask.ID, "result": object{"ok": true}}, ask.Params.Rule
		switch ask.Method {
		case "hello": reply["result"] = json.RawMessage(hello)
		case "reset": macs, flows, left = map[string]int{}, map[string]string{}, []frame{}
		case "collect": reply["result"], left = object{"frames": left}, []frame{}
		case "rule.add":
			mac, _ := net.ParseMAC(rule.Owner.Mac)
			flows[ends(rule.Virtual, rule.Client)] = ""
			flows[ends(rule.Client, rule.Virtual)] = ends(rule.Client, rule.Owner) + string(mac)
			flows[ends(rule.Owner, rule.Client)] = ends(rule.Virtual, rule.Client)
			flows["error about "+ends(rule.Client, rule.Owner)] = "not claimed"
		case "inject": for _, each := range ask.Params.Frames { forward(each.Port, each.Frame) }
		default: reply = object{"jsonrpc": "2.0", "id": ask.ID, "error": object{"code": -32601, "message": ""}}
		}
		out.Encode(reply)
	}
}

"""A Prism switch, whole: a learning bridge with HANDOFF rules. It speaks prism-dut/1 on a pipe."""
import base64, functools, json, sys; from socket import inet_aton
HELLO = {'protocol': 'prism-dut/1', 'name': 'device-py', 'mtu': 9000, 'profile': {'capacity': 64},
         'ports': {'client0': 0, 'client1': 1, 'controller': 2, 'backend0': 3, 'backend1': 4},
         'version': '1', 'barrier': 'in-order', 'clock': 'virtual'}
CLAIMS = 'BRIDGE MATCH REVERSE RULES LOCK LOCKBOTH EPOCH CAPACITY JUMBO'.split()
macs, rules, epochs, flows, left = {}, {}, {}, {}, []  # flows: source and destination -> treatment
def num(octets): return int.from_bytes(octets, 'big')
def end(e): return inet_aton(e['address']) + (e['port'] >> 16 == 0 and e['port']).to_bytes(2, 'big')
def mac(rule): return bytes.fromhex(rule['owner']['mac'].replace(':', ''))
def passes(f):  # translates a frame in place; False drops it: neither ICMP nor FRAG is claimed
    if len(f) < 35 or f[12:14] != b'\x08\x00' or f[23] not in (1, 6): return True
    if f[23] == 1: return (bytes(f[58:62] + f[64:66]), bytes(f[54:58] + f[62:64])) not in flows
    if len(f) < 54 or f[14] != 0x45 or num(f[20:22]) & 0x3fff: return False
    if not 40 <= 20 + f[46] // 16 * 4 <= num(f[16:18]) <= len(f) - 14: return False
    src, dst = bytes(f[26:30] + f[34:36]), bytes(f[30:34] + f[36:38])
    if (src, dst) not in flows: return True
    entry, side, new = flows[src, dst]
    rule, (old, at, port) = entry['rule'], (dst, 30, 36) if side == 'client' else (src, 26, 34)
    if rule['locked'] or not new or side == 'owner' and f[6:12] != mac(rule): return False
    entry[side + 'Frames'] += 1
    for c, n in (24, 4), (50, 6):  # IPv4 and TCP checksum: RFC 1624 is arithmetic modulo 65535
        f[c:c + 2] = ((num(f[c:c + 2]) + num(old[:n]) - num(new[:n])) % 65535).to_bytes(2, 'big')
    f[at:at + 4], f[port:port + 2] = new[:4], new[4:]
    if side == 'client': f[:6] = mac(rule)
    return True
def inject(frames):
    for port, f in ((each['port'], bytearray(base64.b64decode(each['frame']))) for each in frames):
        if len(f) > 13 and f[6] % 2 == 0: macs[bytes(f[6:12])] = port
        to = passes(f) and [p for p in range(5) if p != port and macs.get(bytes(f[:6]), p) == p]
        left.extend({'port': p, 'frame': base64.b64encode(f).decode()} for p in to or [])
def change(op, epoch, rule=None, key=None, owner=None, unlock=False, **_):
    name = end((rule or key)['client']), end((rule or key)['virtual'])
    old = (entry := rules.get(name, {'rule': None, 'clientFrames': 0, 'ownerFrames': 0}))['rule']
    if op in ('lock', 'unlock'): rule = old and {**old, 'locked': op == 'lock'}
    if op == 'chown': rule = old and {**old, 'owner': owner, 'locked': old['locked'] and not unlock}
    ends = [*name, end(rule['owner'])] if rule else name
    bad = {'stale': epoch < epochs.get(name, 0), 'unknown': not rule and op != 'delete',
           'exists': op == 'add' and old not in (None, rule),
           'full': op == 'add' and not old and len(rules) == 64,
           'invalid': rule and (ends[0] in ends[1:] or not num(mac(rule)) or mac(rule)[0] % 2 or
               any(e[0] in (0, 127, *range(224, 240), 255) or not num(e[4:]) for e in ends)),
           'conflict': rule and flows.get((ends[2], ends[0]), [entry])[0] is not entry}
    for error in (each for each in bad if bad[each]): return {'ok': False, 'error': error}
    rules[name], epochs[name] = {**entry, 'rule': rule, 'epoch': epoch}, epoch
    if op == 'delete': del rules[name]
    flows.clear()
    for e in rules.values():
        c, v, o = (end(e['rule'][each]) for each in ('client', 'virtual', 'owner'))
        flows.update({(v, c): (e, 'owner', ''), (c, v): (e, 'client', o), (o, c): (e, 'owner', v)})
    return {'ok': True}
CALL = {'inject': inject, 'rule.get': lambda: {'rules': [*rules.values()]},
        'hello': lambda protocol, asks: {**HELLO, 'capabilities': [c for c in asks if c in CLAIMS]},
        'reset': lambda: [each.clear() for each in (macs, rules, epochs, flows, left)],
        'collect': lambda: {'frames': [left.pop(0) for _ in left[:]]}}
for op in 'add lock unlock chown delete'.split(): CALL['rule.' + op] = functools.partial(change, op)
for ask in map(json.loads, sys.stdin):
    answer = {'error': {'code': -32601, 'message': 'unknown method'}}
    if ask['method'] in CALL: answer = {'result': CALL[ask['method']](**ask['params'])}
    print(json.dumps({'jsonrpc': '2.0', 'id': ask['id'], **answer}), flush=True)

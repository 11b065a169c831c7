"""Linux as a Prism switch: a bridge between veth ports, and nftables rules that rewrite at ingress.

Started in a network namespace of its own (see nftables.yaml), where it makes all that it needs; the
namespace ends with it. Every rule is stateless: nftables patches checksums by the difference, as a
switch does. It speaks prism-dut/1 on a pipe. Frames go in and out by packet sockets at the far ends
of the veth pairs; all of it runs on one processor, so that frames of a port keep their order.
"""
import base64, ipaddress, json, os, socket, struct, subprocess, sys

PORTS = {'client0': 0, 'client1': 1, 'controller': 2, 'backend0': 3, 'backend1': 4}
CLAIMS = ['BRIDGE', 'MATCH', 'REVERSE', 'RULES', 'LOCK', 'LOCKBOTH', 'EPOCH', 'CAPACITY', 'V6', 'JUMBO']
MTU = 9000
CAPACITY = 64
ETH_P_ALL, SOL_PACKET, PACKET_STATISTICS, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 3, 263, 6, 8, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 16, 64


# Not the PATH of whoever starts us: npm puts another nft on it.
SYSTEM = {**os.environ, 'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}


def run(*words, text=''):
    """Runs a program of the system; its complaint is ours."""
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, env=SYSTEM)
    if done.returncode:
        sys.exit(f'{" ".join(words)}: {done.stderr.strip()}')
    return done.stdout


def bed():
    """The bridge, and a veth pair for each port: s0… on the bridge, h0… for the suite."""
    for family in ('all', 'default'):
        with open(f'/proc/sys/net/ipv6/conf/{family}/disable_ipv6', 'w') as switch:
            switch.write('1')
    batch = ['link add br0 type bridge stp_state 0 mcast_snooping 0', 'link set br0 up']
    for port in PORTS.values():
        batch += [f'link add s{port} mtu {MTU} type veth peer name h{port} mtu {MTU}',
                  f'link set s{port} master br0', f'link set s{port} up', f'link set h{port} up']
    run('ip', '-batch', '-', text='\n'.join(batch))


def packet_socket(port):
    far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    far.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    far.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
    far.bind((f'h{port}', ETH_P_ALL))
    far.setblocking(False)
    return far


def received(far):
    """The frames that wait at a port; the kernel hands over a VLAN tag beside the frame."""
    while True:
        try:
            frame, beside, _, _ = far.recvmsg(MTU + 64, 256)
        except BlockingIOError:
            return
        for level, kind, octets in beside:
            status, _, _, _, _, tag, tpid = struct.unpack('IIIHHHH', octets[:20])
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and status & TP_STATUS_VLAN_VALID:
                tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                frame = frame[:12] + struct.pack('!HH', tpid, tag) + frame[12:]
        yield frame


def ends(rule):
    return [(e['address'], e['port']) for e in (rule['client'], rule['virtual'], rule['owner'])]


def is_host(address):
    """Whether an address can be that of one host."""
    some = address.is_unspecified or address.is_loopback or address.is_multicast
    return not some and str(address) != '255.255.255.255'


def statements(rule):
    """The nftables statements of one connection."""
    (ca, cp), (va, vp), (oa, op) = ends(rule)
    ip, mac = 'ip6' if ':' in ca else 'ip', rule['owner']['mac']
    pairs = [f'{ip} saddr {ca} {ip} daddr {va}',
             f'{ip} saddr {{ {oa}, {va} }} {ip} daddr {ca}']
    # What has no ports to look at, or may be cut, must not pass untranslated.
    odd = (['ip protocol tcp ip frag-off & 0x3fff != 0', 'ip protocol tcp ip length < 40']
           if ip == 'ip' else ['exthdr frag exists', 'ip6 nexthdr tcp ip6 length < 20'])
    lines = [f'{pair} {each} drop' for pair in pairs for each in odd]
    there = f'{pairs[0]} tcp sport {cp} tcp dport {vp}'
    back = f'{ip} saddr {oa} tcp sport {op} {ip} daddr {ca} tcp dport {cp}'
    if not rule['locked']:
        lines += [f'{there} {ip} daddr set {oa} tcp dport set {op} ether daddr set {mac} counter accept',
                  f'ether saddr {mac} {back} {ip} saddr set {va} tcp sport set {vp} counter accept']
    # Locked, or from somebody who does not own the connection.
    forged = f'{ip} saddr {va} tcp sport {vp} {ip} daddr {ca} tcp dport {cp}'
    return lines + [f'{there} drop', f'{back} drop', f'{forged} drop']


def nft(*lines):
    """One transaction."""
    run('nft', '-f', '-', text='\n'.join(lines) + '\n')


class Switch:
    def __init__(self):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        bed()
        self.far = {port: packet_socket(port) for port in PORTS.values()}
        self.lost = 0
        self.clear()

    def clear(self):
        """No rule, and no chain of a connection."""
        devices = ', '.join(f's{port}' for port in PORTS.values())
        nft('table netdev prism', 'delete table netdev prism', 'table netdev prism {',
            'chain ingress {', f'type filter hook ingress devices = {{ {devices} }} priority 0',
            '}', '}')
        self.rules, self.epochs, self.chains, self.free = {}, {}, {}, []

    def load(self, name, rule):
        """Puts a connection's statements into its chain, at one moment; None takes them away."""
        lines = []
        if name not in self.chains:
            fresh = f'connection{len(self.chains) + len(self.free)}'
            self.chains[name] = self.free.pop() if self.free else fresh
            if self.chains[name] == fresh:
                lines += [f'add chain netdev prism {fresh}',
                          f'add rule netdev prism ingress jump {fresh}']
        chain = self.chains[name]
        lines.append(f'flush chain netdev prism {chain}')
        if rule is None:
            self.free.append(self.chains.pop(name))
        else:
            lines += [f'add rule netdev prism {chain} {each}' for each in statements(rule)]
        nft(*lines)

    def count(self, name):
        """Adds what a connection's chain has counted to its status."""
        told = run('nft', '-j', 'list', 'chain', 'netdev', 'prism', self.chains[name])
        counted = [part['counter']['packets'] for each in json.loads(told)['nftables']
                   for part in each.get('rule', {}).get('expr', []) if 'counter' in part]
        for side, packets in zip(('clientFrames', 'ownerFrames'), counted):
            self.rules[name][side] += packets

    def hello(self, protocol, asks):
        return {'protocol': 'prism-dut/1', 'name': 'nftables', 'vendor': 'Linux',
                'version': os.uname().release, 'ports': PORTS, 'mtu': MTU, 'clock': 'real',
                'capabilities': [each for each in asks if each in CLAIMS],
                'profile': {'capacity': CAPACITY}, 'barrier': 'in-order'}

    def reset(self):
        if self.rules or self.chains or self.free:
            self.clear()
        self.epochs = {}
        self.collect()
        run('ip', 'link', 'set', 'br0', 'type', 'bridge', 'fdb_flush')

    def inject(self, frames):
        for each in frames:
            try:
                self.far[each['port']].send(base64.b64decode(each['frame']))
            except OSError:
                pass  # Longer or shorter than any frame of this medium: it never enters.

    def collect(self):
        return {'frames': [{'port': port, 'frame': base64.b64encode(frame).decode()}
                           for port, far in self.far.items() for frame in received(far)]}

    def counters(self):
        for far in self.far.values():
            self.lost += struct.unpack('II', far.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
        return {'captureLoss': self.lost}

    def command(self, op, epoch, rule=None, key=None, owner=None, unlock=False, **_):
        name = json.dumps([(rule or key)['client'], (rule or key)['virtual']], sort_keys=True)
        status = self.rules.get(name, {'rule': None})
        old = status['rule']
        if op in ('lock', 'unlock'):
            rule = old and {**old, 'locked': op == 'lock'}
        if op == 'chown':
            rule = old and {**old, 'owner': owner, 'locked': old['locked'] and not unlock}
        others = [each['rule'] for other, each in self.rules.items() if other != name]
        error = self.refusal(op, epoch, name, old, rule, others)
        if error:
            return {'ok': False, 'error': error}
        self.epochs[name] = epoch
        if op == 'delete':
            rule = None
        if rule != old:
            if old:
                self.count(name)
            self.load(name, rule)
        if rule is None:
            self.rules.pop(name, None)
        else:
            counted = self.rules.get(name, {'clientFrames': 0, 'ownerFrames': 0})
            self.rules[name] = {**counted, 'rule': rule, 'epoch': epoch}
        return {'ok': True}

    def listed(self):
        for name, status in self.rules.items():
            self.count(name)
            self.load(name, status['rule'])
        return {'rules': list(self.rules.values())}

    def refusal(self, op, epoch, name, old, rule, others):
        if epoch < self.epochs.get(name, 0):
            return 'stale'
        if op == 'delete':
            return None
        if rule is None:
            return 'unknown'
        if op == 'add' and old not in (None, rule):
            return 'exists'
        if op == 'add' and old is None and len(self.rules) == CAPACITY:
            return 'full'
        client, virtual, owner = ends(rule)
        if client in (virtual, owner) or any(port not in range(1, 65536) for _, port in ends(rule)):
            return 'invalid'
        addresses = [ipaddress.ip_address(address) for address, _ in ends(rule)]
        if not all(map(is_host, addresses)) or len({each.version for each in addresses}) > 1:
            return 'invalid'
        mac = bytes.fromhex(rule['owner']['mac'].replace(':', ''))
        if mac[0] % 2 or not any(mac):
            return 'invalid'
        # Two rules whose owners' segments look alike could not be told apart.
        if any((ends(each)[0], ends(each)[2]) == (client, owner) for each in others):
            return 'conflict'
        return None


def main():
    switch = Switch()
    calls = {'hello': switch.hello, 'reset': switch.reset, 'inject': switch.inject,
             'collect': switch.collect, 'counters': switch.counters,
             'rule.get': switch.listed}
    for op in ('add', 'lock', 'unlock', 'chown', 'delete'):
        calls[f'rule.{op}'] = lambda op=op, **words: switch.command(op, **words)
    for asked in map(json.loads, sys.stdin):
        answer = {'error': {'code': -32601, 'message': f'{asked["method"]} is not known'}}
        if asked['method'] in calls:
            answer = {'result': calls[asked['method']](**asked.get('params', {}))}
        print(json.dumps({'jsonrpc': '2.0', 'id': asked['id'], **answer}), flush=True)


main()

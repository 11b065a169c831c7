#!/usr/bin/env python3
"""Vectors of prismspec as a test of NetFPGA: both_prism_<name>/run.py, beside the vectors' files.

    run.py                 for a simulation: lays the files where it reads them
    run.py --hw [--conn F] on a card: does the same to the wires, and judges octet for octet

On a card: sends at the interface that F (../connections/conn) joins to nf0 and so on, or at nf0
itself for what the host sends, and writes registers by the driver's ioctl on nf0. Needs root for
raw sockets. Exit status 0: all as expected.
"""
import ctypes
import fcntl
import glob
import os
import re
import select
import shutil
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WRITE_REGISTER, READ_REGISTER = 0x89F1, 0x89F2
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, PACKET_AUXDATA = 263, 1, 1, 8
AUXDATA = struct.Struct('IIIHHHH')
TAG_THERE, MACS_OCTETS = 1 << 4, 12
WIRE_MIN = 60
WAIT_S, QUIET_S = 1.0, 0.3


def sections(name):
    """The lines of a file between its barriers, and how many frames each barrier waits for."""
    found, lines, waits = [], [], []
    with open(os.path.join(HERE, name)) as text:
        for line in text:
            line = line.split('#')[0].strip()
            if re.match(r'B \d+$', line):
                found.append(lines)
                lines = []
                waits.append(0)
            elif re.match(r'N \d+$', line):
                waits[-1] = int(line.split()[1])
            elif line and not re.match(r'([SRW]|\+) \d+$', line):
                lines.append(line)
    found.append(lines)
    return found, waits


def frames(lines):
    """The frames of some lines: octets, source port, destination ports."""
    octets, user = b'', None
    for line in lines:
        word, keep, side = [int(part, 16) for part in line[:-1].split(',')]
        width = len(line.split(',')[0]) // 2
        octets += word.to_bytes(width, 'little')[:keep.bit_length()]
        user = side if user is None else user
        if line.endswith('.'):
            yield octets, user >> 16 & 0xFF, user >> 24 & 0xFF
            octets, user = b'', None


def register(request, address, value=0):
    """One access, as the drivers of both cards take it."""
    access = (ctypes.c_uint32 * 2)(address, value)
    block = bytearray(struct.pack('16sQ16x', b'nf0', ctypes.addressof(access)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, request, block)
    return access[1]


def with_tag(octets, notes):
    """A frame as it was on the wire: the kernel has taken a VLAN tag out, and tells it beside."""
    for _, _, note in notes:
        status, _, _, _, _, tag, kind = AUXDATA.unpack(note)
        if status & TAG_THERE:
            return octets[:MACS_OCTETS] + struct.pack('!HH', kind, tag) + octets[MACS_OCTETS:]
    return octets


class Wire:
    """An interface, and what came to it and was not looked at."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((name, 0))
        member = struct.pack('IHH8x', socket.if_nametoindex(name), PACKET_MR_PROMISC, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.came = []

    def listen(self, seconds):
        if not select.select([self.socket], [], [], seconds)[0]:
            return False
        octets, notes, _, address = self.socket.recvmsg(1 << 16, socket.CMSG_SPACE(AUXDATA.size))
        if address[2] != PACKET_OUTGOING:
            self.came.append(with_tag(octets, notes))
        return True


def connections():
    """Where the wires of the card lead to."""
    path = os.path.join(HERE, '..', 'connections', 'conn')
    if '--conn' in sys.argv:
        path = sys.argv[sys.argv.index('--conn') + 1]
    with open(path) as text:
        pairs = [line.strip().split(':') for line in text if line.startswith('nf')]
    return {pair[0]: pair[1] for pair in pairs if pair[1]}


def padded(octets):
    return octets.ljust(WIRE_MIN, b'\0')


def difference(name, expected, came):
    if came is None:
        return '%s: a frame of %d octets did not leave: %s' % (name, len(expected), expected.hex())
    if padded(expected) == padded(came):
        return None
    pairs = zip(padded(expected), padded(came))
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(expected), len(came)))
    return '%s: octet %d differs\n  expected %s\n  came     %s' % (
        name, at, expected.hex(), came.hex())


def access_registers(lines, answers):
    """Does a step's accesses; answers are what reads must give, in order."""
    errors = []
    for line in lines:
        if line.startswith('D'):
            time.sleep(int(line.split()[1]) / 1e9)
            continue
        parts = [part.strip() for part in line.rstrip('.').split(',')]
        if parts[0] != '-':
            register(WRITE_REGISTER, int(parts[0], 16), int(parts[1], 16))
            continue
        address, expected = next(answers)
        value = register(READ_REGISTER, address)
        if value != expected:
            errors.append('register %08x: expected %08x, is %08x' % (address, expected, value))
    return errors


def expected_reads():
    with open(os.path.join(HERE, 'reg_expect.axi')) as text:
        for line in text:
            if re.match(r'[0-9a-f]+, [0-9a-f]+\.$', line.strip()):
                yield tuple(int(part, 16) for part in line.strip()[:-1].split(','))


def doors():
    """The places of the core that the simulation's files are about."""
    return sorted(os.path.basename(path)[:-len('_stim.axi')]
                  for path in glob.glob(os.path.join(HERE, '*_[0-9]_stim.axi')))


def hardware():
    joined, wires = connections(), {}

    def wire(port):
        name = 'nf%d' % (port // 2)
        name = name if port % 2 else joined.get(name)
        if name is None:
            raise SystemExit('nothing is connected to nf%d: see --conn' % (port // 2))
        if name not in wires:
            wires[name] = Wire(name)
        return wires[name]

    stimuli = {door: sections(door + '_stim.axi') for door in doors()}
    outputs = {door: list(frames(sections(door + '_expected.axi')[0][0])) for door in stimuli}
    accesses, answers = sections('reg_stim.axi')[0], expected_reads()
    errors = []
    for name in ['nf%d' % i for i in range(4)]:
        if name in joined:
            wire(2 * int(name[2]))
    for step, lines in enumerate(accesses):
        errors += access_registers(lines, answers)
        expected = []
        for door in stimuli:
            parts, waits = stimuli[door]
            count = waits[step] if step < len(waits) else 0
            for octets, _, ports in outputs[door][:count]:
                expected.append((wire(ports.bit_length() - 1), octets))
            del outputs[door][:count]
        for door in stimuli:
            for octets, port, _ in frames(stimuli[door][0][step]):
                wire(port.bit_length() - 1).socket.send(octets)
        until = time.time() + WAIT_S
        for each, octets in expected:
            while not each.came and time.time() < until:
                each.listen(max(0.0, until - time.time()))
            came = each.came.pop(0) if each.came else None
            errors.append(difference('step %d, %s' % (step, each.name), octets, came))
    for each in wires.values():
        while each.listen(QUIET_S):
            pass
        errors += ['%s: %d octets came that nobody expected: %s' % (each.name, len(came), came.hex())
                   for came in each.came]
    errors = [error for error in errors if error is not None]
    print('\n'.join(errors) if errors else 'all as expected')
    return 1 if errors else 0


def simulation():
    folder = os.path.join(os.environ['NF_DESIGN_DIR'], 'test') if 'NF_DESIGN_DIR' in os.environ else '.'
    for path in glob.glob(os.path.join(HERE, '*.axi')):
        shutil.copy(path, folder)
    return 0


if __name__ == '__main__':
    sys.exit(hardware() if '--hw' in sys.argv else simulation())

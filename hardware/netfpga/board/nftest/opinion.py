#!/usr/bin/env python3
"""Vectors of prismspec by NetFPGA's own NFTest, on a card or what seems to be one: a third opinion.

    opinion.py FOLDER      a folder that vectors.ts has written; NETFPGA_TOOLS is upstream's tools/scripts

It says SUCCESS too easily: see README.md. The verdict is that of FOLDER's run.py --hw.
"""
import importlib.util
import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def vectors(folder):
    """The folder's run.py, which reads its files."""
    spec = importlib.util.spec_from_file_location('run', os.path.join(folder, 'run.py'))
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    return run


def nftest():
    """Upstream's library; it wants a project, which it writes its files to."""
    tools = os.environ['NETFPGA_TOOLS']
    project = tempfile.mkdtemp(prefix='prismspec-opinion-')
    os.mkdir(os.path.join(project, 'test'))
    os.environ.update(NF_DESIGN_DIR=project, NFPLUS_FOLDER=os.path.dirname(os.path.dirname(tools)))
    os.chdir(project)
    sys.path[:0] = [tools, os.path.join(tools, 'NFTest')]
    sys.argv[1:] = ['--hw']
    import NFTest
    NFTest.nftest_init(hw_config=[(os.path.join(HERE, 'conn'), [])])
    NFTest.nftest_start()
    return NFTest


def access_registers(lib, lines, answers):
    """Does a step's accesses; answers whether reads gave what they must, as a list of 1 and 0."""
    results = []
    for line in lines:
        if line.startswith('D'):
            time.sleep(int(line.split()[1]) / 1e9)
            continue
        address, value = re.split(r',\s*', line.rstrip('.'))[:2]
        if address != '-':
            lib.nftest_regwrite(int(address, 16), int(value, 16))
        else:
            results.append(lib.nftest_regread_expect(*next(answers)))
    return results


def main():
    run = vectors(os.path.abspath(sys.argv[1]))
    doors = run.doors()
    stimuli = {door: run.sections(door + '_stim.axi') for door in doors}
    outputs = {door: list(run.frames(run.sections(door + '_expected.axi')[0][0])) for door in doors}
    lib = nftest()
    answers, results = run.expected_reads(), []
    for step, lines in enumerate(run.sections('reg_stim.axi')[0]):
        results += access_registers(lib, lines, answers)
        sent = False
        for door in doors:
            parts, waits = stimuli[door]
            count = waits[step] if step < len(waits) else 0
            for octets, _, ports in outputs[door][:count]:
                port = ports.bit_length() - 1
                expect = lib.nftest_expect_dma if port % 2 else lib.nftest_expect_phy
                expect('nf%d' % (port // 2), lib.scapy.Ether(octets))
            del outputs[door][:count]
            for octets, port, _ in run.frames(parts[step]):
                port = port.bit_length() - 1
                send = lib.nftest_send_dma if port % 2 else lib.nftest_send_phy
                send('nf%d' % (port // 2), lib.scapy.Ether(octets))
                sent = True
        if sent:
            lib.nftest_barrier()
    lib.nftest_finish(results)


if __name__ == '__main__':
    main()

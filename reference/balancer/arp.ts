/**
 * ARP for the virtual addresses and the switch's own. RFC 826, RFC 5227.
 *
 * The active switch answers, and nobody else: what asks for its addresses is not passed on, so that a
 * server that has a virtual address too is not even asked.
 */
import type { Arp, Ipv4Address, MacAddress } from 'scapy-ts';
import { arp, build, ether, layer, macFromNumber, parse } from 'scapy-ts';
import { BROADCAST } from './link.ts';

const OPERATION = { request: 1, reply: 2 } as const;

/** What a frame says in ARP; undefined if nothing that can be understood. */
export function readArp(frame: Uint8Array): Arp | undefined {
  const message = layer(parse(frame).layers, 'arp');
  if (message === undefined) return undefined;
  const { operation } = message;
  const isKnown = operation === OPERATION.request || operation === OPERATION.reply;
  return isKnown ? message : undefined;
}

/** Whether somebody asks who has an address, and does not merely announce that he has it. */
export function isQuestion({ operation, senderIp, targetIp }: Arp): boolean {
  return operation === OPERATION.request && senderIp !== targetIp;
}

/** The frame that answers a question: `mac` has the address. A tag is answered with its like. */
export function answerArp(frame: Uint8Array, question: Arp, mac: MacAddress): Uint8Array {
  const tags = parse(frame).layers.filter(({ kind }) => kind === 'dot1q');
  return build([
    ether({ dst: question.senderMac, src: mac }),
    ...tags,
    arp({
      operation: OPERATION.reply,
      senderMac: mac,
      senderIp: question.targetIp,
      targetMac: question.senderMac,
      targetIp: question.senderIp,
    }),
  ]);
}

/** The frame that tells all stations that `mac` has an address now. RFC 5227 section 3. */
export function announceArp(address: Ipv4Address, mac: MacAddress): Uint8Array {
  return build([
    ether({ dst: BROADCAST, src: mac }),
    arp({
      operation: OPERATION.request,
      senderMac: mac,
      senderIp: address,
      targetMac: macFromNumber(0),
      targetIp: address,
    }),
  ]);
}

/** A small document, and what is said of it when it is changed. */
import { formatDocumentFault } from '../../../../reference/balancer/document/fault.ts';
import { readDocument } from '../../../../reference/balancer/document/read.ts';

/** A whole document: its lines from 7 on are one service. */
export const SMALL: string = `ports: [0, 1]
mac: 02:00:00:00:00:fe
addresses: [10.0.0.254]
limits: { connections: 1000, halfOpen: 100 }

services:
  - name: web
    address: 198.51.100.1
    ports: 80
    mode: nat
    policy: { policy: round-robin }
    check: { probe: { kind: http, path: /, statuses: [200] } }
    servers:
      - { name: a, address: 10.0.0.21, mac: 02:00:00:00:00:21, port: 8080 }
      - { name: b, address: 10.0.0.22, mac: 02:00:00:00:00:22, port: 8080 }
`;

/** All that is said of SMALL with some text changed, which must be there. */
export function said(
  ...changes: readonly (readonly [was: string, is: string])[]
): readonly string[] {
  let text = SMALL;
  for (const [was, is] of changes) {
    if (!text.includes(was)) throw new Error(`no ${was}`);
    text = text.replace(was, is);
  }
  const read = readDocument(text);
  return read.ok ? [] : read.error.map((fault) => formatDocumentFault(fault, 'a.yaml'));
}

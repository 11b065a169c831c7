/** The metadata by which simple_switch and its program speak; found by their aliases. */
import { type Field, findField, type Layout } from './layout.ts';
import { refuse } from './refusal.ts';

/** Fields that the switch reads and writes; what a program has not is left out. */
export interface Standard {
  readonly ingressPort: Field;
  readonly packetLength: Field;
  readonly instanceType: Field;
  readonly egressSpec: Field;
  readonly egressPort: Field;
  readonly ingressTimestamp: Field | undefined;
  readonly egressTimestamp: Field | undefined;
  readonly enqueueTimestamp: Field | undefined;
  readonly parserError: Field | undefined;
  readonly checksumError: Field | undefined;
  readonly multicastGroup: Field | undefined;
  readonly egressRid: Field | undefined;
  readonly priority: Field | undefined;
}

function find({ headers, aliases }: Layout, name: string): Field | undefined {
  const dot = name.indexOf('.');
  const [header, field] = aliases.get(name) ?? [name.slice(0, dot), name.slice(dot + 1)];
  return headers.get(header)?.fields.find((candidate) => candidate.name === field);
}

function required(layout: Layout, name: string): Field {
  return find(layout, name) ?? refuse('metadata', `the field ${name} is missing`);
}

/** Finds the metadata of simple_switch. */
export function standardMetadata(layout: Layout): Standard {
  for (const [alias, [header, field]] of layout.aliases) {
    findField(layout, header, field, `field alias ${alias}`);
  }
  return {
    ingressPort: required(layout, 'standard_metadata.ingress_port'),
    packetLength: required(layout, 'standard_metadata.packet_length'),
    instanceType: required(layout, 'standard_metadata.instance_type'),
    egressSpec: required(layout, 'standard_metadata.egress_spec'),
    egressPort: required(layout, 'standard_metadata.egress_port'),
    ingressTimestamp: find(layout, 'intrinsic_metadata.ingress_global_timestamp'),
    egressTimestamp: find(layout, 'intrinsic_metadata.egress_global_timestamp'),
    enqueueTimestamp: find(layout, 'queueing_metadata.enq_timestamp'),
    parserError: find(layout, 'standard_metadata.parser_error'),
    checksumError: find(layout, 'standard_metadata.checksum_error'),
    multicastGroup: find(layout, 'intrinsic_metadata.mcast_grp'),
    egressRid: find(layout, 'intrinsic_metadata.egress_rid'),
    priority: find(layout, 'intrinsic_metadata.priority'),
  };
}

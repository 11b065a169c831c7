/** The messages and methods of P4Runtime and of BMv2's data plane, from the .proto files beside. */
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type {
  AnyDefinition,
  MessageTypeDefinition,
  MethodDefinition,
  PackageDefinition,
  ServiceDefinition,
} from '@grpc/proto-loader';

/** A method of a service; what is received is not checked yet. */
export type Method = MethodDefinition<object, object>;
/** A message that is no method's; what is decoded is not checked yet. */
export type Message = MessageTypeDefinition<object, object>;

const OPTIONS = {
  includeDirs: [fileURLToPath(new URL('.', import.meta.url))],
  // As decimal strings: 64 bits are more than a number holds.
  longs: String,
  enums: String,
  defaults: true,
};
const DEFINITIONS = loadSync(['p4runtime.proto', 'dataplane.proto'], OPTIONS);
/** P4Info is read as proto3's JSON writes it, so that the two can be compared: octets in base64. */
const P4INFO = loadSync('p4info.proto', { ...OPTIONS, bytes: String });

function isMessage(definition: AnyDefinition): definition is Message {
  return typeof definition['format'] === 'string';
}

function isService(definition: AnyDefinition): definition is ServiceDefinition {
  return !isMessage(definition);
}

function messageNamed(name: string, definitions: PackageDefinition = DEFINITIONS): Message {
  const definition = definitions[name];
  if (definition !== undefined && isMessage(definition)) return definition;
  throw new Error(`no message ${name} in the .proto files`);
}

function methodNamed(service: string, name: string): Method {
  const definition = DEFINITIONS[service];
  const method = definition !== undefined && isService(definition) ? definition[name] : undefined;
  if (method !== undefined) return method;
  throw new Error(`no method ${service}.${name} in the .proto files`);
}

const P4RUNTIME = 'p4.v1.P4Runtime';

/** The methods that are used. */
export const METHODS: Readonly<
  Record<
    'write' | 'read' | 'setPipeline' | 'getPipeline' | 'stream' | 'capabilities' | 'packetStream',
    Method
  >
> = {
  write: methodNamed(P4RUNTIME, 'Write'),
  read: methodNamed(P4RUNTIME, 'Read'),
  setPipeline: methodNamed(P4RUNTIME, 'SetForwardingPipelineConfig'),
  getPipeline: methodNamed(P4RUNTIME, 'GetForwardingPipelineConfig'),
  stream: methodNamed(P4RUNTIME, 'StreamChannel'),
  capabilities: methodNamed(P4RUNTIME, 'Capabilities'),
  packetStream: methodNamed('p4.bm.DataplaneInterface', 'PacketStream'),
};

/** The messages that travel inside of others. */
export const MESSAGES: Readonly<Record<'status' | 'error' | 'p4info', Message>> = {
  status: messageNamed('google.rpc.Status'),
  error: messageNamed('p4.v1.Error'),
  p4info: messageNamed('p4.config.v1.P4Info', P4INFO),
};

/** The P4 program that a switch runs: bring it, or make sure of it. P4Runtime 1.4 sections 14, 15. */
import { z } from 'zod';
import { faultOf, P4RuntimeError } from '../fault.ts';
import { lostPath } from '../lost.ts';
import { checked } from './checked.ts';
import { MESSAGES, METHODS } from './protocol.ts';
import type { Session } from './session.ts';

/** A P4 program, compiled. */
export interface Pipeline {
  /** P4Info in proto3's JSON, parsed. */
  readonly p4info: unknown;
  /** What the vendor's compiler has made; BMv2's JSON. */
  readonly deviceConfig: Uint8Array;
  /** 64 bits by which the program is known again. */
  readonly cookie: bigint;
}

const config = z.object({
  config: z.object({ cookie: z.object({ cookie: z.string() }).nullable() }).nullable(),
});

/** P4Info as the switch gets it: the message, and nothing of the JSON may be lost on the way. */
function demandCarried(p4info: unknown): object {
  const message = z.record(z.string(), z.unknown()).parse(p4info);
  const octets = MESSAGES.p4info.serialize(message);
  const lost = lostPath(p4info, MESSAGES.p4info.deserialize(octets));
  if (lost === undefined) return message;
  throw new P4RuntimeError('pipeline', `P4Info: ${lost} is not supported`);
}

/** Makes the switch run `pipeline`; rejects with `pipeline` when it does not take it. */
export async function pushPipeline(session: Session, pipeline: Pipeline): Promise<void> {
  const answer = await session.call(METHODS.setPipeline, {
    ...session.identity,
    action: 'VERIFY_AND_COMMIT',
    config: {
      p4info: demandCarried(pipeline.p4info),
      p4DeviceConfig: pipeline.deviceConfig,
      cookie: { cookie: String(pipeline.cookie) },
    },
  });
  if (answer.ok) return;
  const fault = faultOf(session.name, answer.error);
  const isOurs = fault.reason === 'rejected';
  throw isOurs ? new P4RuntimeError('pipeline', `${fault.message} (the P4 program)`) : fault;
}

/** Rejects with `pipeline` when the switch does not run this one. */
export async function demandPipeline(session: Session, { cookie }: Pipeline): Promise<void> {
  const { deviceId } = session.identity;
  const answer = await session.call(METHODS.getPipeline, { deviceId, responseType: 'COOKIE_ONLY' });
  if (!answer.ok) throw faultOf(session.name, answer.error);
  const found = checked(session.name, config, answer.value).config?.cookie?.cookie;
  if (found === String(cookie)) return;
  throw new P4RuntimeError(
    'pipeline',
    `${session.name} runs another P4 program: its cookie is ${found ?? 'missing'}, not ${cookie}`,
  );
}

/**
 * Frames into and out of BMv2's simple_switch_grpc without interfaces and without root: what
 * `--dp-grpc-server-addr` offers beside P4Runtime. One client at a time; only after a P4 program is
 * there does the switch take frames.
 */
import { z } from 'zod';
import { P4RuntimeError, reasonOf } from '../fault.ts';
import { openChannel, type Conversation, type ServerAddress } from './channel.ts';
import { METHODS } from './protocol.ts';

/** A frame at a port. */
export interface PortFrame {
  readonly port: number;
  readonly octets: Uint8Array;
  /** Of what enters, any number but 0; what leaves because of it has the same. 0 is none. */
  readonly id: number;
}

/** The ports of a switch. */
export interface DataPlane {
  /** Resolves when the frame is on its way; rejects when the switch is gone. */
  send(frame: PortFrame): Promise<void>;
  /**
   * Resolves when all that was sent has come out, or never will; rejects when the switch is gone.
   *
   * BMv2 ends a stream only when it has no packet left. Nothing may be sent meanwhile.
   */
  drain(): Promise<void>;
  /** Waits until what is under way has come out, as far as the deadline allows. */
  close(): Promise<void>;
}

/** Where the data plane is, and who gets what leaves. */
export interface DataPlaneOptions extends ServerAddress {
  readonly deviceId: bigint;
  receive(frame: PortFrame): void;
  /** Once, when the switch ends the stream, or has died; not after `close`. */
  lost(error: P4RuntimeError): void;
}

const response = z.object({
  id: z.string().transform(Number),
  port: z.int(),
  packet: z.instanceof(Uint8Array),
});

/** Opens the data plane; rejects with `unreachable`. A switch that refuses says so to `lost`. */
export async function openDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { address, deviceId } = options;
  const channel = await openChannel(options, METHODS.packetStream);
  let over: P4RuntimeError | undefined;
  let closing: Promise<void> | undefined;
  const lose = (error: P4RuntimeError): void => {
    if (over !== undefined || closing !== undefined) return;
    over = error;
    options.lost(error);
  };
  let isDraining = false;
  const begin = (): Conversation =>
    channel.converse(METHODS.packetStream, {
      receive(message): void {
        const { data } = response.safeParse(message);
        if (data === undefined) {
          lose(new P4RuntimeError('protocol', `the data plane at ${address} sends no frame`));
        } else {
          options.receive({ port: data.port, octets: data.packet, id: data.id });
        }
      },
      ended({ code, message }): void {
        if (isDraining && code === 'OK') return;
        const reason = code === 'OK' ? 'gone' : reasonOf(code);
        const text = `the data plane at ${address} has ended: ${code} ${message}`;
        lose(new P4RuntimeError(reason, text.trimEnd()));
      },
    });
  let stream = begin();
  return {
    async send({ port, octets, id }): Promise<void> {
      if (over !== undefined) throw over;
      await stream.send({ id: String(id), deviceId: String(deviceId), port, packet: octets });
    },
    async drain(): Promise<void> {
      isDraining = true;
      await stream.close();
      isDraining = false;
      if (over !== undefined) throw over;
      if (closing === undefined) stream = begin();
    },
    close(): Promise<void> {
      closing ??= stream.close().then(() => channel.close());
      return closing;
    },
  };
}

import { buffer } from 'node:stream/consumers';
import { failure, HoldfastError } from '../../platform/errors.ts';
import type { Receipt, Storage } from '../port.ts';
import { type Refusal, refused, unexpected, unreachable } from './errors.ts';
import { formatTarget, type Operation, operations, type Subject } from './operations.ts';
import { readRefusal } from './refusal.ts';
import type { Reply, Request, Transport } from './transport.ts';
import { BadReply } from './xml.ts';

/** One call of the API: what to send, which statuses are a success, and how to read the reply. */
export interface Call<Result> extends Request {
  readonly success: readonly number[];
  /** @throws BadReply for what the API does not promise */
  readonly read: (reply: Reply) => Result;
  /** A refusal that is an answer and not a failure, such as "no policy"; `undefined`: it is a failure. */
  readonly answer?: (refusal: Refusal, reply: Reply) => { readonly is: Result } | undefined;
}

/** Sends a call of the port; the one way to OSS. Rejects with a {@link HoldfastError} only. */
export type Perform = <Result>(name: keyof Storage, call: Call<Result>) => Promise<Result>;

export function performer(transport: Transport): Perform {
  return async (name, call) => {
    const operation = operations[name];
    checkAddressable(operation, call);
    const reply = await transport.send(call).catch((error: unknown) => {
      if (error instanceof HoldfastError) throw error;
      throw unreachable(operation, call, transport.endpoint, error);
    });
    try {
      if (call.success.includes(reply.status)) return call.read(reply);
      const refusal = readRefusal(reply, call.method);
      const answer = call.answer?.(refusal, reply);
      if (answer === undefined) throw refused(operation, call, refusal);
      return answer.is;
    } catch (error) {
      if (!(error instanceof BadReply)) throw error;
      throw unexpected(operation, call, error.message, reply);
    }
  };
}

/** Opens an object's content; errors of the stream itself are coded too. */
export type Open = (name: keyof Storage, request: Request) => Promise<AsyncIterable<Uint8Array>>;

export function opener(transport: Transport): Open {
  return async (name, request) => {
    const operation = operations[name];
    checkAddressable(operation, request);
    const coded = (error: unknown) =>
      error instanceof HoldfastError ? error : unreachable(operation, request, transport.endpoint, error);
    try {
      const reply = await transport.open(request);
      if (reply.status === 200) return chunks(reply.body, coded);
      throw refused(operation, request, readRefusal({ ...reply, body: await buffer(reply.body) }, 'GET'));
    } catch (error) {
      throw coded(error);
    }
  };
}

async function* chunks(
  body: AsyncIterable<Uint8Array>,
  coded: (error: unknown) => HoldfastError,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw coded(error);
  }
}

/** Reads the reply of a write: its status was the proof, its request id is kept. */
export function receipt({ requestId }: Reply): Receipt {
  return { sent: true, requestId };
}

/**
 * A bucket is part of the host name, and HTTP libraries fold `.` and `..` segments of a path away: with such names
 * the request would reach something else than what was meant.
 */
function checkAddressable(operation: Operation, subject: Subject): void {
  const detail = unaddressable(subject);
  if (detail === undefined) return;
  const target = formatTarget(subject);
  throw failure('REQUEST_REFUSED', { operation: operation.name, target, code: 'not sent', detail });
}

function unaddressable({ bucket, key }: Subject): string | undefined {
  if (bucket !== undefined && !bucketName.test(bucket)) return 'a bucket name is 3 to 63 of a-z, 0-9 and -';
  if (key === '') return 'the key is empty';
  const folded = key?.split('/').some((segment) => segment === '.' || segment === '..');
  return folded ? 'the key has a segment . or .., which no URL can carry' : undefined;
}

/** Old buckets may have underscores. */
const bucketName = /^[a-z0-9_][a-z0-9_-]{1,61}[a-z0-9_]$/;

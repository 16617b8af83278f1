import type { IncomingMessage } from 'node:http';
import { rememberLast } from '../remember-last.ts';
import { type Address, hostName } from './address.ts';
import { OssError, refuse } from './errors.ts';
import { NoReply } from './faults/index.ts';
import { newRequestId } from './ids.ts';
import type { Operation } from './operation.ts';
import { errorReply, type Reply } from './reply.ts';
import type { RequestRecord } from './request-log.ts';

/** This is what is found out about a request bit by bit. */
export interface Trace {
  readonly record: { -readonly [Field in keyof RequestRecord]: RequestRecord[Field] };
  /** This is how far the server's clock is off, by a fault rule. */
  clockOffsetMs: number;
}

/** Begins the trace of a request. */
export function newTrace(request: IncomingMessage, now: Date): Trace {
  const record = {
    time: isoTime(now.getTime()),
    requestId: newRequestId(now),
    principal: '',
    operation: 'Unknown',
    method: request.method ?? '',
    bucket: '',
    key: '',
    versionId: '',
    status: 0,
    code: '',
    ignored: [],
  };
  return { record, clockOffsetMs: 0 };
}

const isoTime = rememberLast((ms: number) => new Date(ms).toISOString());

/** Notes what a request is about. */
export function noteTarget(
  record: Trace['record'],
  { bucket, key }: Address,
  operation: Operation | undefined,
): void {
  record.bucket = bucket;
  record.key = key;
  record.operation = operation?.name ?? 'Unknown';
}

/** Returns the reply to a request that failed; undefined when there is nobody to reply to. Notes the code. */
export function refusalOf(error: unknown, request: IncomingMessage, { record }: Trace): Reply | undefined {
  if (error instanceof NoReply || request.errored) {
    record.code = error instanceof NoReply ? error.code : 'ConnectionReset';
    return undefined;
  }
  const refusal = asOssError(error);
  record.code = refusal.code;
  return errorReply(refusal, record.method, record.requestId, hostName(request.headers.host ?? ''));
}

function asOssError(error: unknown): OssError {
  if (error instanceof OssError) return error;
  if (error instanceof URIError) return refuse('InvalidArgument', { message: 'The URL cannot be decoded.' });
  return refuse('InternalError', { message: `The embedded OSS failed: ${String(error)}` });
}

import { randomUUID } from 'node:crypto';
import type { Refusal } from './signature-refusal.ts';

/** This is what the API answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes as they are, anything else as JSON; no body unless given. */
  readonly body?: unknown;
}

/** @alicloud/fc2 reads ErrorCode and ErrorMessage; clients of 2023-03-30 Code, Message and RequestId. */
export function refuse({ status, code, message }: Refusal): Answer {
  const RequestId = randomUUID();
  const body = { RequestId, Code: code, Message: message, ErrorCode: code, ErrorMessage: message };
  return { status, headers: { 'x-fc-request-id': RequestId }, body };
}

export const missing = (code: string, message: string): Refusal => ({ status: 404, code, message });

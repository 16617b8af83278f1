import { failure, HoldfastError } from '../../platform/errors.ts';
import type { Receipt } from '../port.ts';
import { refused, type ServiceRefusal, unanswered, unexpected } from './errors.ts';
import { NoReply, noReplyOf, tooLarge } from './no-reply.ts';
import {
  type CallName,
  formatTarget,
  type Operation,
  type OperationSubject,
  type OptionalCallName,
  operations,
} from './operations.ts';
import { readRefusal } from './refusal.ts';
import {
  type Deadline,
  mostOfRefusal,
  type OpenReply,
  type Reply,
  type ReplyHead,
  type Request,
  type Transport,
} from './transport.ts';
import { BadReply } from './xml.ts';

/** One call of the API: what to send, which statuses are a success, and how to read the reply. */
export interface Call<Result> extends Request {
  readonly success: readonly number[];
  /** @throws BadReply for what the API does not promise */
  readonly read: (reply: Reply) => Result;
  /** A refusal that is an answer and not a failure, such as "no policy"; `undefined`: it is a failure. */
  readonly answer?: (refusal: ServiceRefusal, reply: Reply) => { readonly is: Result } | undefined;
}

/** This is what an object store calls its operations, and how it refuses. */
export interface ServiceApi {
  readonly operations: Readonly<Record<Exclude<CallName, OptionalCallName>, Operation>> &
    Partial<Record<CallName, Operation>>;
  readonly readRefusal: typeof readRefusal;
  readonly bucketName: RegExp;
}

/** Old buckets of OSS may have underscores. */
const ossApi: ServiceApi = { operations, readRefusal, bucketName: /^[a-z0-9_][a-z0-9_-]{1,61}[a-z0-9_]$/ };

/** Sends a call of the port; the one way to the service. Rejects with a {@link HoldfastError} only. */
export type Perform = <Result>(name: CallName, call: Call<Result>) => Promise<Result>;

/** A store without bucket policies or legal holds has no calls for them: its adapter offers none, so that nobody can ask. */
function operationOf({ operations: known }: ServiceApi, name: CallName): Operation {
  const operation = known[name];
  if (operation === undefined) throw new TypeError(`this object store has no ${name}`);
  return operation;
}

/** @param deadline no request lasts longer */
export function performer(transport: Transport, deadline?: Deadline, api: ServiceApi = ossApi): Perform {
  return async (name, call) => {
    const operation = operationOf(api, name);
    checkAddressable(operation, call, api);
    let reply: Reply;
    try {
      reply = await transport.send(call, deadline);
    } catch (error) {
      throw coded(error, operation, call, transport);
    }
    if (!call.success.includes(reply.status)) return answerOf(operation, call, reply, transport, api);
    try {
      checkWriter(call, reply);
      return call.read(reply);
    } catch (error) {
      if (!(error instanceof BadReply)) throw error;
      throw unexpected(operation, call, error.message, reply);
    }
  };
}

/** Opens an object's content; errors of the stream itself are coded too. */
export type Open = (name: CallName, request: Request) => Promise<AsyncIterable<Uint8Array>>;

/** @param deadline no wait for a part of the content lasts longer */
export function opener(transport: Transport, deadline?: Deadline, api: ServiceApi = ossApi): Open {
  return async (name, request) => {
    const operation = operationOf(api, name);
    checkAddressable(operation, request, api);
    const code = (error: unknown) => coded(error, operation, request, transport);
    try {
      const reply = await transport.open(request, deadline);
      if (reply.status === 200) return codedChunks(wholeBody(reply), code);
      return answerOf(operation, request, await wholeRefusal(reply), transport, api);
    } catch (error) {
      throw code(error);
    }
  };
}

async function* codedChunks(
  body: AsyncIterable<Uint8Array>,
  code: (error: unknown) => HoldfastError,
): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw code(error);
  }
}

/**
 * Reads the content of an object as it comes, to an end that the reply itself names.
 * @throws BadReply at the end of a body that only the end of the connection ends
 */
async function* wholeBody({ body, header }: OpenReply): AsyncIterable<Uint8Array> {
  yield* body;
  checkEnd(header);
}

/**
 * Checks that a reply with content says where it ends: the end of a connection cannot be told from one that broke, since
 * Node.js reads some resets as the end.
 * @throws BadReply
 */
export function checkEnd(header: ReplyHead['header']): void {
  if (header('content-length') ?? header('transfer-encoding')) return;
  throw new BadReply('it does not say where its body ends');
}

/** A refusal to a request for content: only its beginning is read, which says all there is to say. */
async function wholeRefusal(reply: OpenReply): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostOfRefusal) {
      throw new NoReply({ kind: 'unreadable', reason: tooLarge(mostOfRefusal), status: reply.status });
    }
  }
  return { ...reply, body: Buffer.concat(chunks) };
}

function coded(
  error: unknown,
  operation: Operation,
  subject: OperationSubject,
  transport: Transport,
): HoldfastError {
  if (error instanceof HoldfastError) return error;
  if (error instanceof BadReply) return unexpected(operation, subject, error.message);
  return unanswered(operation, subject, transport.endpoint, noReplyOf(error));
}

/** The answer that a refusal is, or its coded error. */
function answerOf<Result>(
  operation: Operation,
  call: Request & Pick<Call<Result>, 'answer'>,
  reply: Reply,
  transport: Transport,
  api: ServiceApi,
): Result {
  const refusal = api.readRefusal(reply, call.method);
  if (!refusal.fromService && !statusesOfGateways.has(reply.status)) {
    throw fromElsewhere(operation, call, reply, transport);
  }
  const answer = call.answer?.(refusal, reply);
  if (answer === undefined) throw refused(operation, call, refusal);
  return answer.is;
}

/** Gateways on the way fail and throttle with statuses of their own. */
const statusesOfGateways: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** The coded error of a refusal that is not from OSS: of a proxy, a portal, another service. */
function fromElsewhere(
  operation: Operation,
  subject: OperationSubject,
  reply: ReplyHead,
  { endpoint }: Transport,
): HoldfastError {
  const { status, header, proxy } = reply;
  if (proxy !== undefined) {
    const reason = `it answers with status ${status}`;
    return unanswered(operation, subject, endpoint, new NoReply({ kind: 'proxy', proxy, reason }));
  }
  const location = header('location');
  const to = location !== undefined && URL.canParse(location) ? `to ${new URL(location).origin} ` : '';
  const redirect = status >= 300 && status < 400 ? `, a redirect ${to}that is not followed` : '';
  const service = (operation.cloud ?? 'oss').toUpperCase();
  return unexpected(
    operation,
    subject,
    `status ${status} from something that is not ${service}${redirect}`,
    reply,
  );
}

/** A write shows nothing of its effect but the status; so only OSS itself can say that it was done. */
function checkWriter({ method }: Request, { status, fromService }: ReplyHead): void {
  if (fromService || method === 'GET' || method === 'HEAD') return;
  throw new BadReply(`status ${status} without a request id, so it is not the service that answered`);
}

/** Reads the reply of a write: its status was the proof, its request id is kept. */
export function receipt({ requestId }: Reply): Receipt {
  return { sent: true, requestId };
}

/** A bucket is part of the host name, and a key must have an encoding: otherwise the request could mean another. */
function checkAddressable(operation: Operation, subject: OperationSubject, api: ServiceApi): void {
  const detail = unaddressable(subject, api);
  if (detail === undefined) return;
  const target = formatTarget(subject, operation.cloud);
  const params = { operation: operation.name, target, code: 'not sent', detail };
  throw failure('REQUEST_REFUSED', params, { remedy: 'correct the name; no request was made' });
}

function unaddressable({ bucket, key }: OperationSubject, { bucketName }: ServiceApi): string | undefined {
  if (bucket !== undefined && !bucketName.test(bucket)) return 'a bucket name is 3 to 63 of a-z, 0-9 and -';
  if (key === '') return 'the key is empty';
  if (key?.isWellFormed() === false) return 'the key has half a character, which UTF-8 cannot write';
  return undefined;
}

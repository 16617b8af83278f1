import { element, header, type Reply } from './client.ts';
import type { Target } from './target.ts';

// The calls that cases make to a bucket. Each sends one request and returns the reply as it came.

/** @throws when the reply is an error: for steps that lead up to what a case is about */
export async function ok(pending: Promise<Reply>): Promise<Reply> {
  const reply = await pending;
  if (reply.status >= 300) throw new Error(`${reply.status} ${reply.code} ${reply.body}`);
  return reply;
}

export function setVersioning({ send }: Target, bucket: string, status: string): Promise<Reply> {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
  return send({ method: 'PUT', bucket, query: { versioning: '' }, body });
}

export async function versionedBucket(target: Target): Promise<string> {
  const bucket = await target.makeBucket();
  await ok(setVersioning(target, bucket, 'Enabled'));
  return bucket;
}

/** @param rule the XML inside DefaultRetention, if there is to be one */
export function configureObjectWorm({ send }: Target, bucket: string, rule?: string): Promise<Reply> {
  const inner = rule === undefined ? '' : `<Rule><DefaultRetention>${rule}</DefaultRetention></Rule>`;
  const body = `<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled>${inner}</ObjectWormConfiguration>`;
  return send({ method: 'PUT', bucket, query: { objectWorm: '' }, body });
}

export function readObjectWorm({ send }: Target, bucket: string): Promise<Reply> {
  return send({ method: 'GET', bucket, query: { objectWorm: '' } });
}

export async function objectWormBucket(target: Target, rule?: string): Promise<string> {
  const bucket = await versionedBucket(target);
  await ok(configureObjectWorm(target, bucket, rule));
  return bucket;
}

export function initiate({ send }: Target, bucket: string, days: number | string): Promise<Reply> {
  const body = `<InitiateWormConfiguration><RetentionPeriodInDays>${days}</RetentionPeriodInDays></InitiateWormConfiguration>`;
  return send({ method: 'POST', bucket, query: { worm: '' }, body });
}

export async function initiated(target: Target, bucket: string, days: number): Promise<string> {
  return header(await ok(initiate(target, bucket, days)), 'x-oss-worm-id');
}

export function readPolicy({ send }: Target, bucket: string): Promise<Reply> {
  return send({ method: 'GET', bucket, query: { worm: '' } });
}

export function complete({ send }: Target, bucket: string, wormId: string): Promise<Reply> {
  return send({ method: 'POST', bucket, query: { wormId } });
}

export function extend(
  { send }: Target,
  bucket: string,
  wormId: string | undefined,
  days: number | string,
): Promise<Reply> {
  const body = `<ExtendWormConfiguration><RetentionPeriodInDays>${days}</RetentionPeriodInDays></ExtendWormConfiguration>`;
  const query: Record<string, string> = { wormExtend: '', ...(wormId !== undefined && { wormId }) };
  return send({ method: 'POST', bucket, query, body });
}

export function abort({ send }: Target, bucket: string): Promise<Reply> {
  return send({ method: 'DELETE', bucket, query: { worm: '' } });
}

/** What a bucket's policy is, in one line: `InProgress 10`, or the code that says there is none. */
export async function policyOf(target: Target, bucket: string): Promise<string> {
  const { code, body } = await readPolicy(target, bucket);
  return code || `${element(body, 'State')} ${element(body, 'RetentionPeriodInDays')}`;
}

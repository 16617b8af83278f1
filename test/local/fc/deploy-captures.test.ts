import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import {
  capturedAccount,
  capturedKey,
  type FcCapture,
  readFcCaptures,
  sendFc,
} from '../../support/fc-captures.ts';
import { emptyCloud, makeLogs, makeRole, ossOf, policyOf, zipOf } from '../../support/fc-sdk.ts';

const names = ['object-created', 'policy-timer', 'protect-existing', 'dead-letter', 'trigger'];
const code = zipOf('exports.handler = async () => ({ stub: true }); exports.initializer = async () => {};');
const isOfFc = ({ form }: FcCapture) => form === 'ACS3' || form === 'FC';
const codeIn = (reply: string): string => /"Code":"([^"]*)"/.exec(reply)?.[1] ?? '';
const classOf = (status: number) => `${Math.floor(status / 100)}xx`;

/** The captured deployment names the package that it has uploaded before; this one has to be there. */
async function uploadNamed(cloud: Cloud, body: string): Promise<void> {
  const [, bucket, key] = /"ossBucketName":"([^"]+)","ossObjectName":"([^"]+)"/.exec(body) ?? [];
  if (bucket !== undefined && key !== undefined) await ossOf(cloud, bucket, capturedKey).put(key, code);
}

describe('the real tool is answered as it was when its requests were captured', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    const [first] = readFcCaptures('deploy-first');
    cloud = await emptyCloud(
      { accountId: capturedAccount, accessKeys: [capturedKey], clock: first?.signedAt ?? new Date(0) },
      afterAll,
    );
    for (const name of names) await makeRole(cloud, `holdfast-${name}`, policyOf([['fc:*', 'oss:*'], ['*']]));
    await makeLogs(cloud, 'holdfast-logs', 'functions');
    for (const bucket of ['holdfast-records', 'holdfast-inventory'])
      await ossOf(cloud, bucket, capturedKey).putBucket(bucket);
  });

  test.each(['deploy-first', 'bucket-changed', 'invoke-info-logs', 'remove'])('%s', async (file) => {
    const answers: string[] = [];
    const expected: string[] = [];
    for (const capture of readFcCaptures(file).filter(isOfFc)) {
      if (cloud.time.now() < capture.signedAt) await cloud.time.setTo(capture.signedAt);
      await uploadNamed(cloud, capture.body);
      const { status, code } = await sendFc(cloud.port, capture);
      answers.push(`${capture.name}: ${classOf(status)} ${code}`);
      expected.push(`${capture.name}: ${classOf(capture.status)} ${codeIn(capture.reply)}`);
    }
    expect(answers).toEqual(expected);
  });
});

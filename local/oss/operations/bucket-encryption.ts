import * as z from 'zod';
import { readXml } from '../read-xml.ts';
import { writeXmlElement } from '../xml.ts';
import { checkEncryption } from './encryption.ts';
import { keptOperations } from './kept.ts';

const encryptionDocument = z.strictObject({
  ServerSideEncryptionRule: z.strictObject({
    ApplyServerSideEncryptionByDefault: z.strictObject({
      SSEAlgorithm: z.string(),
      KMSMasterKeyID: z.string().optional(),
      KMSDataEncryption: z.string().optional(),
    }),
  }),
});

/** The encryption that uploads without one of their own get: kept, said again, and nothing more. */
export const bucketEncryptionOperations = keptOperations({
  resource: 'encryption',
  root: 'ServerSideEncryptionRule',
  put: 'PutBucketEncryption',
  get: 'GetBucketEncryption',
  remove: 'DeleteBucketEncryption',
  missing: { code: 'NoSuchServerSideEncryptionRule' },
  read(document, bucket) {
    const { ServerSideEncryptionRule } = readXml(Buffer.from(document), encryptionDocument);
    const rule = ServerSideEncryptionRule.ApplyServerSideEncryptionByDefault;
    const encryption = checkEncryption(rule.SSEAlgorithm, rule.KMSDataEncryption, rule.KMSMasterKeyID);
    const { KMSDataEncryption: data, ...counting } = rule;
    const isIgnored = data !== undefined && encryption.dataEncryption === undefined;
    return {
      bucket: { ...bucket, encryption },
      ...(isIgnored && {
        document: writeXmlElement({
          ServerSideEncryptionRule: { ApplyServerSideEncryptionByDefault: counting },
        }),
      }),
    };
  },
  forget({ encryption: _gone, ...bucket }) {
    return bucket;
  },
});

import * as z from 'zod';
import { refuse } from '../errors.ts';
import type { Operation } from '../operation.ts';
import { readXml } from '../read-xml.ts';
import { xmlReply } from '../reply.ts';
import { writeXmlElement } from '../xml.ts';
import { keptOperations } from './kept.ts';

/** Each total, what is part of it, and how much of it the account has: gigabits a second, and requests a second. */
const limits = [
  ['TotalUploadBandwidth', ['IntranetUploadBandwidth', 'ExtranetUploadBandwidth'], 10],
  ['TotalDownloadBandwidth', ['IntranetDownloadBandwidth', 'ExtranetDownloadBandwidth'], 10],
  ['TotalQps', ['IntranetQps', 'ExtranetQps'], 10_000],
] as const;

const unlimited = '-1';
const limit = z
  .string()
  .regex(/^(-1|\d{1,9})$/)
  .default(unlimited);
const qosElements = z.strictObject({
  TotalUploadBandwidth: limit,
  IntranetUploadBandwidth: limit,
  ExtranetUploadBandwidth: limit,
  TotalDownloadBandwidth: limit,
  IntranetDownloadBandwidth: limit,
  ExtranetDownloadBandwidth: limit,
  TotalQps: limit,
  IntranetQps: limit,
  ExtranetQps: limit,
});
const qosDocument = z.object({ QoSConfiguration: qosElements.or(z.literal('')) });

/** Bandwidth and requests of a bucket: checked and given back, and nothing is slowed. */
export const qosInfoOperations: readonly Operation[] = [
  ...keptOperations({
    resource: 'qosInfo',
    root: 'QoSConfiguration',
    put: 'PutBucketQoSInfo',
    get: 'GetBucketQoSInfo',
    remove: 'DeleteBucketQoSInfo',
    missing: { code: 'NoSuchConfiguration' },
    read: (document) => ({ document: writeXmlElement({ QoSConfiguration: readQos(document) }) }),
  }),
  {
    name: 'GetUserQoSInfo',
    method: 'GET',
    on: 'service',
    requires: ['qosInfo'],
    run: (_call, { region }) =>
      xmlReply({
        QoSConfiguration: {
          Region: region,
          ...Object.fromEntries(
            limits.flatMap(([total, parts, most]) => [
              [total, most],
              ...parts.map((part) => [part, unlimited]),
            ]),
          ),
        },
      }),
  },
];

/** @throws MalformedXML; InvalidArgument for more than the account has, or a part of more than its total (oss2's suite) */
function readQos(document: string) {
  const { QoSConfiguration } = readXml(Buffer.from(document), qosDocument);
  const qos = QoSConfiguration === '' ? qosElements.parse({}) : QoSConfiguration;
  for (const [total, parts, most] of limits) {
    const whole = qos[total] === unlimited ? most : Number(qos[total]);
    const excessive = [total, ...parts].find((name) => Number(qos[name]) > (name === total ? most : whole));
    if (excessive) {
      throw refuse('InvalidArgument', {
        details: { ArgumentName: excessive, ArgumentValue: qos[excessive] },
      });
    }
  }
  return qos;
}

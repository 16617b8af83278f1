import { refuse } from '../errors.ts';
import { newLongId } from '../ids.ts';
import { readOverwriteRules } from '../overwriting.ts';
import { writeXmlElement } from '../xml.ts';
import { keptOperations } from './kept.ts';

/** The rules by which objects cannot be overwritten; a rule without an ID gets one (documented). */
export const overwriteConfigOperations = keptOperations({
  resource: 'overwriteConfig',
  root: 'OverwriteConfiguration',
  put: 'PutBucketOverwriteConfig',
  get: 'GetBucketOverwriteConfig',
  remove: 'DeleteBucketOverwriteConfig',
  isMalformedWithoutBucket: true,
  missing: { code: 'NoSuchBucketOverwriteConfig' },
  read(document) {
    const sent = readOverwriteRules(document);
    const rules = sent.map((rule) => ({ ...rule, ID: rule.ID || newLongId() }));
    if (new Set(rules.map(({ ID }) => ID)).size < rules.length) {
      throw refuse('InvalidArgument', { message: 'The IDs of the rules must differ.' });
    }
    if (sent.every(({ ID }) => ID)) return {};
    return { document: writeXmlElement({ OverwriteConfiguration: { Rule: rules } }) };
  },
});

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The 39 cases of ceph/s3-tests about object lock (test_s3.py, test_object_lock_*), the largest suite there is. OSS has an
// equal for every one; where it answers otherwise than S3, the case says so.
const cases = `
  put_obj_lock put_obj_lock_invalid_bucket put_obj_lock_enable_after_create put_obj_lock_with_days_and_years
  put_obj_lock_invalid_days put_obj_lock_invalid_years put_obj_lock_invalid_mode put_obj_lock_invalid_status
  suspend_versioning get_obj_lock get_obj_lock_invalid_bucket put_obj_retention put_obj_retention_invalid_bucket
  put_obj_retention_invalid_mode get_obj_retention get_obj_retention_iso8601 get_obj_retention_invalid_bucket
  put_obj_retention_versionid put_obj_retention_override_default_retention put_obj_retention_increase_period
  put_obj_retention_shorten_period put_obj_retention_shorten_period_bypass delete_object_with_retention
  delete_multipart_object_with_retention delete_object_with_retention_and_marker
  multi_delete_object_with_retention put_legal_hold put_legal_hold_invalid_bucket put_legal_hold_invalid_status
  get_legal_hold get_legal_hold_invalid_bucket delete_object_with_legal_hold_on
  delete_multipart_object_with_legal_hold_on delete_object_with_legal_hold_off get_obj_metadata uploading_obj
  changing_mode_from_governance_with_bypass changing_mode_from_governance_without_bypass
  changing_mode_from_compliance`
  .trim()
  .split(/\s+/);

test('there are 39', () => {
  expect(new Set(cases).size).toBe(39);
});

test.each(cases)('%s has its case in this suite', (name) => {
  const here = import.meta.dirname;
  const others = readdirSync(here).filter((file) => file.endsWith('.test.ts') && file !== 's3-tests.test.ts');
  const sources = others.map((file) => readFileSync(`${here}/${file}`, 'utf8'));
  const asSource = new RegExp(`s3 (?:[a-z0-9_]+, )*${name}\\b(?!_)`);
  expect(sources.some((source) => asSource.test(source))).toBe(true);
});

/*
 * Reads rules and matters from their text, and approvals. The build makes a file of its own of it, which a function loads only when the rules that were
 * compiled with it are not those that it is to use (rules at oss://, or a file that was changed since), and when there are matters or approvals.
 */
export { decideApproval } from '../shared/approvals/decide.ts';
export { readApprovals } from '../shared/approvals/read.ts';
export { approvalRefusal } from '../shared/approvals/refusal.ts';
export { parseMatterRecord } from '../shared/matters/record.ts';
export { writeCompiled } from '../shared/rules/compiled-rules.ts';
export { loadRules } from '../shared/rules/load.ts';

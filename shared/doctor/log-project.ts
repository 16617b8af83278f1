import { failure } from '../platform/errors.ts';
import { type Check, fromError, linesOf } from './finding.ts';

const lines = linesOf('log project');

/** The functions have somewhere to log to: without the project or the logstore none can be created. */
export const logProjectCheck: Check = {
  name: 'log project',
  async run({ template, account, accountId }) {
    const [{ functions }, reader] = await Promise.all([template.need(), account.need()]);
    const places = new Map(
      functions.map(({ logConfig }) => {
        const project = logConfig.project.replace(/\$\{config\([^}]*\)\}/, accountId ?? '');
        return [`${project}/${logConfig.logstore}`, { project, logstore: logConfig.logstore }];
      }),
    );
    return await Promise.all(
      [...places].map(async ([name, { project, logstore }]) => {
        if (project.endsWith('-')) return lines.unchecked(name, 'needs the account', 'give --account');
        switch (await reader.getLogPlace(project, logstore)) {
          case 'there':
            return lines.ok(name, 'is there');
          case 'no-project':
            return fromError(lines, name, failure('LOG_PROJECT_MISSING', { project }));
          case 'no-logstore':
            return fromError(lines, name, failure('LOGSTORE_MISSING', { project, logstore }));
          case 'unreadable':
            return fromError(lines, name, failure('LOG_PROJECT_FOREIGN', { project }));
        }
      }),
    );
  },
};

import type { CertifiedVersion } from '../../shared/disposition/certify-version.ts';
import type { DispositionPlan } from '../../shared/disposition/plan.ts';
import type { CertifyState } from '../../shared/disposition/progress.ts';
import { bytes as inBytes, plural } from '../../shared/report/words.ts';
import { versionId } from '../../shared/storage/port.ts';
import { color, objectUrl, prose, type Report } from '../terminal/output.ts';
import type { Certificate } from './certificate.ts';
import type { CertificateFiles } from './files.ts';

/** Says what a certificate says, for people and for machines. The exit code is 1 where a person has to look at something. */
export function certificateReport(
  folder: string,
  plan: DispositionPlan,
  files: CertificateFiles,
  { gone, there, late, script, approved, certified: by }: Certificate,
  { touched, touchedVersions, left }: Pick<CertifyState, 'touched' | 'touchedVersions' | 'left'>,
): Report {
  const address = ({ bucket, key, versionId: id }: CertifiedVersion) =>
    objectUrl(plan.cloud, { bucket, key, versionId: versionId(id) });
  const isMore = touchedVersions > touched.length || there.versions > left.length + touched.length;
  const isClean = there.versions === 0 && touchedVersions === 0 && !late && script !== 'changed';
  return {
    text: [
      color.bold(
        `${plural(gone.versions, 'version')} gone (${inBytes(gone.bytes)}), ${plural(there.versions, 'version')} still there`,
      ),
      ...touched.map((line) =>
        prose(
          `${color.yellow('touched')} ${address(line)} (${line.state}): ${(line.touched ?? []).join('; ')}`,
        ),
      ),
      ...left.map((line) =>
        prose(`${color.yellow('still there')} ${address(line)}: nothing keeps it, and nobody has deleted it`),
      ),
      ...(isMore ? [`these are the first; ${files.results} has a line for each version`] : []),
      ...(late
        ? [
            prose(
              `${color.yellow('late')}: the approval of ${approved.caller} ended ${approved.until}, before this look; when each version went is not known`,
            ),
          ]
        : []),
      ...(script === 'changed'
        ? [prose(`${color.yellow('changed')}: delete.sh is not the script that was approved`)]
        : []),
      prose(
        `certificate in ${files.certificate}, recorded in the evidence by ${by.caller}; ` +
          'holdfast audit verify proves it, holdfast audit list --action disposition-certified shows its hash',
      ),
    ].join('\n'),
    json: {
      folder,
      plan: plan.hash,
      gone,
      there,
      late,
      touched,
      touchedVersions,
      script,
      certificate: files.certificate,
    },
    exitCode: isClean ? 0 : 1,
  };
}

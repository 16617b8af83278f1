/**
 * Stands for the account's id in texts that are made where it is not known: the script asks for it, and a ROS template fills it
 * in. The brackets are those of no name that Alibaba Cloud accepts, and stay as they are in JSON.
 */
export const accountMark = '⟦account⟧';

/** Puts the mark where a policy of ram/ or an s.yaml that is not filled in names the account. */
export const markAccount = (text: string): string =>
  text
    .replaceAll(/(acs:\w+:[^:"]*:)ACCOUNT\b/g, `$1${accountMark}`)
    .replaceAll(/\bholdfast-ACCOUNT\b/g, `holdfast-${accountMark}`)
    .replaceAll(/\$\{config\(['"]?AccountID['"]?\)\}/g, accountMark);

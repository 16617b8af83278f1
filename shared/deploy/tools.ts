/** The component of Serverless Devs that s.yaml names, with the version that Holdfast was tried with. */
export const component = 'fc3@0.1.22';

/**
 * The command of Serverless Devs, by its full name and version: `npx s` would run whatever package is called `s` where the
 * tool is not installed.
 */
export const serverlessDevs = 'npx @serverless-devs/s@3.1.10';

/** Deploys s.yaml. Without `-y` the tool asks, and where nobody can answer it deploys nothing and ends with exit code 0. */
export const deployCommand = `${serverlessDevs} deploy -y`;

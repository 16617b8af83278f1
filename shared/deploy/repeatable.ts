import { child, isMap } from '../rules/schema-walk.ts';
import { type Warning, warn } from '../rules/warnings/codes.ts';
import type { Resource } from './deliveries.ts';
import { component } from './tools.ts';

/**
 * Finds what makes a deployment differ from one time or account to the next, or leaves a gap while it is under way.
 * @param document the s.yaml as it stands, for what its functions do not tell
 */
export function repeatability(document: unknown, resources: readonly Resource[]): Warning[] {
  return [...unpinned(document), ...logProjects(resources), ...laterDestinations(resources)];
}

/** Without a version the component is the newest at each deployment, which may compare, ask and write in another way. */
function unpinned(document: unknown): Warning[] {
  const resources = child(document, 'resources');
  return Object.entries(isMap(resources) ? resources : {}).flatMap(([name, resource]) =>
    child(resource, 'component') === 'fc3'
      ? [
          warn(
            'unpinned',
            ['resources', name, 'component'],
            `${name} takes the newest component at each deployment; name the version: component: ${component}`,
          ),
        ]
      : [],
  );
}

/** A project that another customer has cannot be made, and the functions then have no log (SLS, CreateProject). */
function logProjects(resources: readonly Resource[]): Warning[] {
  return resources.flatMap(({ name, props: { logConfig } }) =>
    /\d{10,}|\$\{config\(/.test(logConfig.project)
      ? []
      : [
          warn(
            'log-project',
            ['resources', name, 'props', 'logConfig', 'project'],
            `any customer of the service can have a log project called ${logConfig.project}, and then nobody else in the ` +
              `region can: take the account into the name: holdfast-\${config('AccountID')}`,
          ),
        ],
  );
}

/** The resources of an s.yaml are deployed from top to bottom (Serverless Devs, yaml.md, order of services). */
function laterDestinations(resources: readonly Resource[]): Warning[] {
  return resources.flatMap(({ name, props }, index) => {
    const destination =
      props.asyncInvokeConfig.destinationConfig?.onFailure.destination.split('functions/')[1];
    const later = resources.slice(index + 1).find((other) => other.props.functionName === destination);
    if (later === undefined) return [];
    const message =
      `${name} stands above ${later.name}, its failure destination, and is deployed before it: if the deployment breaks ` +
      `off between them, what fails is kept nowhere; move ${later.name} up`;
    return [warn('destination-later', ['resources', name], message)];
  });
}

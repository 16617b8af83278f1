import { randomUUID } from 'node:crypto';

/** A log project of Simple Log Service. Its name is unique in a region over all accounts. */
export interface LogProject {
  readonly name: string;
  /** True: another account has the name. It can be neither used nor made then. */
  readonly isForeign: boolean;
  readonly logstores: readonly Logstore[];
}

/** A logstore, with its index if it has one: JSON as it was sent. */
interface Logstore {
  readonly name: string;
  readonly ttlDays: number;
  readonly index?: string | undefined;
}

/** Parameters of a call, as text. */
type LogParameters = Readonly<Record<string, string | undefined>>;

interface LogAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The log projects that are known, and the calls that make them. */
export interface LogProjects {
  find(name: string): LogProject | undefined;
  save(project: LogProject): void;
  state(): readonly LogProject[];
  /** Answers a call of the API (Simple Log Service 2020-12-30), with the service's codes. */
  call(action: string, parameters: LogParameters): LogAnswer;
}

const ok = (body: Readonly<Record<string, unknown>> = {}): LogAnswer => ({ status: 200, body });
const refused = (status: number, errorCode: string, errorMessage: string): LogAnswer => ({
  status,
  body: { errorCode, errorMessage, requestId: randomUUID() },
});

/** Makes the projects. @param onChange called after each change */
export function createLogProjects(before: readonly LogProject[], onChange: () => void): LogProjects {
  const projects = new Map(before.map((project) => [project.name, project]));
  const save = (project: LogProject) => {
    projects.set(project.name, project);
    onChange();
  };

  const saveLogstore = (project: LogProject, store: Logstore): LogAnswer => {
    const others = project.logstores.filter(({ name }) => name !== store.name);
    save({ ...project, logstores: [...others, store] });
    return ok();
  };

  const ofProject = (project: LogProject, action: string, parameters: LogParameters): LogAnswer => {
    const name = parameters['logstoreName'] ?? '';
    if (action === 'GetProject') return ok({ projectName: project.name, status: 'Normal' });
    if (action === 'DeleteProject') {
      projects.delete(project.name);
      onChange();
      return ok();
    }
    const found = project.logstores.find((each) => each.name === name);
    const saveStore = (store: Logstore) => saveLogstore(project, store);
    if (name === '') return refused(400, 'ParameterInvalid', 'logstoreName is required');
    if (action === 'CreateLogStore') {
      if (found) return refused(400, 'LogStoreAlreadyExist', `logstore ${name} already exists`);
      return saveStore({ name, ttlDays: Number(parameters['ttl'] ?? 30) });
    }
    if (!found) return refused(404, 'LogStoreNotExist', `logstore ${name} does not exist`);
    return ofLogstore(found, action, parameters, saveStore);
  };

  return {
    find: (name) => projects.get(name),
    save,
    state: () => [...projects.values()],
    call(action, parameters) {
      const name = parameters['projectName'] ?? '';
      const project = projects.get(name);
      if (action === 'CreateProject') {
        if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
          return refused(400, 'ParameterInvalid', `${name} is no name of a project`);
        }
        if (project) return refused(400, 'ProjectAlreadyExist', `Project ${name} already exist.`);
        save({ name, isForeign: parameters['foreign'] === 'true', logstores: [] });
        return ok();
      }
      if (!project) return refused(404, 'ProjectNotExist', `The Project does not exist : ${name}`);
      if (project.isForeign) {
        return refused(401, 'Unauthorized', `denied by sts or ram, action: log:${action}, project: ${name}`);
      }
      return ofProject(project, action, parameters);
    },
  };
}

function ofLogstore(
  store: Logstore,
  action: string,
  parameters: LogParameters,
  save: (store: Logstore) => LogAnswer,
): LogAnswer {
  const { name, ttlDays, index } = store;
  if (action === 'GetLogStore') return ok({ logstoreName: name, ttl: ttlDays, shardCount: 2 });
  if (action === 'UpdateLogStore') return save({ ...store, ttlDays: Number(parameters['ttl'] ?? ttlDays) });
  if (action === 'CreateIndex') {
    if (index === undefined) return save({ ...store, index: parameters['body'] ?? '{}' });
    return refused(400, 'IndexAlreadyExist', 'log store index is already created');
  }
  if (action !== 'GetIndex' && action !== 'UpdateIndex') {
    return refused(404, 'InvalidAction.NotFound', `there is no action ${action} here`);
  }
  if (index === undefined) return refused(404, 'IndexConfigNotExist', 'there is no index');
  if (action === 'GetIndex') return ok({ index });
  return save({ ...store, index: parameters['body'] ?? index });
}

import { headCommit } from '../git/questions.ts';
import { openRepository } from '../git/repository.ts';
import type { LocalProject } from '../operations/project.ts';

/** The project with the commit its code is at now, where there is one and git answers. Nobody waits for it before it is needed. */
export function atCommit(project: LocalProject, env: NodeJS.ProcessEnv): LocalProject {
  return { ...project, commit: commitAt(project.store.path, env).catch(() => undefined) };
}

async function commitAt(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const repository = await openRepository(folder, env);
  return repository && headCommit(repository);
}

import { headCommit } from '../git/questions.ts';
import { openRepository } from '../git/repository.ts';
import type { Project } from '../operations/project.ts';

/** The project with the commit its code is at now, where there is one and git answers. Nobody waits for it before it is needed. */
export function atCommit(project: Project, env: NodeJS.ProcessEnv): Project {
  return { ...project, commit: commitAt(project.store.label, env).catch(() => undefined) };
}

async function commitAt(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const repository = await openRepository(folder, env);
  return repository && headCommit(repository);
}

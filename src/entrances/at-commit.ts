import { headCommit } from '../git/questions.ts';
import { openRepository } from '../git/repository.ts';
import type { Project } from '../operations/project.ts';

/** The project with the commit its code is at, where there is one and git answers. */
export async function atCommit(project: Project): Promise<Project> {
  try {
    const repository = await openRepository(project.store.label, process.env);
    const commit = repository && (await headCommit(repository));
    return commit === undefined ? project : { ...project, commit };
  } catch {
    return project;
  }
}

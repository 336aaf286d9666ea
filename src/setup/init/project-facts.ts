import type { Settlement } from '../../core/privacy/select.ts';
import type { PackageManager } from '../../project/package-manager.ts';
import type { MergeProgram } from './shell.ts';

/** What is to be known about a project before anything is decided. `survey.ts` finds it out; plans only read it. */
export interface ProjectFacts {
  /** The app's folder. */
  readonly root: string;
  /** The top of the work tree; undefined where there is no repository. */
  readonly top: string | undefined;
  /** The app's folder from the top, with slashes; empty at the top. */
  readonly under: string;
  readonly manager: PackageManager;
  /** Yarn 2 or later, which builds only those native packages that it is told to. */
  readonly modernYarn: boolean;
  readonly typescript: boolean;
  /** `package.json`, of the app and of the top. */
  readonly manifests: readonly Manifest[];
  /** How the app is started, where it is in another language. */
  readonly start: string | undefined;
  readonly branch: string | undefined;
  /** The address of `origin`. */
  readonly remote: string | undefined;
  /** `core.hooksPath`, where it is set. */
  readonly hooksPath: string | undefined;
  /** Where git looks for hooks. */
  readonly hooksFolder: string | undefined;
  /** Of the keys that matter here, those that are set in the repository's own configuration. */
  readonly gitConfig: ReadonlyMap<string, string>;
  /** The folder of the node that runs this. */
  readonly nodeFolder: string;
  /** What is to merge pointers: the program that does already, while it is there, else this project's, else the one that runs. */
  readonly program: MergeProgram | undefined;
  readonly installed: boolean;
  readonly plugAndPlay: boolean;
  /** Of the databases those that git tracks. */
  readonly tracked: readonly string[];
  /** Whether git ignores the backups folder. */
  readonly backupsIgnored: boolean;
  /** The content of every file that a plan may look at, by absolute path. */
  readonly files: ReadonlyMap<string, string>;
  /** Files among them that may not be executed. */
  readonly notExecutable: ReadonlySet<string>;
}

export interface Manifest {
  readonly path: string;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names of everything it depends on, for production or development. */
  readonly dependencies: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

/** A database as the configuration is to name it. */
export interface WishedDatabase {
  /** Where it is not what `db` ends with. */
  readonly name?: string;
  /** A path from the app's folder, or another target. */
  readonly db: string;
  /** Where it lies, as a file or a folder; undefined where that is nowhere here. The path is absolute. */
  readonly file: { readonly path: string; readonly besides: readonly string[] } | undefined;
  /** Then apps can have it opened. */
  readonly isSqlite: boolean;
  /** What a new configuration must say for the first backup to be one. */
  readonly privacy?: Settlement | undefined;
}

/** What the user wants, as it was found or named. */
export interface Wishes extends WishedDatabase {
  /** An absolute path, as the next. */
  readonly dir: string;
  /** The configuration file there is. */
  readonly configFile: string | undefined;
  /** The variable that says where the database is, where that is PostgreSQL on a server and the only one. */
  readonly addressIn?: string;
  /** The databases besides the first. */
  readonly others: readonly WishedDatabase[];
}

import type { Environment } from './config.ts';

/** What a program runs on, as far as that matters to its files. */
export interface Host {
  /** How people call it. */
  readonly name: string;
  /** Whether files are gone when it restarts: always, unless they lie on a volume, or never. */
  readonly forgets: 'always' | 'off-volumes' | 'never';
  /** What it is to the data, where being there says so. */
  readonly environment: string | undefined;
}

interface Kind {
  /** What `OVERWINTER_HOST` calls it. */
  readonly id: string;
  readonly name: string;
  readonly is: (env: Environment, exists: (path: string) => boolean) => boolean;
  readonly forgets: Host['forgets'];
  readonly environment: (env: Environment) => string | undefined;
}

const production = () => 'production';
const development = () => 'development';
const said = (value: string | undefined) => value !== undefined && value !== '';

/** More telling ones first: many of these run in a Docker container, and a runner or a codespace may be told of a host. */
const KINDS: readonly Kind[] = [
  {
    id: 'github-actions',
    name: 'GitHub Actions',
    is: (env) => env.GITHUB_ACTIONS === 'true',
    forgets: 'always',
    environment: () => 'ci',
  },
  {
    id: 'codespaces',
    name: 'GitHub Codespaces',
    is: (env) => env.CODESPACES === 'true',
    forgets: 'never',
    environment: development,
  },
  {
    id: 'replit-deployment',
    name: 'Replit Deployments',
    is: (env) => said(env.REPL_ID) && said(env.REPLIT_DEPLOYMENT) && env.REPLIT_DEPLOYMENT !== '0',
    forgets: 'always',
    environment: production,
  },
  {
    id: 'replit',
    name: 'Replit',
    is: (env) => said(env.REPL_ID),
    forgets: 'never',
    environment: development,
  },
  {
    id: 'render',
    name: 'Render',
    is: (env) => env.RENDER === 'true',
    forgets: 'off-volumes',
    environment: (env) => (env.IS_PULL_REQUEST === 'true' ? 'preview' : 'production'),
  },
  {
    id: 'heroku',
    name: 'Heroku',
    is: (env) => said(env.DYNO),
    forgets: 'always',
    environment: production,
  },
  {
    id: 'railway',
    name: 'Railway',
    is: (env) => said(env.RAILWAY_PROJECT_ID) || said(env.RAILWAY_ENVIRONMENT_NAME) || said(env.RAILWAY_ENVIRONMENT),
    forgets: 'off-volumes',
    environment: (env) => env.RAILWAY_ENVIRONMENT_NAME || env.RAILWAY_ENVIRONMENT || 'production',
  },
  {
    id: 'fly',
    name: 'Fly.io',
    is: (env) => said(env.FLY_APP_NAME),
    forgets: 'off-volumes',
    environment: production,
  },
  {
    id: 'vercel',
    name: 'Vercel',
    is: (env) => env.VERCEL === '1',
    forgets: 'always',
    environment: (env) => env.VERCEL_ENV || 'production',
  },
  {
    id: 'netlify',
    name: 'Netlify',
    is: (env) => env.NETLIFY === 'true' || (said(env.SITE_ID) && said(env.AWS_LAMBDA_FUNCTION_NAME)),
    forgets: 'always',
    environment: ({ CONTEXT }) => {
      if (!said(CONTEXT) || CONTEXT === 'production') return 'production';
      return CONTEXT === 'dev' ? 'development' : 'preview';
    },
  },
  {
    id: 'cloud-run',
    name: 'Cloud Run',
    is: (env) => said(env.K_SERVICE) || said(env.CLOUD_RUN_JOB),
    forgets: 'off-volumes',
    environment: production,
  },
  {
    id: 'huggingface',
    name: 'Hugging Face Spaces',
    is: (env) => said(env.SPACE_ID),
    forgets: 'off-volumes',
    environment: production,
  },
  {
    id: 'streamlit',
    name: 'Streamlit Community Cloud',
    is: (env, exists) => exists('/mount/src') || env.HOSTNAME === 'streamlit',
    forgets: 'always',
    environment: production,
  },
  {
    id: 'docker',
    name: 'a Docker container',
    is: (_env, exists) => exists('/.dockerenv'),
    forgets: 'off-volumes',
    environment: () => undefined,
  },
];

/** Every name that `OVERWINTER_HOST` understands besides `none`. */
export const HOSTS: readonly string[] = KINDS.map(({ id }) => id);

/**
 * The host a program runs on, by what hosts tell their programs. `OVERWINTER_HOST` says it where that is wrong; `none` is a machine
 * that keeps its files. Undefined on an ordinary machine.
 */
export function detectHost(env: Environment, exists: (path: string) => boolean): Host | undefined {
  const named = env.OVERWINTER_HOST?.toLowerCase();
  const kind = said(named) ? KINDS.find(({ id }) => id === named) : KINDS.find((each) => each.is(env, exists));
  return kind && { name: kind.name, forgets: kind.forgets, environment: kind.environment(env) };
}

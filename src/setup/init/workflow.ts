export interface WorkflowSettings {
  readonly packageManager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  readonly defaultBranch: string;
  /** Where backups of deployments go: into the branch that was pushed, or a branch of their own. */
  readonly branch: 'same' | 'backups';
  /** The app's folder from the top of the repository, where it is not the top. */
  readonly folder?: string;
  /** The variable that holds the address, where the database is PostgreSQL on a server. */
  readonly addressIn?: string;
}

/** Pinned by commit, because a tag can be moved to other code. */
const CHECKOUT = 'actions/checkout@34e114876b0b11c390a56381ad16ebd13914f8d5 # v4.3.1';
const SETUP_NODE = 'actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0';

interface Commands {
  readonly install: string;
  readonly run: string;
}

const COMMANDS: Record<WorkflowSettings['packageManager'], Commands> = {
  // Other people's scripts are not run, but for the driver's, which builds it or brings its binary.
  npm: { install: 'npm ci --ignore-scripts && npm rebuild better-sqlite3', run: 'npx --no-install overwinter' },
  pnpm: {
    install: 'corepack enable && pnpm install --frozen-lockfile --ignore-scripts && pnpm rebuild better-sqlite3',
    run: 'pnpm exec overwinter',
  },
  // In CI, yarn 2 and later refuse to change the lock file without being told.
  yarn: { install: 'corepack enable && yarn install', run: 'yarn run overwinter' },
  bun: { install: 'npm install --global bun && bun install --frozen-lockfile', run: 'bunx overwinter' },
};

/** `.github/workflows/overwinter.yml`: what is deployed by a push is kept as a backup. */
export function workflowFile(settings: WorkflowSettings): string {
  const { run } = COMMANDS[settings.packageManager];
  return `name: Backup

on:
  push:
    branches: [${JSON.stringify(settings.defaultBranch)}]
  workflow_dispatch:

# One at a time, and none is broken off. A push made in here starts no workflow again.
concurrency:
  group: overwinter-backup
  cancel-in-progress: false

permissions: {}

jobs:
  backup:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: write # to push the backup
${service(settings)}${steps(settings)}
      - name: Keep what is deployed as a backup, and try to restore it
${SECRETS}${emptyDatabase(settings)}
          OVERWINTER_GIT_TOKEN: \${{ github.token }} # the only step that may push
        run: ${run} ci${branchFlag(settings)}
        # Where the app runs with its panel, it can give its own data. Keep a token that may read ('gh secret set OVERWINTER_TOKEN'),
        # put this in place of the line above, and the token beside the others:
        # run: ${run} ci${branchFlag(settings)} --app https://app.example.org/settings/backups
        #   OVERWINTER_TOKEN: \${{ secrets.OVERWINTER_TOKEN }}
`;
}

/** `.github/workflows/overwinter-check.yml`: looks every day whether backups still come, and whether they restore. */
export function scheduleFile(settings: WorkflowSettings): string {
  const { run } = COMMANDS[settings.packageManager];
  return `name: Backup check

# In a file of its own: when GitHub stops a schedule, it stops the whole file.
on:
  schedule:
    - cron: '17 4 * * *'
  workflow_dispatch:

concurrency:
  group: overwinter-backup-check${groupEnd(settings)}
  cancel-in-progress: true

permissions: {}

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # it looks, and pushes nothing
${service(settings)}${steps(settings)}
      # Where production does not save its data itself, watch another: --environment development
      - name: Try to restore the newest backup, and fail when production's is older than two days
${SECRETS}${emptyDatabase(settings)}
        run: ${run} ci --dry-run --max-age 2d${branchFlag(settings)}
      - name: Say so before GitHub stops this schedule
        if: always()
        run: |
${indent(KEEP_ALIVE, 10)}`;
}

/** `.github/workflows/overwinter-pull-request.yml`: says on a pull request what it does to the rows. */
export function pullRequestFile(settings: WorkflowSettings): string {
  const { run } = COMMANDS[settings.packageManager];
  return `name: Backups in a pull request

on:
  pull_request:
    branches: [${JSON.stringify(settings.defaultBranch)}]

# Of the pushes to one pull request, the last is what counts.
concurrency:
  group: overwinter-pull-request${groupEnd(settings)}-\${{ github.ref }}
  cancel-in-progress: true

permissions: {}

jobs:
  compare:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read # nothing is pushed
      pull-requests: write # for the one comment; a fork is given no such right
${service(settings)}${steps(settings)}
      - name: Say what it does to the rows, and try to restore them
${SECRETS}${emptyDatabase(settings)}
          OVERWINTER_GIT_TOKEN: \${{ github.token }} # the only step that may comment
        run: ${run} ci
`;
}

/**
 * `.github/workflows/overwinter-production.yml`, where the database has an address: saves production's every night, whether the app runs
 * or not. Without the secret nothing runs.
 */
export function productionFile(settings: WorkflowSettings, addressIn: string): string {
  const { run } = COMMANDS[settings.packageManager];
  const isThere = "steps.address.outputs.is-there == 'yes'";
  return `name: Backup of production

# Reads the database where it is. Give the address of one who may read everything: 'gh secret set ${addressIn}'
on:
  schedule:
    - cron: '41 3 * * *'
  workflow_dispatch:

# One at a time with the other that pushes.
concurrency:
  group: overwinter-backup
  cancel-in-progress: false

permissions: {}

jobs:
  backup:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: write # to push the backup
${service(settings)}${before(settings)}
      - name: See whether there is an address
        id: address
        env:
          ADDRESS: \${{ secrets.${addressIn} }}
        run: |
          if [ -n "$ADDRESS" ]; then
            echo "is-there=yes" >> "$GITHUB_OUTPUT"
          else
            echo "::notice::Production is not saved from here: 'gh secret set ${addressIn}' gives its address."
          fi
${preparing(settings, isThere)}
      - name: Save production, and try to restore it
        if: ${isThere}
${SECRETS}
          ${addressIn}: \${{ secrets.${addressIn} }}
          OVERWINTER_DRILL: ${BESIDE} # backups are tried there, and not beside production
          OVERWINTER_GIT_TOKEN: \${{ github.token }} # the only step that may push
        run: ${run} ci${branchFlag(settings)} --db env:${addressIn} --environment production
`;
}

/** Only the step that needs them gets the keys; installing runs other people's scripts. */
const SECRETS = `        env:
          # Empty, and not needed, where backups are not encrypted.
          OVERWINTER_IDENTITY: \${{ secrets.OVERWINTER_IDENTITY }}
          OVERWINTER_PASSPHRASE: \${{ secrets.OVERWINTER_PASSPHRASE }}
          # Who hears when this fails, and when backups stop: 'gh secret set OVERWINTER_NOTIFY', as in ntfy://ntfy.sh/your-topic
          OVERWINTER_NOTIFY: \${{ secrets.OVERWINTER_NOTIFY }}`;

/** GitHub disables schedules after 60 days without activity, and tells few people. */
const KEEP_ALIVE = `days=$(( ($(date +%s) - $(git log -1 --format=%ct)) / 86400 ))
if [ "$days" -ge 45 ]; then
  echo "::warning::No commit for $days days. After 60 GitHub stops this check: push a commit, or enable it again under Actions."
fi
`;

/** An empty server of the job's own, which nobody else reaches. */
const BESIDE = 'postgres://postgres@localhost:5432/postgres';

function service({ addressIn }: WorkflowSettings): string {
  if (addressIn === undefined) return '';
  return `    services:
      postgres: # backups are restored into it on trial
        image: postgres:18 # at least as new as production's; with PostGIS or pgvector, an image that has it
        env:
          POSTGRES_HOST_AUTH_METHOD: trust
        ports: ['5432:5432']
        options: --health-cmd pg_isready --health-interval 2s --health-timeout 5s --health-retries 30
`;
}

const emptyDatabase = ({ addressIn }: WorkflowSettings) =>
  addressIn === undefined
    ? ''
    : `\n          ${addressIn}: ${BESIDE} # an empty one: what is deployed is in the commit`;

const steps = (settings: WorkflowSettings) => `${before(settings)}\n${preparing(settings)}`;

function before({ folder }: WorkflowSettings): string {
  const inFolder = folder ? `    defaults:\n      run:\n        working-directory: ${JSON.stringify(folder)}\n` : '';
  return `${inFolder}    env:
      HUSKY: '0'
    steps:`;
}

function preparing({ packageManager }: WorkflowSettings, condition?: string): string {
  const onlyIf = condition === undefined ? '' : `        if: ${condition}\n`;
  return `      - uses: ${CHECKOUT}
${onlyIf}        with:
          fetch-depth: 0 # parts that a merge lost are brought back from history
          persist-credentials: false # what is installed below cannot push
      - uses: ${SETUP_NODE}
${onlyIf}        with:
          node-version: 22
      - name: Install
${onlyIf}        run: ${COMMANDS[packageManager].install}`;
}

/** Apps of one repository do not break each other off. */
const groupEnd = ({ folder }: WorkflowSettings) =>
  folder === undefined ? '' : `-${folder.replace(/[^A-Za-z0-9_-]+/g, '-')}`;

const branchFlag = ({ branch }: WorkflowSettings) => (branch === 'same' ? '' : ` --branch ${branch}`);

function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

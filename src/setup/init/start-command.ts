import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** How apps in other languages than JavaScript are started, by the file that tells which it is; the most telling first. */
const STARTS: readonly (readonly [file: string, command: string])[] = [
  ['manage.py', 'python manage.py runserver'],
  ['artisan', 'php artisan serve'],
  ['bin/rails', 'bin/rails server'],
  ['pb_data', './pocketbase serve'],
  ['mix.exs', 'mix phx.server'],
  ['go.mod', 'go run .'],
  ['Cargo.toml', 'cargo run --release'],
  ['pom.xml', 'java -jar target/app.jar'],
  ['build.gradle', 'java -jar build/libs/app.jar'],
  ['streamlit_app.py', 'streamlit run streamlit_app.py'],
  ['pyproject.toml', 'python app.py'],
  ['requirements.txt', 'python app.py'],
  ['Gemfile', 'bundle exec rackup'],
  ['composer.json', 'php -S 127.0.0.1:8000'],
];

export function startCommand(root: string): string | undefined {
  return STARTS.find(([file]) => existsSync(join(root, file)))?.[1];
}

import { fit } from './fit.ts';

/** What stands below the options: its paragraphs are written in lines as long as they come, and are set anew for the terminal. */
export const helpText = (text: string, columns: number): string =>
  text
    .split('\n\n')
    .map((paragraph) => fit(isProse(paragraph) ? paragraph.replace(/(?<=\S)\n(?=\S)/g, ' ') : paragraph, columns))
    .join('\n\n');

/** Lists and examples are indented. */
const isProse = (paragraph: string) => !/^\s|^(Usage|Examples|Options|Commands|Arguments):/m.test(paragraph.trim());

/** How hard `status` looks: `quick` reads only what is small. `thorough` reads whatever it takes to know, short of a restore. */
export type Effort = 'quick' | 'thorough';

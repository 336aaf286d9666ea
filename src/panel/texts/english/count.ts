const numbers = new Intl.NumberFormat('en');

export const number = (value: number): string => numbers.format(value);

export const many = (count: number, one: string, other = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : other}`;

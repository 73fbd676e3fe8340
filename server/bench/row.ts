/** A line of the bench's table. */
export interface Row {
  name: string
  value: number
  unit: 'times' | 'ms' | 'MB' | '% of a core' | '/s' | 'answers'
  /** what the value is to be at least, or at most */
  target: { atLeast: number } | { atMost: number }
}

export function isMet({ value, target }: Row): boolean {
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost
}

/** How long and how often is measured: `quick` covers every row, more roughly. */
export interface Effort {
  /** milliseconds of one load */
  load: number
  rounds: number
  /** practices in the larger database */
  many: number
  /** changes waited for, of each kind */
  changes: number
  /** milliseconds for which the processor time of waiting is measured */
  rest: number
  /** requests held at the same time; connections made one after the other, and at once; starts */
  held: number
  connections: number
  atOnce: number
  starts: number
}

export const efforts: Record<'quick' | 'whole', Effort> = {
  quick: {
    load: 400,
    rounds: 3,
    // To fill in a million takes half of the two minutes that it may take.
    many: 250_000,
    changes: 40,
    held: 10_000,
    rest: 2_500,
    connections: 25,
    atOnce: 300,
    starts: 3,
  },
  whole: {
    load: 2_000,
    rounds: 11,
    many: 1_000_000,
    changes: 300,
    held: 10_000,
    rest: 8_000,
    connections: 100,
    atOnce: 1_500,
    starts: 9,
  },
}
